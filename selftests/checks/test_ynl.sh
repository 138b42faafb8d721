#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A foreign client, the kernel's own ynl, drives the family from its
# specification.

here=$(dirname "$0")
exec python3 "$here/foreign.py" "$here/ynl" "$here/tripmap.yaml"
