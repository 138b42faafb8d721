#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The core in the kernel: everything but the model's million.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

percent=100
is_debug && percent=20
rc=0
rmmod tripmap
ktap tripmap_core_test except=model percent=$percent || rc=1
anew
exit $rc
