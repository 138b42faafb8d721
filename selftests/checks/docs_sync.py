#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Does the documentation say what the code says?

Usage: docs_sync.py WHAT...
  parameters	every module parameter has a description in the module and a row
		in README.md's table, and every row a parameter
  commands	every command of the netlink specification is handled in
		kmod/netlink*.c, every notification sent from there
  tool		every command of tripctl stands in its manual page
  api		every exported function has kernel-doc with Context: and Return:
		and stands in Documentation/locking.rst
"""

import glob
import os
import re
import sys

import yaml

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SPEC = "Documentation/netlink/specs/tripmap.yaml"


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def sources(pattern):
    """The text of all files that match, and an error where there are none."""
    paths = sorted(glob.glob(os.path.join(TOP, pattern), recursive=True))
    if not paths:
        sys.exit(f"no file matches {pattern}")
    return "\n".join(read(p) for p in paths)


def difference(what, have, where, want):
    """Complaints on what is in one set and not in the other."""
    return ([f"{what} {x} is missing in {where}" for x in sorted(want - have)]
            + [f"{where} tells of {what} {x}, which does not exist" for x in sorted(have - want)])


def section(text, title):
    """What stands under a heading of a markdown file."""
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    if not found:
        sys.exit(f"README.md has no section '{title}'")
    return found.group(1)


def parameters():
    code = sources("kmod/**/*.c")
    names = set(re.findall(r"\bmodule_param(?:_cb|_named|_string)?\(\s*(\w+)", code))
    described = set(re.findall(r"\bMODULE_PARM_DESC\(\s*(\w+)", code))
    rows = set(re.findall(r"^\| `(\w+)`", section(read("README.md"), "Module parameters"), re.M))
    return (difference("parameter", described, "MODULE_PARM_DESC", names)
            + difference("parameter", rows, "README.md", names))


def commands():
    code = sources("kmod/netlink*.c")
    out = []
    for op in yaml.safe_load(read(SPEC))["operations"]["list"]:
        symbol = "TRIPMAP_CMD_" + op["name"].upper().replace("-", "_")
        handled = re.search(rf"\.cmd\s*=\s*{symbol}\b", code)
        if "event" in op and not re.search(rf"\b{symbol}\b", code):
            out.append(f"notification {op['name']} is never sent")
        if "event" not in op and not handled:
            out.append(f"command {op['name']} has no entry in the table of operations")
    return out


def tool():
    words = set(re.findall(r'\.name = "([a-z]+)",\s*\.run = ', sources("ctl/cmd_*.c")))
    text = re.sub(r"\\f[BIRP]|\\", "", sources("**/tripctl.8"))
    return [f"command {w} is missing in the manual page" for w in sorted(words)
            if not re.search(rf"\b{w}\b", text)] or ([] if words else ["no commands found"])


def kernel_doc(code):
    """Map from function to its kernel-doc comment."""
    return {m.group(1): m.group(0)
            for m in re.finditer(r"/\*\*\n \* (\w+)\(\).*?\*/", code, re.S)}


def api():
    code = sources("kmod/**/*.c") + sources("kmod/**/*.h")
    manual = read("Documentation/locking.rst")
    docs, out = kernel_doc(code), []
    names = re.findall(r"EXPORT_SYMBOL_GPL\((tripmap_\w+)\)", code)
    for name in names:
        text = docs.get(name, "")
        out += [f"{name}(): no '{part}' in its kernel-doc"
                for part in ("Context:", "Return:") if part not in text
                and not (part == "Return:" and re.search(rf"^void {name}\(", code, re.M))]
        if f"{name}()" not in manual:
            out.append(f"{name}() is missing in Documentation/locking.rst")
    return out if names else ["no exported function found"]


def main():
    checks = {f.__name__: f for f in (parameters, commands, tool, api)}
    if not sys.argv[1:] or set(sys.argv[1:]) - set(checks):
        sys.exit(__doc__)
    complaints = [c for name in sys.argv[1:] for c in checks[name]()]
    if complaints:
        sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
