# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# To be sourced. What the module is loaded with to be fuzzed: all that can be asked of it, within
# limits that a small machine has room for. Nothing that ends a machine: WARN() is a
# finding.

# shellcheck disable=SC2034 # used by the scripts that source this file
FUZZ_PARAMS="on_violation=report report_once_ms=60000 allow_inject=1 recorder_share=1
	max_tables=400 max_entries=2000000 max_memory=134217728"

# Forged flags would keep tables from being deleted.
repair_tables()
{
	local name

	for name in $(tripctl -j table show | jq -r '.[].name'); do
		tripctl repair "$name" >/dev/null
	done
}
