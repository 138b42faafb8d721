#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory runs out at each allocation in turn, of the core's own functions: what of the
# native suite does not take too long here, with the kernel's allocator.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

faults_set_up
rc=0
rmmod tripmap
for name in create iterator small_entries split; do
	ktap tripmap_core_test only=fault.$name faults=1 || rc=1
done
anew
exit $rc
