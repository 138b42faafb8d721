#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# save and restore: there and back, and files that are not as they should be.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# Lines of entries of a save file, in an order that does not depend on the seed.
entries_of()
{
	grep -v -e '^tripmap-save ' -e '^table ' "$1" | sort
}

there_and_back_100000()
{
	ok table add t key str:24 value bytes:16 bits 3 on all report
	ok load t ops 100000 threads 1 bulk 1000
	ok save t "$TMP/a"
	[ "$(tail -n 1 "$TMP/a")" = "end 100000" ] || fail "$(tail -n 1 "$TMP/a")"
	ok -j table show t
	before=$OUT
	ok table del t
	ok -j restore "$TMP/a"
	json 'd["restored"] == 100000'
	ok save t "$TMP/b"
	cmp <(entries_of "$TMP/a") <(entries_of "$TMP/b") || fail "other entries came back"
	ok -j table show t
	for fact in .name .key .value .contract .hash .bits .max_entries .policy .entries; do
		[ "$(jq "$fact" <<<"$before")" = "$(jq "$fact" <<<"$OUT")" ] || fail "$fact differs"
	done
}

through_a_pipe()
{
	ok table add t key u32 value u32
	ok load t ops 5000 threads 1
	tripctl save t | sed 's/^table "t"/table copy/' | tripctl restore >/dev/null ||
		fail "not through a pipe"
	cmp <(tripctl save t | sed 1,2d | sort) <(tripctl save copy | sed 1,2d | sort) ||
		fail "other entries came through"
}

every_type()
{
	cat >"$TMP/f" <<-'EOF'
		tripmap-save 1
		table types key str:12 value str:12
		"end" "\x00mid\x00dle"
		"a \"b\" \\" "tab\there"
		plain '#no comment'
		# a comment, and an empty line

		"#x" ""   # behind
		end 4
	EOF
	ok restore "$TMP/f"
	ok save types "$TMP/g"
	ok table del types
	ok restore "$TMP/g"
	ok save types "$TMP/h"
	cmp <(entries_of "$TMP/g") <(entries_of "$TMP/h") || fail "not the same"
	ok get types end
	is '\x00mid\x00dle'
	ok get types "a \"b\" \\"
	is 'tab\x09here'
	ok get types plain
	is '#no comment'
	ok get types '#x'
	is ''
}

several_tables_and_sets()
{
	cat >"$TMP/f" <<-'EOF'
		tripmap-save 1
		table one key ipv4 value bytes:0
		192.0.2.1
		192.0.2.2
		end 2
		tripmap-save 1
		table none key u8 value u8
		end 0
	EOF
	ok -j restore "$TMP/f"
	json 'd["restored"] == 2'
	ok -j table show
	json 'sorted((t["name"], t["entries"]) for t in d) == [("none", 0), ("one", 2)]'
}

over_what_is_there()
{
	printf 'tripmap-save 1\ntable t key u8 value u8\n1 11\n2 12\nend 2\n' >"$TMP/f"
	ok table add t key u8 value u8 bits 4
	ok set t 1 99
	ok set t 3 13
	ok restore "$TMP/f"
	ok -j dump t
	json '{e["key"]: e["value"] for e in d} == {1: 11, 2: 12, 3: 13}'
	ok table del t
	ok table add t key u8 value u16
	refuses 1 "f:2: a table of that name is there, with keys or values of other types" \
		restore "$TMP/f"
}

# Cut anywhere, the line is told, what stood before is there, nothing else is.
cut_files()
{
	local size line=0 cut n

	{
		printf 'tripmap-save 1\ntable t key u32 value u32\n'
		for n in $(seq 1 9); do echo "10$n 20$n"; done
		echo "end 9"
	} >"$TMP/f"
	size=$(stat -c %s "$TMP/f")
	for cut in $(seq 0 7 $((size - 2))); do
		head -c "$cut" "$TMP/f" >"$TMP/cut"
		refuses 1 "cut:" restore "$TMP/cut"
		line=$(grep -o 'cut:[0-9]*' <<<"$ERR" | cut -d: -f2)
		[ "$line" = "$(grep -c '' "$TMP/cut")" ] || fail "cut at $cut: wrong line in: $ERR"
		n=$(grep -c '^10[0-9] 20[0-9]$' <(head -n "$(wc -l <"$TMP/cut")" "$TMP/cut"))
		[ "$cut" -lt 45 ] || [[ $ERR == *"$n entries of t were restored"* ]] ||
			fail "cut at $cut: not $n entries: $ERR"
		ctl -j dump t
		[ "$RC" = 1 ] || json "len(d) == $n and all(e['value'] == e['key'] + 100 for e in d)"
		ctl table del t
	done
}

cut_within_much()
{
	ok table add t key u64 value u64 on all report
	ok load t ops 60000 threads 1 bulk 1000
	ok save t "$TMP/f"
	ok table del t
	head -n 30002 "$TMP/f" >"$TMP/cut"
	printf '1' >>"$TMP/cut"
	refuses 1 "cut:30003: the file is cut within this line; 30000 entries of t were restored" \
		restore "$TMP/cut"
	ok -j table show t
	json 'd["entries"] == 30000'
}

# wrong TEXT LINE...: a file of these lines is refused with TEXT.
wrong()
{
	local text=$1

	shift
	printf '%s\n' "$@" >"$TMP/f"
	refuses 1 "$text" restore "$TMP/f"
	ctl table del t
}

wrong_files()
{
	local head="tripmap-save 1" table="table t key u8 value u8"

	: >"$TMP/f"
	refuses 1 "f:0: the file is empty" restore "$TMP/f"
	wrong "f:1: this is no save file" "hello world"
	wrong "f:1: format 2 is not known" "tripmap-save 2" "$table" "end 0"
	wrong 'f:2: "table NAME key TYPE value TYPE" should stand here' "$head" "1 2" "end 1"
	wrong 'no such type "u9"' "$head" "table t key u9 value u8" "end 0"
	wrong "f:2" "$head" "table t key u8 value u8 bits 40" "end 0"
	wrong "f:4: KEY VALUE should stand here; 1 entries of t were restored" \
		"$head" "$table" "1 2" "3" "end 2"
	wrong "f:3: value: 300 does not fit into a u8; 0 entries" "$head" "$table" "1 300" "end 1"
	wrong "f:4: 2 entries were announced, 1 are there" "$head" "$table" "1 2" "end 2"
	wrong "f:3: a quote without its end" "$head" "$table" '1 "2' "end 1"
	wrong "f:5: this is no save file" "$head" "$table" "1 2" "end 1" "3 4"
	head -c 100 /dev/zero >"$TMP/f"
	refuses 1 "f:1: holds a zero byte" restore "$TMP/f"
	refuses 1 "nowhere: No such file" restore "$TMP/nowhere"
}

# The entry that the kernel refuses is named by its line.
full_in_the_middle()
{
	{
		printf 'tripmap-save 1\ntable t key u32 value u32 max 100\n'
		for n in $(seq 1 150); do
			echo "$n $n"
			echo "# between"
		done
		echo "end 150"
	} >"$TMP/f"
	refuses 1 "f:203: 100 entries of t were restored" restore "$TMP/f"
	ok -j table show t
	json 'd["entries"] == 100'
}

progress_when_asked()
{
	ok table add t key u64 value u64 on all report
	ok load t ops 100000 threads 1 bulk 1000
	ok save t "$TMP/f"
	ok table del t
	ctl --progress restore "$TMP/f"
	[[ $RC = 0 && $ERR == *"entries,"*"/s;"*"buckets"* ]] || fail "no progress: $ERR"
}

# What was saved before is there until all of the next one is.
no_room_for_the_next_one()
{
	mkdir "$TMP/disk"
	mount -t tmpfs -o size=64k none "$TMP/disk" || fail "no tmpfs"
	trap 'umount "$TMP/disk"' EXIT
	ok table add t key u32 value u32 on all report
	ok set t 1 11
	ok save t "$TMP/disk/f"
	cp "$TMP/disk/f" "$TMP/before"
	ok load t ops 20000 threads 1
	refuses 1 "save: $TMP/disk/f: No space left on device" save t "$TMP/disk/f"
	cmp "$TMP/disk/f" "$TMP/before" || fail "the old one is gone"
	[ "$(ls -A "$TMP/disk")" = f ] || fail "something was left: $(ls -A "$TMP/disk")"
	ok table flush t
	ok save t "$TMP/disk/f"
	[ "$(tail -n 1 "$TMP/disk/f")" = "end 0" ] || fail "$(<"$TMP/disk/f")"
}

run_tests there_and_back_100000 through_a_pipe every_type several_tables_and_sets \
	over_what_is_there cut_files cut_within_much wrong_files full_in_the_middle \
	progress_when_asked no_room_for_the_next_one
