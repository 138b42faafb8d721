#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two kernel threads store into one table: ten seconds with a report for each
# refusal, then with repeats suppressed, parked, and with a lock.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

rc=0
anew report_once_ms=0
ktap tripmap_scenario scenario=ww2 seconds=10 || rc=1
ktap tripmap_scenario scenario=writers seconds=5 || rc=1
anew report_once_ms=3000
ktap tripmap_scenario scenario=ww2 seconds=3 || rc=1
ktap tripmap_scenario scenario=ww2 seconds=1 action=count || rc=1
anew
exit $rc
