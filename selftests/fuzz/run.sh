#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh KERNEL OPTION...: the netlink fuzzer in the virtual machine, or in User-Mode
# Linux, with its options.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
. "$here/params.sh"
KERNEL=${1:?usage: run.sh KERNEL OPTION...}
shift

OUT=$BUILD/fuzz

in_vm()
{
	"$VM_DIR/vm.sh" run --kernel "$KERNEL" --mem 2048 --timeout 20000 --params "$PARAMS" \
		--files "$here/params.sh $OUT/fuzz" "$here/guest.sh" "$@"
}

# Its tables are those of a namespace, and go with it.
in_uml()
{
	strip -g -o "$OUT/tripmap.ko" "$BUILD/$KERNEL/tripmap.ko"
	cat >"$OUT/uml" <<-GUEST
		insmod tripmap.ko $PARAMS || exit
		unshare -n ./fuzz $*
		status=\$?
		for i in \$(seq 100); do
			rmmod tripmap 2>/dev/null && exit \$status
			sleep 0.1
		done
		echo "tripmap cannot be unloaded"
		exit 1
	GUEST
	"$VM_DIR/uml.sh" --kernel "$KERNEL" "$OUT/uml" "$OUT/tripmap.ko" "$OUT/fuzz"
}

make -s -C "$here" O="$OUT"
PARAMS=${FUZZ_PARAMS//$'\n\t'/ }
if is_uml_kernel "$KERNEL"; then
	in_uml "$@"
else
	in_vm "$@"
fi
