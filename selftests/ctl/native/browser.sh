#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# browser.sh CTL_TEST: does a browser show the page of a report, at a phone's width,
# and does it run nothing that a task or a key is called? Prints TAP.
#
# The pages are looked at without the policy that forbids scripts, so that what
# is seen is the page's own doing, and with a script that measures them.
set -uo pipefail

TEST=${1:?usage: browser.sh CTL_TEST}
WIDTH=390
# Of the classes, as the specification counts them: two parties with a resize; a
# destroyed table; an exiting writer; a forged flag.
CLASSES="1 9 10 12"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

MEASURE='<script>
addEventListener("load", () => {
	const doc = document.querySelector("iframe").contentDocument;
	const body = doc.documentElement;
	const wide = [...doc.querySelectorAll("body *")].filter(
		(e) => e.getBoundingClientRect().right > body.clientWidth + 1);
	const said = document.createElement("pre");
	said.id = "measured";
	said.textContent = [
		"width=" + body.clientWidth, "overflow=" + (body.scrollWidth > body.clientWidth),
		"wide=" + wide.length, "owned=" + (typeof doc.defaultView.owned),
		"scripts=" + doc.scripts.length, "images=" + doc.images.length,
		"parties=" + doc.querySelectorAll(".party").length,
		"drawings=" + doc.querySelectorAll("figure > svg").length,
		"victims=" + doc.querySelectorAll("figure .in-victim").length,
		"holders=" + doc.querySelectorAll("figure .in-holder").length,
		"clashes=" + doc.querySelectorAll("figure .clash").length,
		"colours=" + new Set([...doc.querySelectorAll(".legend rect")].map(
			(e) => doc.defaultView.getComputedStyle(e).fill)).size,
		"small=" + [...doc.querySelectorAll("figure text")].filter(
			(e) => e.getBoundingClientRect().height < 9).length,
		"hidden=" + [...doc.querySelectorAll("figure rect")].filter(
			(e) => e.getBoundingClientRect().width < .5).length,
		"slots=" + doc.querySelectorAll("table:not(.near) td:first-child").length,
		"comm=" + doc.querySelector(".party.victim dd").textContent,
		"class=" + doc.querySelector(".class").textContent,
	].join("\n");
	document.body.append(said);
});
</script>'

browse()
{
	HOME=$TMP timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--allow-file-access-from-files --user-data-dir="$TMP/profile" "$@" 2>"$TMP/browser.log"
}

# The page in a frame of a phone's width: a window has a least width of its own.
frame()
{
	sed 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' "$TMP/page.html" >"$TMP/inner.html"
	cat >"$TMP/outer.html" <<-HTML
		<!DOCTYPE html><html><body style="margin:0">
		<iframe src="inner.html" style="border:0;width:${WIDTH}px;height:9000px"></iframe>
		$MEASURE</body></html>
	HTML
}

expect()
{
	grep -qx -- "$1" "$TMP/measured" || {
		echo "# no \"$1\" in: $(tr '\n' ' ' <"$TMP/measured")"
		return 1
	}
}

# 0 is write-during-write; three of the four have their other party.
parties_of()
{
	case $1 in
	10 | 12) echo 1 ;;
	*) echo 2 ;;
	esac
}

# Of these, only the one that was inside is drawn, in both drawings.
holders_of()
{
	case $1 in
	9 | 10 | 12) echo 0 ;;
	*) echo 2 ;;
	esac
}

shown()
{
	local class=$1

	"$TEST" page "$class" >"$TMP/page.html" || return
	frame
	browse --virtual-time-budget=5000 --dump-dom "file://$TMP/outer.html" >"$TMP/dom" || {
		sed 's/^/# /' "$TMP/browser.log" | tail -n 5
		return 1
	}
	sed -n '/<pre id="measured">/,/<\/pre>/p' "$TMP/dom" |
		sed 's/.*<pre id="measured">//; s/<\/pre>.*//; s/&lt;/</g; s/&gt;/>/g' >"$TMP/measured"
	expect "width=$WIDTH" && expect overflow=false && expect wide=0 && expect owned=undefined &&
		expect scripts=0 && expect images=0 && expect slots=16 &&
		expect "parties=$(parties_of "$class")" && expect drawings=2 && expect victims=2 &&
		expect "holders=$(holders_of "$class")" && expect clashes=2 && expect colours=8 &&
		expect small=0 && expect hidden=0 &&
		expect "comm=<script>owned=1</script>"
}

# It is painted, too: a picture of more than one colour.
painted()
{
	"$TEST" page 0 >"$TMP/page.html" || return
	browse --window-size="$WIDTH,900" --screenshot="$TMP/page.png" "file://$TMP/page.html" || return
	[ "$(stat -c %s "$TMP/page.png")" -gt 10000 ]
}

# shellcheck source=selftests/ctl/native/tap.sh
. "$(dirname "$0")/tap.sh"
echo "TAP version 13"
if ! command -v chromium >/dev/null; then
	echo "1..0 # SKIP chromium is not installed"
	exit 0
fi
# shellcheck disable=SC2086 # a list
set -- $CLASSES
echo "1..$(($# + 1))"
for class; do
	result "page of class $class in a browser" shown "$class"
done
result "page is painted" painted
exit $failed
