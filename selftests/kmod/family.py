#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A dump over netlink as JSON, by a client that knows the specification only.

Usage: family.py YNL SPEC OPERATION [ATTRIBUTES]
  YNL		tools/net/ynl of a kernel source tree
  SPEC		the family's YAML
  ATTRIBUTES	of the request, as JSON

Bytes come as hex digits, flags as a list. What the kernel refuses is an error with its text.
"""

import json
import sys

from client import ynl


def plain(value):
    return value.hex() if isinstance(value, bytes) else sorted(value)


def main():
    error, family = ynl(sys.argv[1])
    attributes = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
    try:
        replies = family(sys.argv[2], "").dump(sys.argv[3], attributes)
    except error as e:
        sys.exit(f"{e.nl_msg.error}: {e.nl_msg.extack}")
    print(json.dumps(replies, default=plain))


if __name__ == "__main__":
    main()
