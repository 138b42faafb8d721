#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guest.sh OPTION...: the fuzzer, in the guest; what it leaves behind can be removed then.
cd "$(dirname "$0")" || exit
. ./params.sh

rc=0
./fuzz "$@" || rc=$?
repair_tables
exit $rc
