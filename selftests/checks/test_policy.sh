#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy that the running kernel reports is the one of the specification.

here=$(dirname "$0")
exec python3 "$here/policy.py" "$here/tripmap.yaml"
