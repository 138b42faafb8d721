#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The core in the kernel: a million random operations against the naive model.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

rc=0
rmmod tripmap
ktap tripmap_core_test only=model || rc=1
anew
exit $rc
