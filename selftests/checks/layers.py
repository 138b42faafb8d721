#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Who may include whom.

Usage: layers.py [--self-test | --list]

LAYERS is the house plan as one list: which files, what they may include of the
project, and which headers from outside. A folder means a different set of
allowed includes, and nothing else. Includes are looked at as written in the
source; what an allowed header brings along is that header's own affair.
Without an argument the tree is held against the list; --self-test feeds
offending snippets and expects each to be caught; --list prints the kernel
services that the core depends on.
"""

import fnmatch
import os
import posixpath
import re
import sys
from typing import NamedTuple

SHIM = "selftests/native/shim"
UAPI = ("uapi/linux/tripmap.h", "uapi/linux/tripmap_names.h")
ANY = ("*",)

# The kernel services that core/ and observe/ stand on. The native build has a
# stand-in for each, so that the list is also what a port would have to supply.
SERVICES = (
    "linux/atomic.h", "linux/bitmap.h", "linux/bitops.h", "linux/bits.h",
    "linux/cache.h", "linux/compiler.h", "linux/cpumask.h", "linux/delay.h", "linux/err.h",
    "linux/errno.h", "linux/export.h", "linux/gfp.h", "linux/hash.h",
    "linux/instruction_pointer.h", "linux/jiffies.h", "linux/jump_label.h", "linux/kconfig.h",
    "linux/kernel.h", "linux/ktime.h", "linux/limits.h", "linux/list.h", "linux/lockdep.h",
    "linux/log2.h", "linux/minmax.h", "linux/mm.h", "linux/mutex.h", "linux/overflow.h",
    "linux/percpu.h", "linux/preempt.h", "linux/prefetch.h", "linux/random.h",
    "linux/rculist.h", "linux/rcupdate.h", "linux/sched.h", "linux/sched/mm.h", "linux/siphash.h",
    "linux/slab.h", "linux/smp.h", "linux/spinlock.h", "linux/stacktrace.h", "linux/stdarg.h",
    "linux/string.h", "linux/swab.h",
    "linux/timekeeping.h", "linux/topology.h", "linux/trace_clock.h", "linux/types.h",
    "linux/workqueue.h", "asm/local64.h",
)


class Layer(NamedTuple):
    """One row of the house plan; the first that matches a file counts."""
    files: tuple            # globs of the files that it is about
    project: tuple          # globs of project files that they may include
    outside: tuple          # globs of headers from outside
    native: bool = False    # compiles in userspace too: no kernel-only text


KERNEL = ("linux/*", "net/*", "asm/*", "uapi/linux/*")
CTL_OWN = ("ctl/*.h",) + UAPI

LAYERS = (
    Layer(("uapi/linux/tripmap.h",), (), ()),
    Layer(("uapi/linux/tripmap_names.h",), ("uapi/linux/tripmap.h",),
          ("linux/stddef.h", "stddef.h")),
    Layer(("kmod/compat.h",), (), KERNEL),
    # Values only: the core tells what happened, and what it means is decided there.
    Layer(("kmod/core/*",),
          ("kmod/core/*.h", "kmod/observe/event.h", "kmod/observe/report.h") + UAPI, SERVICES,
          native=True),
    Layer(("kmod/observe/*_emit.[ch]",), ("kmod/observe/*.h", "kmod/compat.h") + UAPI, KERNEL),
    Layer(("kmod/observe/trace.h",), ("kmod/observe/event.h",) + UAPI,
          SERVICES + ("linux/tracepoint.h", "trace/define_trace.h"), native=True),
    Layer(("kmod/observe/*",), ("kmod/observe/*.h",) + UAPI, SERVICES, native=True),
    # Parameters tell those who keep a copy.
    Layer(("kmod/params.[ch]",),
          ("kmod/core/mem.h", "kmod/core/table.h", "kmod/observe/event.h", "kmod/observe/flight.h",
           "kmod/observe/pause.h", "kmod/observe/report.h", "kmod/observe/spike.h",
           "kmod/watch.h") + UAPI,
          KERNEL),
    Layer(("kmod/watch.[ch]",),
          ("kmod/core/table.h", "kmod/observe/clock.h", "kmod/observe/report.h", "kmod/params.h",
           "kmod/compat.h") + UAPI,
          KERNEL),
    Layer(("kmod/registry*.[ch]",),
          ("kmod/registry*.h", "kmod/core/tripmap.h", "kmod/core/table.h", "kmod/core/mem.h",
           "kmod/params.h", "kmod/compat.h") + UAPI, KERNEL),
    Layer(("kmod/netlink*.[ch]",),
          ("kmod/netlink_*.h", "kmod/registry.h", "kmod/core/tripmap.h", "kmod/core/table.h",
           "kmod/observe/audit.h", "kmod/observe/event.h", "kmod/observe/flight.h",
           "kmod/observe/pause.h", "kmod/observe/report.h", "kmod/observe/report_emit.h",
           "kmod/observe/report_text.h", "kmod/observe/spike.h", "kmod/params.h",
           "kmod/compat.h") + UAPI, KERNEL),
    Layer(("kmod/main.c",), ("kmod/*.h", "kmod/core/*.h", "kmod/observe/*.h") + UAPI, KERNEL),
    Layer(("ctl/*.[ch]",), CTL_OWN, ANY),
    # Tests may look into everything.
    Layer(("selftests/*",), ANY, ANY),
)

# Text that only some files may hold: (what, pattern, who is exempt, why).
KERNEL_ONLY = (
    ("#if on __KERNEL__", re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b.*\b__KERNEL__\b"),
     "split the file"),
    ("printing", re.compile(r"\b(printk\w*|pr_(emerg|alert|crit|err|warn|notice|info|debug|cont)"
                            r"(_once|_ratelimited)?|trace_printk|dump_stack|WARN|WARN_ONCE)"
                            r"\s*\("),
     "only report_emit prints"),
    ("module business", re.compile(r"\b(module_(init|exit|param\w*)|MODULE_\w+|THIS_MODULE)\b"),
     "only main.c knows the module"),
)
DEADLY = re.compile(r"\b(BUG|BUG_ON|panic)\s*\(")
VERSION_CODE = re.compile(r"\bLINUX_VERSION_CODE\b|\bKERNEL_VERSION\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def matches(path, globs):
    return any(fnmatch.fnmatchcase(path, g) for g in globs)


def blank(match):
    """Blanks in place of the text, with the line breaks kept."""
    return re.sub(r"[^\n]", " ", match.group())


def layer_of(path):
    return next((layer for layer in LAYERS if matches(path, layer.files)), None)


def resolve(tree, path, quoted, angled):
    """The project's file that an include means, or None for one from outside."""
    name = quoted or angled
    places = ["uapi/" + name]
    if quoted:
        here = posixpath.dirname(path)
        places += [posixpath.normpath(posixpath.join(d, name))
                   for d in (here, "kmod", "kmod/core", "kmod/observe", "ctl", "selftests", "")]
    return next((p for p in places if p in tree), None)


def is_command(path):
    return matches(path, ("ctl/cmd_*.[ch]",))


def stem(path):
    return posixpath.splitext(path)[0]


def check_include(tree, path, layer, quoted, angled):
    """Why this include is wrong, or None."""
    name = quoted or angled
    target = resolve(tree, path, quoted, angled)
    if name.endswith(".c"):
        return f"includes the source file {name}"
    if target is None:
        if matches(name, layer.outside):
            return None
        return f"may not include {name} from outside its layer's list"
    if is_command(path) and is_command(target) and stem(path) != stem(target):
        return f"a command may not include another's {target}"
    if target == "kmod/netlink.h" and path not in ("kmod/main.c", "kmod/netlink.c"):
        return "only main.c includes netlink.h"
    if matches(target, layer.project) or stem(target) == stem(path):
        return None
    return f"may not include {target}"


def check_text(path, layer, line):
    """Yield why this line (comments and strings blanked) does not belong here."""
    if VERSION_CODE.search(line) and path != "kmod/compat.h":
        if not path.startswith("selftests/"):
            yield "kernel version tested outside kmod/compat.h"
    if DEADLY.search(line) and not path.startswith("selftests/"):
        if path != "kmod/observe/report_emit.c":
            yield "only report_emit.c kills, by the policy bug"
    if layer.native:
        for what, pattern, advice in KERNEL_ONLY:
            if pattern.search(line):
                yield f"{what} in a file that compiles in userspace too ({advice})"


def check_file(tree, path, used):
    """Yield (line number, complaint); add the outside headers met to used."""
    layer = layer_of(path)
    if layer is None:
        yield 1, "belongs to no layer: add it to LAYERS or move it"
        return
    code = COMMENT.sub(blank, tree[path])
    for number, line in enumerate(code.split("\n"), 1):
        include = INCLUDE.match(line)
        if include:
            used.add((layer, include.group(1) or include.group(2)))
            complaint = check_include(tree, path, layer, *include.groups())
            if complaint:
                yield number, complaint
            continue
        for complaint in check_text(path, layer, STRING.sub(blank, line)):
            yield number, complaint


def check(tree):
    """All complaints on a tree, a dict from path to text."""
    out, used = [], set()
    for path in sorted(tree):
        out += [f"{path}:{n}: {c}" for n, c in check_file(tree, path, used)]
    return out, {name for layer, name in used if layer.native}


def check_services(tree, used):
    """The list is what is used, no more, and the native build can supply it."""
    yield from (f"SERVICES lists {s}, which nothing includes" for s in SERVICES if s not in used)
    yield from (f"{SHIM}/{s} is missing: the native build has no stand-in for it"
                for s in SERVICES if f"{SHIM}/{s}" not in tree)


def read_tree(top):
    tree = {}
    for folder in ("uapi", "kmod", "ctl", "selftests"):
        for where, _, names in os.walk(os.path.join(top, folder)):
            for name in names:
                if not name.endswith((".c", ".h")) or name.endswith(".mod.c"):
                    continue
                path = os.path.join(where, name)
                with open(path, encoding="utf-8") as f:
                    tree[os.path.relpath(path, top)] = f.read()
    return tree


# The self-test: (path, text, part of the complaint that must come; None: none).
BASE = {
    "uapi/linux/tripmap.h": "", "uapi/linux/tripmap_names.h": "", "kmod/netlink.h": "",
    "kmod/registry.h": "", "kmod/compat.h": "", "kmod/core/tripmap.h": "",
    "kmod/core/table.h": "", "kmod/core/bucket.h": "", "kmod/observe/report.h": "",
    "kmod/observe/report_emit.h": "", "ctl/wire.h": "", "ctl/cmd_get.h": "",
    "kmod/netlink_put.h": "",
}
CASES = (
    ("kmod/core/x.c", '#include "table.h"\n#include <linux/tripmap.h>\n', None),
    ("kmod/core/x.c", '#include "../observe/report.h"\n', None),
    ("kmod/core/x.c", '/* pr_info("x"); */\nconst char *s = "pr_info(";\n', None),
    ("kmod/core/x.c", '#include "../observe/report_emit.h"\n', "report_emit.h"),
    ("kmod/core/x.c", '#include "../registry.h"\n', "kmod/registry.h"),
    ("kmod/core/x.c", '#include "../netlink.h"\n', "only main.c"),
    ("kmod/core/x.c", "#include <net/genetlink.h>\n", "net/genetlink.h"),
    ("kmod/core/x.c", "#include <linux/module.h>\n", "linux/module.h"),
    ("kmod/core/x.c", "#include <linux/printk.h>\n", "linux/printk.h"),
    ("kmod/core/x.c", '#include "bucket.c"\n', "source file"),
    ("kmod/core/x.c", "#ifdef __KERNEL__\n#endif\n", "__KERNEL__"),
    ("kmod/core/x.c", "#if defined(__KERNEL__)\n#endif\n", "__KERNEL__"),
    ("kmod/core/x.c", '\tpr_warn("x");\n', "printing"),
    ("kmod/core/x.c", "\tprintk_deferred(KERN_INFO);\n", "printing"),
    ("kmod/core/x.c", "module_init(x);\n", "module business"),
    ("kmod/core/x.c", "\tBUG_ON(x);\n", "kills"),
    ("kmod/registry.c", "\tBUG();\n", "kills"),
    ("kmod/observe/report_emit.c", "\tBUG();\n", None),
    ("kmod/core/x.c", "\tWARN_ON_ONCE(x);\n", None),
    ("kmod/core/x.c", "#if LINUX_VERSION_CODE > 3\n#endif\n", "kernel version"),
    ("kmod/observe/report.c", '#include "report.h"\n', None),
    ("kmod/observe/report.c", '#include "../core/table.h"\n', "kmod/core/table.h"),
    ("kmod/observe/report.c", '\tpr_err("x");\n', "printing"),
    ("kmod/observe/report_emit.c", '#include <linux/printk.h>\n\tpr_err("x");\n', None),
    ("kmod/observe/report_emit.c", '#include "../core/tripmap.h"\n', "kmod/core/tripmap.h"),
    ("kmod/registry.c", '#include "registry.h"\n#include "core/table.h"\n', None),
    ("kmod/registry.c", '#include "core/bucket.h"\n', "kmod/core/bucket.h"),
    ("kmod/registry.c", '#include "netlink.h"\n', "only main.c"),
    ("kmod/netlink_entry.c", '#include "netlink_put.h"\n#include "registry.h"\n', None),
    ("kmod/netlink_entry.c", '#include "core/bucket.h"\n', "kmod/core/bucket.h"),
    ("kmod/netlink_entry.c", '#include "netlink.h"\n', "only main.c"),
    ("kmod/netlink_entry.c", "#if KERNEL_VERSION(6, 1, 0)\n#endif\n", "kernel version"),
    ("kmod/netlink.c", '#include "netlink.h"\n#include "netlink_put.h"\n', None),
    ("kmod/main.c", '#include "netlink.h"\n#include "registry.h"\n', None),
    ("kmod/compat.h", "#if LINUX_VERSION_CODE > KERNEL_VERSION(6, 2, 0)\n#endif\n", None),
    ("kmod/stray.c", "", "no layer"),
    ("ctl/cmd_set.c", '#include "wire.h"\n#include <stdio.h>\n', None),
    ("ctl/cmd_get.c", '#include "cmd_get.h"\n', None),
    ("ctl/cmd_set.c", '#include "cmd_get.h"\n', "another's"),
    ("ctl/wire.c", '#include "../kmod/core/tripmap.h"\n', "kmod/core/tripmap.h"),
)


def self_test():
    wrong = []
    for path, text, expected in CASES:
        complaints, _ = check({**BASE, path: text})
        if expected is None and complaints:
            wrong.append(f"clean, but complained about: {path}: {text!r}: {complaints}")
        elif expected and not any(c.startswith(path + ":") and expected in c
                                  for c in complaints):
            wrong.append(f"not caught ({expected}): {path}: {text!r}: {complaints}")
    return wrong


def main():
    top = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    if sys.argv[1:] == ["--self-test"]:
        complaints = self_test()
    elif sys.argv[1:] == ["--list"]:
        print("\n".join(SERVICES))
        complaints = []
    elif not sys.argv[1:]:
        tree = read_tree(top)
        complaints, used = check(tree)
        complaints += check_services(tree, used)
    else:
        sys.exit(__doc__)
    if complaints:
        sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
