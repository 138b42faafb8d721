#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vm.sh run [OPTION]... SCRIPT [ARGUMENT]...   run a script in the machine
# vm.sh shell [OPTION]...                      an interactive shell in it
#
#   --kernel NAME      6.1 (default), 6.12, 6.12-rt, 6.1-debug, 6.1-kcsan
#   --params "A=1 B=2" parameters for tripmap.ko
#   --files "A B"      files and directories to copy to /root (may be repeated)
#   --modules "A B"    modules of the kernel itself to load first, such as ip_set
#   --with tracing     trace-cmd and bpftrace as well (2048 MB then, if no more)
#   --no-module        do not load tripmap.ko (the script may: it lies, with the
#                      test modules, in /lib/tripmap)
#   --ram FILE         the machine's memory is this file: what one boot leaves there
#                      the next one finds, if nothing else used the place
#   --cpus N           default 2 ($CPUS)
#   --mem M            megabytes, default 1024 ($MEM)
#   --count            its clocks and the CPU's counter count the instructions it has
#                      executed, one a nanosecond; one CPU
#   --timeout S        seconds until the run counts as hung, default 300; 300 at
#                      most for the guest to come up, and it has three tries
#   --append "..."     more for the kernel's command line
#   --expect-panic T   succeed if, and only if, the guest panics and T is found
#                      in its log (T may be empty)
#   --log DIR          keep the logs there, whatever happens
#
# stdout is the script's stdout and nothing else, stderr likewise, plus what the
# rig has to say.  Exit status: the script's own; 120 when the kernel complained
# (see guest/init for what is checked), crashed or hung; 125 when the machine
# could not be started at all.
#
# The module and the tool are taken from build/ ("make modules tool KERNEL=...").
set -Eeuo pipefail
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154 # status: set right here
trap 'status=$?; [ $status -eq 125 ] || say "line $LINENO failed: $BASH_COMMAND"' ERR

COMPLAINED=120
BOOT_TIMEOUT=300

usage()
{
	sed -n '4,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
}

#
# the guest's file system: a base made once, and a small archive for each run
#

# Later archives add to and overwrite what earlier ones brought.
pack()
{
	(cd "$1" && find . -print0 | sort -z | cpio -o0 -H newc --quiet --owner=0:0)
}

make_base()
{
	local userland=$1 out=$2 tmp app

	[ -e "$out" ] && return 0
	mkdir -p "$CACHE/tmp"
	tmp=$(mktemp -d "$CACHE/tmp/base.XXXXXX")
	cp -a "$userland/root/." "$tmp/"
	(
		cd "$tmp"
		mkdir -p proc sys dev tmp run etc/tripmap root lib/tripmap usr/lib/tripmap usr/local/bin
		# busybox fills the gaps that the real tools leave
		while read -r app; do
			[ -n "$(find bin sbin usr/bin usr/sbin -name "${app##*/}" -print -quit)" ] ||
				ln -s /bin/busybox "$app"
		done < <(./bin/busybox --list-full)
		rm -f linuxrc
		ln -sf python3 usr/bin/python
		printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n' >etc/passwd
		printf 'root:x:0:\nnogroup:x:65534:\nuser:x:1000:\n' >etc/group
		printf '127.0.0.1 localhost tripmap\n' >etc/hosts
		printf 'PS1="tripmap# "\ncd /root\n' >root/.bash_profile
	)
	install -m 755 "$VM_DIR/guest/init" "$tmp/init"
	install -m 755 "$VM_DIR/guest/tripmap-expect" "$tmp/usr/bin/"
	install -m 755 "$VM_DIR/guest/normalise" "$tmp/usr/bin/tripmap-normalise"
	pack "$tmp" >"$out.new"
	rm -rf "$tmp"
	find "$CACHE" -maxdepth 1 -name 'base-*.cpio' -mtime +0 -delete
	mv "$out.new" "$out"
}

# Prints the base archive for the userland and guest files as they are now.
base_archive()
{
	local userland=$1 key out

	key=$( (
		echo "${userland##*/}"
		cat "$VM_DIR"/guest/*
		declare -f make_base
	) | sha256sum | cut -c1-12)
	out=$CACHE/base-$key.cpio
	with_lock base make_base "$userland" "$out"
	echo "$out"
}

# Prints the archives of what was asked for beside the base.
more_archives()
{
	local name dir

	for name in $WITH; do
		dir=$("$VM_DIR/fetch.sh" "$name")
		with_lock base make_more "$name" "$dir"
		echo "$dir.cpio"
	done
}

make_more()
{
	local name=$1 dir=$2

	[ -e "$dir.cpio" ] && return 0
	pack "$dir/root" >"$dir.cpio.new"
	find "$CACHE" -maxdepth 1 -name "$name-*.cpio" -mtime +0 -delete
	mv "$dir.cpio.new" "$dir.cpio"
}

# Modules of the kernel itself, each after those it depends on, unpacked.
stock_modules()
{
	local kernel_dir=$1 root=$2 names=$3 release dep name path file list=""

	release=$(<"$kernel_dir/release")
	for name in $names; do
		file=$(modprobe -d "$kernel_dir" -S "$release" --show-depends "$name" 2>/dev/null) ||
			die "kernel $release has no module $name"
		while read -r dep path _; do
			[ "$dep" = insmod ] && list+="$path"$'\n'
		done <<<"$file"
	done
	mkdir -p "$root/lib/stock"
	while read -r path; do
		[ -n "$path" ] || continue
		file=${path##*/}
		file=${file%.xz}
		case $path in
		*.xz) xz -dc "$path" >"$root/lib/stock/$file" ;;
		*) cp "$path" "$root/lib/stock/$file" ;;
		esac
		echo "/lib/stock/$file"
	done < <(awk '!seen[$0]++' <<<"$list")
}

copy_files()
{
	local root=$1 f

	for f in $FILES; do
		[ -e "$f" ] || die "no such file: $f"
		cp -RL --preserve=mode,timestamps "$f" "$root/root/"
	done
}

copy_build()
{
	local root=$1 ko

	mkdir -p "$root/lib/tripmap" "$root/usr/sbin"
	for ko in "$BUILD/$KERNEL"/tripmap.ko "$BUILD/$KERNEL"/selftests/kmod/*.ko; do
		[ ! -e "$ko" ] || strip -g -o "$root/lib/tripmap/${ko##*/}" "$ko"
	done
	[ ! -e "$BUILD/tripctl" ] || cp "$BUILD/tripctl" "$root/usr/sbin/"
}

# How the guest starts the script: by itself when it can be executed, else by
# bash.  Arguments survive whatever they contain.
write_start()
{
	local root=$1 script=$2 name magic

	shift 2
	name=${script##*/}
	cp -L "$script" "$root/root/$name"
	magic=$(head -c 4 "$script" | tr -d '\0' | tr -c '[:print:]' '.')
	case $magic in
	'#!'* | .ELF)
		chmod +x "$root/root/$name"
		printf 'exec %q' "./$name"
		;;
	*) printf 'exec bash %q' "./$name" ;;
	esac >"$root/etc/tripmap/run"
	[ $# -eq 0 ] || printf ' %q' "$@" >>"$root/etc/tripmap/run"
	echo >>"$root/etc/tripmap/run"
}

write_conf()
{
	local root=$1 modules=$2 size

	size=$(stty size 2>/dev/null <&2) || size="0 0"
	[ "$size" != "0 0" ] || size="24 80"
	cat >"$root/etc/tripmap/conf" <<-CONF
		MODE=$MODE
		LOAD=$LOAD
		PARAMS=$(printf %q "$PARAMS")
		MODULES="$(tr '\n' ' ' <<<"$modules")"
		TOKEN=$TOKEN
		TTY=$TTY
		ROWS=${size% *}
		COLS=${size#* }
		TERM_NAME=${TERM:-dumb}
		export TRIPMAP_KERNEL=$KERNEL
	CONF
}

# Everything of this run, appended to the base.
make_initrd()
{
	local out=$1 kernel_dir=$2 root=$RUN_DIR/root modules userland base more

	shift 2
	userland=$("$VM_DIR/fetch.sh" userland)
	base=$(base_archive "$userland")
	more=$(more_archives)
	mkdir -p "$root/root" "$root/etc/tripmap"
	modules=$(stock_modules "$kernel_dir" "$root" "$MODULES")
	copy_build "$root"
	copy_files "$root"
	write_conf "$root" "$modules"
	[ "$MODE" = shell ] || write_start "$root" "$@"
	{
		# shellcheck disable=SC2086 # a list
		cat "$base" $more
		pack "$root"
	} >"$out"
	rm -rf "$root"
}

#
# the machine
#

# A busy host must not look like a stall of the guest, and it can keep a virtual
# CPU waiting for many seconds: the bounds are generous.  slab_nomerge: a leak
# shows under our own caches' names.  notests: what the kernel's ciphers can do is
# none of our business.
# panic_print: every task and CPU tells where it was.
# weak_memory: to KCSAN's model of it, locks of a kernel that is built without KCSAN
# seem to order nothing.
kernel_args()
{
	[ "$KERNEL" != 6.1-kcsan ] || APPEND+=" kcsan.weak_memory=0"
	echo "console=ttyS0 loglevel=5 panic=-1 oops=panic softlockup_panic=1" \
		"unknown_nmi_panic panic_print=0x41" \
		"watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=180" \
		"sysctl.kernel.hung_task_timeout_secs=240" \
		"slab_nomerge log_buf_len=8M tsc=reliable clocksource=tsc" \
		"pty.legacy_count=0 cryptomgr.notests $APPEND"
}

# Has the guest's first process begun?
has_begun()
{
	grep -qsx begin "$LOG_DIR/status"
}

# After TIMEOUT seconds, or BOOT_TIMEOUT when it has not even come up by then, an NMI
# makes a hung guest panic, so that the log tells where it hung; then it has a little
# time to write that.
watchdog()
{
	local boot=$((TIMEOUT < BOOT_TIMEOUT ? TIMEOUT : BOOT_TIMEOUT))

	exec 7<>"$RUN_DIR/never"
	read -rt "$boot" -u 7 || :
	! has_begun || read -rt "$((TIMEOUT - boot))" -u 7 || :
	: >"$RUN_DIR/hung"
	# For both: it may not have opened it yet.
	echo nmi 1<>"$RUN_DIR/monitor.in"
	read -rt 20 -u 7 || :
	kill -9 "$1"
}

# The script's two streams go through pipes of their own, so that QEMU neither
# truncates a file that stdout is redirected to nor changes a shared terminal.
start_qemu()
{
	local qemu kernel=$1/boot/vmlinux initrd=$2 out ram=() count=(-accel "tcg,thread=multi")

	[ -e "$kernel" ] || kernel=$1/boot/bzImage
	qemu=$("$VM_DIR/fetch.sh" qemu)
	if [ "$MODE" = shell ]; then
		out="stdio,id=out,signal=off"
	else
		rm -f "$RUN_DIR/out" "$RUN_DIR/err"
		mkfifo "$RUN_DIR/out" "$RUN_DIR/err"
		cat "$RUN_DIR/out" &
		PIPES=$!
		cat "$RUN_DIR/err" >&2 &
		PIPES+=" $!"
		out="file,id=out,path=$RUN_DIR/out"
	fi
	rm -f "$RUN_DIR/monitor.in" "$RUN_DIR/monitor.out" "$RUN_DIR/never"
	mkfifo "$RUN_DIR/monitor.in" "$RUN_DIR/monitor.out" "$RUN_DIR/never"
	[ -z "$RAM" ] || ram=(-object "memory-backend-file,id=ram,size=${MEM}M,mem-path=$RAM,share=on"
		-machine memory-backend=ram)
	[ -z "$COUNT" ] || count=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")
	set -- "$qemu/run" -M q35 "${ram[@]}" "${count[@]}" -cpu max \
		-smp "$CPUS" -m "$MEM" -nodefaults -no-user-config -display none -no-reboot \
		-chardev "file,id=console,path=$LOG_DIR/console" \
		-chardev "$out" \
		-chardev "file,id=err,path=$([ "$MODE" = shell ] && echo "$LOG_DIR/stderr" || echo "$RUN_DIR/err")" \
		-chardev "file,id=status,path=$LOG_DIR/status" \
		-chardev "pipe,id=monitor,path=$RUN_DIR/monitor" -mon monitor \
		-device isa-serial,chardev=console,iobase=0x3f8,irq=4 \
		-device isa-serial,chardev=out,iobase=0x2f8,irq=3 \
		-device isa-serial,chardev=err,iobase=0x3e8,irq=5 \
		-device isa-serial,chardev=status,iobase=0x2e8,irq=7 \
		-kernel "$kernel" -initrd "$initrd" -append "$(kernel_args)"
	if [ "$MODE" = shell ]; then
		"$@" 2>"$LOG_DIR/qemu" || QEMU_STATUS=$?
	else
		"$@" </dev/null >/dev/null 2>"$LOG_DIR/qemu" &
		QEMU_PID=$!
		watchdog "$QEMU_PID" </dev/null >/dev/null 2>&1 &
		WATCHDOG=$!
		wait "$QEMU_PID" || QEMU_STATUS=$?
		QEMU_PID=""
		kill "$WATCHDOG" 2>/dev/null || :
		# Who still waits for it to open them waits no longer.
		: 1<>"$RUN_DIR/out" 2<>"$RUN_DIR/err"
		# shellcheck disable=SC2086 # a list
		wait $PIPES
	fi
}

# The taint of a kernel that was not whole when our module was to be loaded.
spoilt()
{
	sed -n 's/^spoilt //p' "$LOG_DIR/status"
}

# What went wrong before there was anything of ours.
unfit()
{
	if [ -n "$(spoilt)" ]; then
		echo "was tainted ($(spoilt)) by its own boot"
	elif [ -e "$RUN_DIR/hung" ] && ! has_begun; then
		echo "did not come up"
	fi
}

# A boot that the kernel itself has spoilt, or that the emulator did not get through (a
# timer of a CPU that never fires), is no run: another one, twice at most, and the logs
# of those before are kept beside.
boot()
{
	local try

	for try in 1 2 3; do
		rm -f "$RUN_DIR/hung"
		QEMU_STATUS=0
		start_qemu "$@"
		[ -n "$(unfit)" ] || return 0
		say "kernel $KERNEL $(unfit), try $try"
		KEEP_LOG=yes
		[ $try = 3 ] || mv "$LOG_DIR/console" "$LOG_DIR/console.spoilt-$try"
	done
}

#
# the verdict, from what the guest wrote
#

script_status()
{
	sed -n 's/^script \([0-9]*\)$/\1/p' "$LOG_DIR/status" 2>/dev/null
}

panicked()
{
	grep -q 'Kernel panic - not syncing' "$LOG_DIR/console"
}

# Say what went wrong, most telling things first.
explain()
{
	if [ -s "$LOG_DIR/qemu" ] && [ ! -s "$LOG_DIR/console" ]; then
		say "QEMU: $(head -n 1 "$LOG_DIR/qemu")"
	elif [ -e "$RUN_DIR/hung" ]; then
		say "the guest did not end within $TIMEOUT seconds; its log says where it was"
	elif panicked; then
		say "the guest's kernel crashed:"
		grep -m 6 -E 'BUG|Oops|Kernel panic|RIP: 0010|general protection|sysrq' "$LOG_DIR/console" >&2 || :
	elif ! grep -q '^complaint ' "$LOG_DIR/status"; then
		say "the guest ended without a verdict"
	fi
	sed -n 's/^complaint /vm.sh: the guest complains: /p' "$LOG_DIR/status" >&2
	say "kernel $KERNEL, log: ${LOG_DIR#"$PWD"/}/console"
}

verdict()
{
	local rc

	if [ "$EXPECT_PANIC" = yes ]; then
		if [ "$QEMU_STATUS" = 0 ] && [ ! -e "$RUN_DIR/hung" ] && panicked && grep -q '^begin' "$LOG_DIR/status" &&
			grep -qF -e "$PANIC_TEXT" "$LOG_DIR/console"; then
			return 0
		fi
		say "a panic was expected${PANIC_TEXT:+, with \"$PANIC_TEXT\" in the log}"
		explain
		return $COMPLAINED
	fi
	rc=$(script_status)
	if [ "$QEMU_STATUS" = 0 ] && [ ! -e "$RUN_DIR/hung" ] && [ -n "$rc" ] && grep -qx "verdict $TOKEN" "$LOG_DIR/status"; then
		return "$rc"
	fi
	explain
	[ -s "$LOG_DIR/console" ] || return 125
	return $COMPLAINED
}

cleanup()
{
	[ -z "$QEMU_PID" ] || kill -9 "$QEMU_PID" "$WATCHDOG" 2>/dev/null || :
	rm -rf "$RUN_DIR"
}

run()
{
	local dir rc=0

	dir=$(kernel_dir "$KERNEL")
	if [ "$LOAD" = 1 ] && [ ! -e "$BUILD/$KERNEL/tripmap.ko" ]; then
		die "${BUILD#"$PWD"/}/$KERNEL/tripmap.ko is missing: make modules KERNEL=$KERNEL"
	fi
	RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/tripmap-vm.XXXXXX")
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	LOG_DIR=${LOG_DIR:-$BUILD/log/$(date +%Y%m%d-%H%M%S)-$KERNEL-$(basename "${1:-shell}")-$$}
	mkdir -p "$LOG_DIR"
	LOG_DIR=$(cd "$LOG_DIR" && pwd)
	: >"$LOG_DIR/status"
	make_initrd "$RUN_DIR/initrd" "$dir" "$@"
	boot "$dir" "$RUN_DIR/initrd"
	verdict || rc=$?
	[ $rc -ne 0 ] || [ "$KEEP_LOG" = yes ] || rm -rf "$LOG_DIR"
	exit $rc
}

KERNEL=${KERNEL:-6.1}
CPUS=${CPUS:-2} MEM=${MEM:-1024} TIMEOUT=${TIMEOUT:-300}
PARAMS="" FILES="" MODULES="" WITH="" RAM="" COUNT="" APPEND="" LOG_DIR="" KEEP_LOG=no
LOAD=1 EXPECT_PANIC=no PANIC_TEXT=""
QEMU_PID="" WATCHDOG="" QEMU_STATUS=0 PIPES="" RUN_DIR=""
TOKEN=$(od -An -tx8 -N 16 /dev/urandom | tr -d ' ')
TTY=0

MODE=${1-}
case $MODE in
run | shell) shift ;;
-h | --help | help) usage && exit 0 ;;
*) die "usage: vm.sh run|shell [OPTION]... (vm.sh --help)" ;;
esac
while [ $# -gt 0 ]; do
	case $1 in
	--kernel | --params | --files | --modules | --with | --ram | --cpus | --mem | --timeout | --append | --expect-panic | --log)
		[ $# -ge 2 ] || die "$1 needs a value"
		;;
	esac
	case $1 in
	--kernel) KERNEL=$2 && shift 2 ;;
	--params) PARAMS=$2 && shift 2 ;;
	--files) FILES+=" $2" && shift 2 ;;
	--modules) MODULES+=" $2" && shift 2 ;;
	--ram) RAM=$2 && shift 2 ;;
	--with) WITH+=" $2" && shift 2 ;;
	--cpus) CPUS=$2 && shift 2 ;;
	--mem) MEM=$2 && shift 2 ;;
	--timeout) TIMEOUT=$2 && shift 2 ;;
	--append) APPEND+=" $2" && shift 2 ;;
	--log) LOG_DIR=$2 KEEP_LOG=yes && shift 2 ;;
	--expect-panic) EXPECT_PANIC=yes PANIC_TEXT=$2 && shift 2 ;;
	--count) COUNT=yes CPUS=1 && shift ;;
	--no-module) LOAD=0 && shift ;;
	--) shift && break ;;
	-*) die "no such option: $1 (vm.sh --help)" ;;
	*) break ;;
	esac
done
case " $KERNELS " in
*" $KERNEL "*) ;;
*) die "no such kernel: $KERNEL ($KERNELS)" ;;
esac
for piece in $WITH; do
	[ "$piece" = tracing ] || die "there is nothing to add by that name: $piece (tracing)"
	[ "$MEM" -ge 2048 ] || MEM=2048
done
if [ "$MODE" = run ]; then
	[ $# -ge 1 ] || die "run what? (vm.sh --help)"
	[ -f "$1" ] || die "no such script: $1"
	[ ! -t 1 ] || TTY=1
else
	[ $# -eq 0 ] || die "shell takes no script"
	if ! [ -t 0 ] || ! [ -t 1 ]; then
		die "shell needs a terminal; use: vm.sh run SCRIPT"
	fi
fi
run "$@"
