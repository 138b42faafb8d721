#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tests of selftests/core in the kernel, the million random operations among
# them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

rc=0
rmmod tripmap
ktap tripmap_core_test || rc=1
anew
exit $rc
