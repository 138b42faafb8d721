#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# needs: memory
#
# Twenty million entries in one table, made by kernel code: stored, looked up, walked,
# overwritten, half of them deleted, the table cleared and destroyed. What it held is
# given back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

memory_is_given_back()
{
	wait_for 60 nothing_held
}

# A look at all of them keeps writers out for seconds, on a busy host for more than ten.
anew max_memory=$((2 << 30)) stale_ms=60000
rc=0
ktap tripmap_large entries=20000000 || rc=1
run_tests memory_is_given_back || rc=1
anew
exit $rc
