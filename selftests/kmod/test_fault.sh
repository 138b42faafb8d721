#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory runs out at each allocation in turn, of every request.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

HELPER=$(dirname "$0")/fault_helper

faults_set_up

request()
{
	"$HELPER" "${FUNCNAME[1]#request_}"
}

anew allow_inject=1 report_once_ms=0
# Each request is a test of its own.
for name in $("$HELPER" list); do
	eval "request_$name() { request; }"
done
# shellcheck disable=SC2046 # names
run_tests $("$HELPER" list | sed 's/^/request_/')
rc=$?
anew
exit $rc
