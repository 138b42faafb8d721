#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh KERNEL OPTION...: the netlink fuzzer in the virtual machine, with its options.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../vm/lib.sh"
. "$here/params.sh"
KERNEL=${1:?usage: run.sh KERNEL OPTION...}
shift

make -s -C "$here" O="$BUILD/fuzz"
"$VM_DIR/vm.sh" run --kernel "$KERNEL" --mem 2048 --timeout 20000 \
	--params "${FUZZ_PARAMS//$'\n\t'/ }" --files "$here/params.sh $BUILD/fuzz/fuzz" \
	"$here/guest.sh" "$@"
