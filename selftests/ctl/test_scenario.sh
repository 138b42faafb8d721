#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# scenario and classify: violations made to order, and what their log tells.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

export TRIPMAP_SCENARIO=/lib/tripmap/tripmap_scenario.ko
[ -e "$TRIPMAP_SCENARIO" ] || skip_all "there is no scenario module"

listed()
{
	ok -j scenario list
	json 'len(d) > 5 and len(set(s["name"] for s in d)) == len(d)'
	json 'all(s["runs"] and s["must_be_seen"] and s["must_never_be_seen"] for s in d)'
	ok scenario
	has "must never be seen"
}

has_run()
{
	ok -j scenario run reentrant seconds 1
	json 'd["verdict"] == "passed" and d["failed"] == 0 and d["name"] == "reentrant"'
	json 'any(r["class"] == "reentrant-write" for r in d["reports"])'
	# The functions have names, for as long as their module is there.
	json 'not any("unknown" in r["title"] for r in d["reports"])'
	json 'any(l["text"].startswith("ok ") for l in d["log"])'
	json 'not any(l["text"].startswith("tripmap: ") for l in d["log"])'
	[ ! -d /sys/module/tripmap_scenario ] || fail "the module is still loaded"
	ok scenario run reentrant seconds 1 module "$TRIPMAP_SCENARIO"
	has "reentrant: passed"
	ok scenario run reentrant seconds 1 keep
	ok -j report show "$(tripctl -j report list limit 1 | jq '.[0].id')"
	json '"unknown" not in d["title"] and "[tripmap_scenario]" in d["victim"]["called_from"]'
	rmmod tripmap_scenario || fail "it was not kept"
	ok scenario run reentrant seconds 1
	has "reentrant-write"
}

# What the log says of it is what the report said.
classified()
{
	ok scenario run reentrant seconds 1
	dmesg >"$TMP/log"
	ok -j classify "$TMP/log"
	json 'd[-1]["class"] == "reentrant-write" and d[-1]["confidence"] == "certain"'
	json 'd[-1]["evidence"][0]["text"].startswith("tripmap: reentrant-write in ")'
	ok classify "$TMP/log"
	has "reentrant-write"
	echo "nothing of that kind" >"$TMP/log"
	refuses 1 "no tripmap call in it" classify "$TMP/log"
	refuses 1 "No such file" classify "$TMP/nosuch"
	refuses 2 'what is "more"' classify "$TMP/log" more
}

refused()
{
	refuses 2 'no scenario "frob" (there are' scenario run frob
	refuses 2 "NAME is missing" scenario run
	refuses 2 "seconds must be a number" scenario run reentrant seconds 0
	refuses 1 "nosuch.ko" scenario list module /nosuch.ko
	refuses 1 "no_such_module" scenario list module no_such_module
	refuses 2 "none in this module" scenario run x module /lib/tripmap/tripmap.ko
	insmod "$TRIPMAP_SCENARIO" scenario=none.at.all
	refuses 1 "File exists" scenario run reentrant
	rmmod tripmap_scenario
}

run_tests listed has_run classified refused
