#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A user of /dev/tripmap_sample: one session, kept alive until it is killed."""

import errno
import fcntl

REFRESH = ord("t") << 8 | 1

with open("/dev/tripmap_sample", "rb", buffering=0) as session:
    while True:
        try:
            fcntl.ioctl(session, REFRESH)
        except OSError as e:
            if e.errno != errno.EBUSY:
                raise
