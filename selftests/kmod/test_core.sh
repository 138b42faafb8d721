#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tests of selftests/core in the kernel, the million random operations among
# them; fewer where the kernel's own checkers watch each access, and TM_PERCENT of them
# where that is asked for.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

percent=100
# Of those only our own builds have their configuration with them.
[ ! -e /proc/config.gz ] || percent=5
rc=0
rmmod tripmap
ktap tripmap_core_test percent="${TM_PERCENT:-$percent}" || rc=1
anew
exit $rc
