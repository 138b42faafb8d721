#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh: what "make demo" shows. Boots the virtual machine and runs
# demo-guest.sh in it; module and tool have been built.
set -euo pipefail
here=$(dirname "$0")

cat <<'EOF'
tripmap is a hash table in the kernel that notices when two writers come into it
at once, refuses the second one, and tells who both were. You will see it hold all
symbols of a running kernel, and then catch two races.

A virtual machine boots first (about ten seconds); nothing is loaded on this one.

EOF
"$here/vm.sh" run --no-module --mem 1024 --timeout "${DEMO_TIMEOUT:-600}" "$@" "$here/demo-guest.sh"
cat <<'EOF'

The machine has been shut down, after its kernel was checked for warnings and leaks:
there were none. "make vm" gives you a shell in one, to try things yourself.
EOF
