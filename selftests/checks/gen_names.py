#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Write the header of enum names from the netlink specification.

Usage: gen_names.py SPEC > uapi/linux/tripmap_names.h

For each enum and for each attribute set of the specification the header has one
inline function that turns a number into the name that the specification gives it.
For each enum it also has the pairs of both as a list, for __print_symbolic().
"""

import sys
import textwrap

import yaml

HEAD = """\
/* SPDX-License-Identifier: {license} */
/*
 * Do not edit: selftests/checks/gen_names.py made this from
 *	Documentation/netlink/specs/{family}.yaml
 *
 * The names of enum values and of attributes, as the specification spells them.
 * Each function returns NULL for a number that has no name.
 */

#ifndef _UAPI_LINUX_{upper}_NAMES_H
#define _UAPI_LINUX_{upper}_NAMES_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#else
#include <stddef.h>
#endif

#include <{header}>
"""

FUNCTION = """
static inline const char *{ident}_name(unsigned int v)
{{
	static const char * const names[] = {{
{rows}
	}};

	_Static_assert(sizeof(names) / sizeof(names[0]) == {upper}_MAX + 1,
		       "names of {ident}");
	return v > {upper}_MAX ? NULL : names[v];
}}
"""

PAIRS = """
#define {upper}_PAIRS \\
{rows}
"""

TAIL = """
#endif /* _UAPI_LINUX_{upper}_NAMES_H */
"""


def c_name(*words):
    return "_".join(words).replace("-", "_")


def license_of(spec_text):
    """The license on the first line of the specification."""
    return spec_text.splitlines()[0].split("SPDX-License-Identifier:")[1].strip()


def function(ident, entries):
    names = [e if isinstance(e, str) else e["name"] for e in entries]
    rows = [f'\t\t[{c_name(ident, n).upper()}] = "{n}",' for n in names]
    return FUNCTION.format(ident=ident, upper=ident.upper(), rows="\n".join(rows))


def pairs(ident, entries):
    names = [e if isinstance(e, str) else e["name"] for e in entries]
    rows = [f'\t{{ {n}, "{name}" }}' for n, name in enumerate(names)]
    return PAIRS.format(upper=ident.upper(), rows=", \\\n".join(rows))


def main():
    if len(sys.argv) != 2:
        sys.exit(textwrap.dedent(__doc__).strip())
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    spec = yaml.safe_load(text)
    family = spec["name"]
    words = {"family": family, "upper": family.upper(),
             "header": spec["uapi-header"], "license": license_of(text)}
    out = HEAD.format(**words)
    for definition in spec["definitions"]:
        if definition["type"] == "enum":
            ident = c_name(family, definition["name"])
            out += function(ident, definition["entries"])
            out += pairs(ident, definition["entries"])
    for attrs in spec["attribute-sets"]:
        out += function(c_name(family, "a", attrs["name"]), attrs["attributes"])
    sys.stdout.write(out + TAIL.format(**words))


if __name__ == "__main__":
    main()
