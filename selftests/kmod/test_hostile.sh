#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Use that knows no measure: ten thousand tables, every byte there is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kmod.sh"

TABLES=10000
# Each one that is deleted waits for its readers; a namespace's end, once for many.
DELETED=500

ten_thousand_tables()
{
	local before

	anew max_tables="$TABLES"
	ip netns add crowd || fail "no namespace"
	tripctl() { ip netns exec crowd tripctl "$@"; }
	numbered 1 "$TABLES" "table add t@ key u32 value u32 bits 0" >"$TMP/make"
	numbered 1 "$TABLES" "set t@ @ @" >"$TMP/use"
	numbered 1 "$TABLES" "get t@ @" >"$TMP/look"
	numbered 1 "$DELETED" "table del t@" >"$TMP/drop"
	ok -b "$TMP/make"
	ok -b "$TMP/use"
	ok -b "$TMP/look"
	is "$(seq "$TABLES")"
	tripctl -j table show >"$TMP/list" || fail "no list"
	[ "$(jq 'length' <"$TMP/list")" = "$TABLES" ] || fail "not all are listed"
	[ "$(jq 'map(.name) | unique | length' <"$TMP/list")" = "$TABLES" ] || fail "some twice"
	[ "$(jq 'map(.entries) | add' <"$TMP/list")" = "$TABLES" ] || fail "not one entry each"
	counter memory-all
	before=$N
	ok -b "$TMP/drop"
	tripctl -j table show >"$TMP/list" || fail "no list"
	[ "$(jq -c 'map(.name[1:] | tonumber) | sort | [.[0], length]' <"$TMP/list")" = \
		"[$((DELETED + 1)),$((TABLES - DELETED))]" ] || fail "others are left"
	wait_for 60 held $((before * (TABLES - DELETED) / TABLES))
	unset -f tripctl
	ip netns del crowd
	wait_for 300 nothing_held
	anew
}

# Of the names of one odd byte in the middle those of letters, digits and ._:@- are
# tables, and no others.
names_of_every_byte()
{
	python3 - "$TMP/names" <<-'EOF'
		import sys
		with open(sys.argv[1], "w") as f:
		    for byte in range(256):
		        print(f'table add "n\\x{byte:02x}n" key u8 value u8', file=f)
	EOF
	ctl --force -b "$TMP/names"
	[ "$(grep -c "$TMP/names:" "$TMP/err")" = $((256 - 67)) ] || fail "refused otherwise: $ERR"
	ok -j table show
	json 'sorted(t["name"][1] for t in d) == sorted(c for c in map(chr, range(256)) if c.isascii() and (c.isalnum() or c in "._:@-"))'
}

# odd_entries FILE: a save file with keys and values of every byte, and of many
odd_entries()
{
	python3 - "$1" <<-'EOF'
		import random, sys
		def word(data):
		    return '"' + "".join(f"\\x{b:02x}" for b in data) + '"'
		random.seed(7)
		with open(sys.argv[1], "w") as f:
		    print("tripmap-save 1\ntable odd key str:256 value str:4096", file=f)
		    for b in range(1, 256):
		        print(word([b]), word(bytes([b]) * 4096), file=f)
		    for n in range(2, 257, 7):
		        print(word(range(256 - n, 256)), word(random.randbytes(4095) + b"."), file=f)
		    print("end", 255 + len(range(2, 257, 7)), file=f)
	EOF
}

# Keys and values of 4096 bytes, each of them any, are the same after a save and a
# restore, and in a dump.
every_byte_there_and_back()
{
	odd_entries "$TMP/odd"
	ok restore "$TMP/odd"
	ok save odd "$TMP/once"
	tripctl -j dump odd >"$TMP/dump" || fail "no dump"
	ok table del odd
	ok restore "$TMP/once"
	ok save odd "$TMP/twice"
	cmp <(sort "$TMP/once") <(sort "$TMP/twice") || fail "not the same after a restore"
	python3 - "$TMP/odd" "$TMP/once" <<-'EOF' || fail "not what was written"
		import ast, re, sys
		def entries(name):
		    for line in open(name):
		        if line.startswith('"'):
		            yield [ast.literal_eval("b" + w) for w in re.findall(r'"(?:[^"\\]|\\.)*"', line)]
		sys.exit(sorted(entries(sys.argv[1])) != sorted(entries(sys.argv[2])))
	EOF
	[ "$(jq length <"$TMP/dump")" = "$(($(wc -l <"$TMP/odd") - 3))" ] || fail "the dump is short"
}

anew
run_tests ten_thousand_tables names_of_every_byte every_byte_there_and_back
rc=$?
# A test that failed has left it.
ip netns del crowd 2>/dev/null
rmmod_soon
anew
exit $rc
