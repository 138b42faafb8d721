#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks of the source tree that need no running module. Prints TAP: one line
# a check, what a failed check said below it as diagnostics.
#
# Usage: run.sh [NAME...]	only these checks; without a name all of them
#
# A check is a function check_NAME: status 0 passes, 4 skips (the last line
# printed is the reason), anything else fails.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$top" || exit 1
py=/usr/bin/python3
readonly SKIP=4

skip() {
	echo "$*"
	return $SKIP
}

# Whatever the command prints is a complaint.
quiet() {
	local out

	out=$("$@" 2>&1)
	[ -z "$out" ] || { echo "$out"; return 1; }
}

have() {
	command -v "$1" > /dev/null
}

# All files of the project, in a git tree or in an unpacked archive, without what
# was built.
all_files() {
	if [ -e .git ] && have git; then
		git ls-files -co --exclude-standard --deduplicate
	else
		find . -type f -printf '%P\n'
	fi | grep -v '^build/' | while read -r f; do [ ! -f "$f" ] || echo "$f"; done
}

# Those that match one of the patterns; * matches / too.
files() {
	local f pattern

	for f in "${FILES[@]}"; do
		for pattern; do
			# shellcheck disable=SC2254 # it is a pattern
			case $f in $pattern) echo "$f" && break ;; esac
		done
	done
}

scripts() {
	{
		files '*.sh' '*.bash'
		files '*' | xargs grep -lE -m1 '^#!.*\b(ba|da)?sh\b' --
	} | grep -vE '\.(py|rst|md|c|h)$' | sort -u
}

# The tree with the kernel's own generators and checkers.
kernel_source() {
	if [ -z "${KSRC-}" ]; then
		KSRC=$(selftests/vm/fetch.sh source 6.12) || return
		export KSRC
	fi
	echo "$KSRC"
}

# Where a slow check has found nothing it need not look again. A file there stands for
# that: its name is a digest of all that the check saw, on stdin, and of itself.
CLEAN=${TRIPMAP_CACHE:-${HOME:-/root}/.cache/tripmap}/clean

mark() {
	local digest

	digest=$({ declare -f "$1" && cat; } | sha256sum)
	echo "$CLEAN/${digest%% *}"
}

# --- the checks, in the order in which they run ---

check_layers() {
	"$here/layers.py"
}

check_layers_selftest() {
	"$here/layers.py" --self-test
}

check_generated() {
	"$here/regen.sh" --check
}

check_spdx() {
	local bad

	bad=$(files '*' | grep -vE '^COPYING$|/(data|corpus)/|\.json$' |
		xargs -d '\n' awk 'FNR <= 3 && /SPDX-License-Identifier: / { ok[FILENAME] = 1 }
			END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in ok)) print ARGV[i] }')
	[ -z "$bad" ] || { echo "no SPDX line in the first three lines of:"; echo "$bad"; return 1; }
}

# Left out, each for its reason:
#   FILE_PATH_CHANGES		there is no MAINTAINERS file to update
#   MACRO_ARG_REUSE, MACRO_ARG_PRECEDENCE	the kernel's own macros do the same
#   CAMELCASE			PRIu64, and libnl's names
#   NEW_TYPEDEFS		the hook is a function type of the public interface
#   SPDX_LICENSE_TAG		check_spdx does it for all kinds of files
#   LINUX_VERSION_CODE		check_layers allows it in compat.h only;
#   CONSTANT_COMPARISON		is taken amiss in the same lines
#   LONG_LINE_STRING		texts are not broken, so that they can be found
#   AVOID_BUG			it is a policy; check_layers allows it in report_emit.c only
#   BIT_MACRO			flags and fields of one word are spelt alike, as shifts
#   MEMORY_BARRIER		check_barriers asks for more, and sees comments above
CHECKPATCH_IGNORE=FILE_PATH_CHANGES,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE,CAMELCASE
CHECKPATCH_IGNORE+=,NEW_TYPEDEFS,SPDX_LICENSE_TAG,LINUX_VERSION_CODE,CONSTANT_COMPARISON
CHECKPATCH_IGNORE+=,LONG_LINE_STRING,AVOID_BUG,BIT_MACRO,MEMORY_BARRIER

# Userspace has not got the kernel's macros, types and functions, signal handlers
# want volatile, commands are named as their functions are, checkpatch does not
# know _Atomic, and reads characters as what PERL_UNICODE makes of them.
CHECKPATCH_USER=PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES,ARRAY_SIZE
CHECKPATCH_USER+=,AVOID_EXTERNS,STRCPY,STRLCPY,STRNCPY,SSCANF_TO_KSTRTO,SIZEOF_PARENTHESIS
CHECKPATCH_USER+=,IN_ATOMIC,CONSIDER_KSTRTO,VOLATILE,EMBEDDED_FUNCTION_NAME
CHECKPATCH_USER+=,INVALID_UTF8
CHECKPATCH_USER+=,QUOTED_WHITESPACE_BEFORE_NEWLINE,MULTIPLE_ASSIGNMENTS,LINE_SPACING,PRINTK_WITHOUT_KERN_LEVEL

# Macros of tests leave the test, lists of cases are macros and includes, a test
# takes step after step in conditions, and delays where nothing may sleep; "enum
# kind kind" repeats no word, and TRIPMAP_CONFIG( begins a block.
CHECKPATCH_TEST=MACRO_WITH_FLOW_CONTROL,COMPLEX_MACRO,TRAILING_SEMICOLON,SPLIT_STRING
CHECKPATCH_TEST+=,LINE_SPACING,ASSIGN_IN_IF,USLEEP_RANGE,UNCOMMENTED_DEFINITION
CHECKPATCH_TEST+=,REPEATED_WORD,OPEN_ENDED_LINE

# Tracepoints look like calls but are declarations with fields, one a line.
CHECKPATCH_TRACE=OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,COMPLEX_MACRO

# checkpatch leaves a cache where it stands, and misses a kernel tree around itself.
CHECKPATCH_NOISE='^(No structs that should be const|No typos) will be found'
CHECKPATCH_NOISE+='|^Use of uninitialized value \$root|^find: ./include.: No such file'

# checkpatch SRC IGNORE: the files named on stdin.
checkpatch() {
	local file mark scratch found
	local -A asked=()

	while read -r file; do
		mark=$({ echo "$file $2 ${1##*/} $CHECKPATCH_NOISE" && cat "$file"; } | mark checkpatch)
		[ -e "$mark" ] || asked[$file]=$mark
	done
	[ ${#asked[@]} -gt 0 ] || return 0
	scratch=$(mktemp -d) || return
	found=$(
		cd "$scratch" || exit
		# columns are characters, not bytes
		printf "$top/%s\n" "${!asked[@]}" | PERL_UNICODE=SD xargs -r "$1/scripts/checkpatch.pl" \
			--no-tree --strict --terse --show-types \
			--no-summary --max-line-length=100 --ignore "$2" -f 2>&1 |
			sed "s|^$top/||" | grep -vE "$CHECKPATCH_NOISE"
		exit "${PIPESTATUS[1]}"
	) || : "${found:=checkpatch fails}"
	rm -rf "$scratch"
	if [ -n "$found" ]; then
		echo "$found"
	else
		touch "${asked[@]}"
	fi
}

# The stand-ins of the native build define the very macros that checkpatch
# wants to see used, so it is of no use there.
all_checkpatch() {
	local kernel=$CHECKPATCH_IGNORE user=$CHECKPATCH_IGNORE,$CHECKPATCH_USER

	files 'kmod/*.[ch]' | grep -v '/trace\.h$' | checkpatch "$1" "$kernel"
	files 'kmod/*/trace.h' | checkpatch "$1" "$kernel,$CHECKPATCH_TRACE"
	files 'ctl/*.[ch]' | checkpatch "$1" "$user"
	files 'selftests/kmod/*.[ch]' | checkpatch "$1" "$kernel,$CHECKPATCH_TEST"
	files 'selftests/*.[ch]' | grep -vE '^selftests/(kmod|native/(bench/)?shim)/' |
		checkpatch "$1" "$user,$CHECKPATCH_TEST"
}

check_checkpatch() {
	local src

	src=$(kernel_source) || return
	quiet all_checkpatch "$src"
}

kernel_doc() {
	files 'kmod/*.c' 'kmod/*.h' |
		xargs "$1/scripts/kernel-doc" -none -Wall
}

check_kernel_doc() {
	local src

	src=$(kernel_source) || return
	quiet kernel_doc "$src"
}

check_barriers() {
	files 'kmod/*.c' 'kmod/*.h' | xargs "$here/barriers.py"
}

# Every exported function says where it may be called and what it returns.
check_api_documented() {
	"$py" "$here/docs_sync.py" api
}

check_docs_in_sync() {
	"$py" "$here/docs_sync.py" parameters commands tool
}

check_sparse() {
	local dir copy mark rc what=(Kbuild 'kmod/*' 'uapi/*' 'selftests/kmod/*')

	have sparse || skip "sparse is not installed" || return
	dir=$(selftests/vm/fetch.sh kernel 6.1) || return
	mark=$({ echo "${dir##*/}" && gcc --version && sparse --version && files "${what[@]}" | xargs sha256sum; } |
		mark check_sparse)
	[ ! -e "$mark" ] || return 0
	copy=$(mktemp -d) || return
	files "${what[@]}" | xargs cp --parents -t "$copy" &&
		make -s -C "$dir/headers" M="$copy" C=2 W=1 modules > "$copy/log" 2>&1
	rc=$?
	sed "s|$copy/||g" "$copy/log" | grep -E 'warning|error' && rc=1
	[ $rc = 0 ] || tail -n 20 "$copy/log"
	rm -rf "$copy"
	[ $rc != 0 ] || touch "$mark"
	return $rc
}

# A lock that is taken on one branch only (scenario unlocked-branch) is what
# sparse finds in the code of a table's users, without running it.
check_sparse_selftest() {
	local dir copy said

	have sparse || skip "sparse is not installed" || return
	dir=$(selftests/vm/fetch.sh kernel 6.1) || return
	copy=$(mktemp -d) || return
	echo 'obj-m := planted.o' > "$copy/Kbuild"
	cat > "$copy/planted.c" <<-'PLANTED'
		#include <linux/module.h>
		#include <linux/spinlock.h>

		static DEFINE_SPINLOCK(lock);
		static int sessions;

		void expire(bool quick);
		void expire(bool quick)
		{
			if (!quick)
				spin_lock(&lock);
			sessions--;
			spin_unlock(&lock);
		}

		void keep(void);
		void keep(void)
		{
			spin_lock(&lock);
			sessions++;
			spin_unlock(&lock);
		}

		MODULE_LICENSE("GPL");
	PLANTED
	said=$(make -s -C "$dir/headers" M="$copy" C=2 modules 2>&1 | grep 'context imbalance')
	rm -rf "$copy"
	[[ $said == *"'expire'"* && $said != *"'keep'"* ]] && return
	echo "sparse said: $said"
	return 1
}

# What observes is NOPs in the module as it is built: see hotpath.py. Left out is
# what begins or ends a resize or copies the table, waits, looks again, clashes, or
# accuses. A walk may have a deadline.
check_hotpath() {
	selftests/vm/modules.sh 6.1 || return
	"$here/hotpath.py" "${TRIPMAP_BUILD:-build}/6.1/tripmap.ko" "${HOT[@]}" "${COLD[@]/#/-}"
}

HOT=(tripmap_store:tm_event_writes tripmap_insert:tm_event_writes
	tripmap_delete:tm_event_writes tripmap_lookup:tm_event_reads
	tripmap_iter_next:tm_event_walks:ktime_get_mono_fast_ns)
COLD=(tm_grow_begin tm_grow_replace inside_copying find_dirty finish fetch wait_for_grace
	look_again read_note tm_mark_me tm_report_act tm_violation tm_violation_by
	tm_violation_half tm_violation_forged tm_violation_unusable)

# A call that a jump label leads to is none; one that nothing guards is found, and
# so is a label that is on.
check_hotpath_selftest() {
	local dir copy said part

	dir=$(selftests/vm/fetch.sh kernel 6.1) || return
	copy=$(mktemp -d) || return
	echo 'obj-m := planted.o' > "$copy/Kbuild"
	cat > "$copy/planted.c" <<-'PLANTED'
		#include <linux/jump_label.h>
		#include <linux/module.h>

		DEFINE_STATIC_KEY_FALSE(tm_event_off);
		DEFINE_STATIC_KEY_TRUE(tm_event_on);
		void tm_event_tell(int n);
		noinline void tm_event_tell(int n)
		{
			pr_info("%d", n);
		}

		int guarded(int n);
		int guarded(int n)
		{
			if (static_branch_unlikely(&tm_event_off))
				tm_event_tell(n);
			return n * n;
		}

		static noinline int within(int n)
		{
			if (n > 5)
				tm_event_tell(n);
			return n;
		}

		int bare(int n);
		int bare(int n)
		{
			return within(n + 1) + guarded(n);
		}

		int always(int n);
		int always(int n)
		{
			if (static_branch_likely(&tm_event_on))
				tm_event_tell(n);
			return n * n;
		}

		MODULE_LICENSE("GPL");
	PLANTED
	make -s -C "$dir/headers" M="$copy" modules > "$copy/log" 2>&1 || tail "$copy/log"
	said=$(
		"$here/hotpath.py" "$copy/planted.ko" guarded:tm_event_off && echo "guarded is right"
		"$here/hotpath.py" "$copy/planted.ko" bare:tm_event_off -within && echo "bare is right"
		"$here/hotpath.py" "$copy/planted.ko" bare:tm_event_off 2>&1 || echo "bare is wrong"
		"$here/hotpath.py" "$copy/planted.ko" always:tm_event_on 2>&1 || echo "always is wrong"
		"$here/hotpath.py" "$copy/planted.ko" guarded:tm_event_on 2>&1 || echo "the key is wrong"
	)
	rm -rf "$copy"
	for part in "guarded is right" "bare is right" "bare > within: .*uses tm_event_tell" \
			"bare is wrong" "of tm_event_on is no NOP" "always is wrong" \
			"no jump label of tm_event_on" "the key is wrong"; do
		grep -q "$part" <<< "$said" || { echo "no \"$part\" in:"; echo "$said"; return 1; }
	done
}

check_shellcheck() {
	# Tests are installed into one folder, with the tool's lib.sh.
	local places=SCRIPTDIR:selftests/ctl

	have shellcheck || skip "shellcheck is not installed" || return
	# SC2187: ash is checked as dash, which is right. SC2317: functions are called
	# by way of variables and traps. SC2016: scripts within scripts. SC2119: arguments
	# may be left out. SC2034: what is sourced sets variables for those who source it.
	scripts | while read -r f; do
		if [ -x "$f" ]; then echo "$f"; fi
	done | xargs shellcheck -x -P "$places" -e SC2187,SC2317,SC2016,SC2119 || return
	scripts | while read -r f; do
		if [ ! -x "$f" ]; then echo "$f"; fi
	done | xargs -r shellcheck -x -P "$places" -s bash -e SC2034,SC2317
}

check_python() {
	"$py" -c 'import pyflakes' 2> /dev/null || skip "pyflakes3 is not installed" || return
	files '*.py' | xargs "$py" -m pyflakes
}

# clang's analyzer, on the core with the native build's stand-ins. It sees one
# file at a time and takes amiss what the tool's files fill in for each other.
analyze() {
	local file mark found
	local options=(-std=gnu11 -D_GNU_SOURCE -I selftests/native/shim -isystem uapi)

	while read -r file; do
		mark=$({ clang --version && clang -E "${options[@]}" "$file"; } | mark analyze)
		[ ! -e "$mark" ] || continue
		if found=$(clang --analyze -Xclang -analyzer-werror -Xclang -analyzer-disable-checker \
				-Xclang deadcode "${options[@]}" -o /dev/null "$file" 2>&1) &&
				[ -z "$found" ]; then
			touch "$mark"
		else
			echo "${found:-$file: the analyzer fails}"
		fi
	done < <(files 'kmod/core/*.c' 'kmod/observe/*.c' | grep -v _emit)
}

check_analyzer() {
	have clang || skip "clang is not installed" || return
	quiet analyze
}

# cppcheck cannot read the kernel's macros; it sees the tool only.
# arrayIndexThenCheck takes "s[i] && i < n" amiss where s is a string, uninitvar
# and its kin what functions of other files fill in.
check_cppcheck() {
	have cppcheck || skip "cppcheck is not installed" || return
	files 'ctl/*.c' | xargs cppcheck -q --enable=warning,portability --inline-suppr \
		--error-exitcode=1 -I uapi --suppress=arrayIndexThenCheck --suppress=uninitvar \
		--suppress=ctuuninitvar \
		--suppress=missingIncludeSystem
}

cocci() {	# cocci RULE FILE...: what it reports, nothing else
	local rule=$1

	shift
	spatch -D report --very-quiet --no-show-diff --no-includes --cocci-file "$rule" "$@" 2> /dev/null |
		grep -v '^$'
}

# The rules for users of a table, on code that they must find and code that they must
# not: in that file the lines that say so, and no others.
check_cocci_users() {
	local cases=$here/cocci/users.c rule name

	have spatch || skip "coccinelle is not installed" || return
	for rule in "$here"/cocci/*.cocci; do
		name=$(basename "$rule" .cocci)
		diff <(grep -n "Found: $name\b" "$cases" | cut -d : -f 1) \
			<(cocci "$rule" "$cases" | cut -d : -f 2 | sort -nu) |
			sed -n "s/^</$name does not find line/p; s/^>/$name finds line/p"
	done | { ! grep .; }
}

# Words that betray where the project was made, spelt here so that this file
# does not hold them.
WORDS='\<(this|the|my|our|last|next|previous|earlier) s[e]ssion|/[w]ork/|[.]library|deb[.]debian[.]org|[a-z]*mirror[a-z]*[.][a-z]+[.]'

# Marks of unfinished work, the same.
MARKS='\b(TO[D]O|FI[X]ME|X[X]X|HA[C]K)\b'

search() {
	files '*' | grep -v '^COPYING$' | xargs -d '\n' grep -nH "$@" --
}

check_words() {
	quiet search -iE "$WORDS"
}

check_unfinished() {
	quiet search -E "$MARKS"
}

check_manual() {
	local page rc=0

	for page in $(files '*.[1-8]'); do
		if have man; then
			MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -l "$page" 2>&1 > /dev/null |
				grep . && rc=1
		fi
		if have mandoc; then
			# The page has the package's date, so none of its own.
			mandoc -T lint -W warning "$page" | grep -v 'missing date' && rc=1
		fi
	done
	have man || have mandoc || skip "neither man nor mandoc is installed" || return
	return $rc
}

check_rst() {
	"$py" -c 'import docutils' 2> /dev/null ||
		skip "python3-docutils is not installed" || return
	files 'Documentation/*.rst' | xargs "$here/rst_lint.py"
}

# The deliberate breakages still apply, and the documentation says what kills them.
check_mutants() {
	local page=Documentation/testing.rst

	selftests/mutants/run.sh --apply || return
	diff <(sed -n '/^\.\. mutants: begin$/,/^\.\. mutants: end$/p' $page | grep '  ') \
		<(selftests/mutants/run.sh --table)
}

check_function_length() {
	files '*.c' | xargs "$here/function_length.py"
}

mapfile -t FILES < <(all_files)

CHECKS=(layers layers_selftest generated spdx checkpatch kernel_doc barriers api_documented
	docs_in_sync sparse sparse_selftest hotpath hotpath_selftest analyzer cppcheck cocci_users shellcheck python words unfinished manual rst
	function_length mutants)

# --- TAP ---

# shellcheck source=selftests/vm/tap.sh
. "$top/selftests/vm/tap.sh"

run_check() {
	local name=$1 out rc

	out=$("check_$name" 2>&1)
	rc=$?
	case $rc in
	"$SKIP") result 0 "checks: $name # SKIP ${out##*$'\n'}" ;;
	*)
		[ -z "$out" ] || echo "# ${out//$'\n'/$'\n'# }"
		result $rc "checks: $name"
		;;
	esac
}

[ $# -gt 0 ] || set -- "${CHECKS[@]}"
for name; do
	declare -F "check_$name" > /dev/null || { echo "run.sh: no check '$name'" >&2; exit 2; }
done
mkdir -p "$CLEAN" && find "$CLEAN" -type f -mtime +60 -delete
echo "TAP version 13"
echo "1..$#"
for name; do
	run_check "$name"
done
[ $failed = 0 ]
