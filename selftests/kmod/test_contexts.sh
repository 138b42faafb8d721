#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Softirqs, hardirqs and NMIs, alone and in the middle of a write.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

# Walking stacks within an emulated NMI takes its time; the kernel need not say so.
longest=/sys/kernel/debug/x86/nmi_longest_ns
[ ! -e $longest ] || echo 1000000000 >$longest

anew report_once_ms=0
ktap tripmap_scenario scenario=contexts,irq-on-write
rc=$?
anew
exit $rc
