#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Parse reStructuredText and check its links to other files.

Usage: rst_lint.py FILE...

Sphinx's own directives and roles that the documentation uses (toctree, c:func
and the like) are taken as known; every :doc: and toctree entry has to exist.
"""

import os
import re
import sys

import docutils.core
import docutils.nodes
import docutils.utils
from docutils.parsers.rst import Directive, directives, roles

LINK = re.compile(r":doc:`(?:[^`<]*<)?([^`>]+)>?`")


class Toctree(Directive):
    """Accepts what Sphinx's toctree does and notes the entries."""
    has_content = True
    option_spec = {"maxdepth": directives.unchanged, "caption": directives.unchanged}
    entries = []

    def run(self):
        Toctree.entries += [line.strip() for line in self.content if line.strip()]
        return []


def plain_role(_name, rawtext, text, *_args, **_kwargs):
    return [docutils.nodes.literal(rawtext, text)], []


def lint(path):
    Toctree.entries = []
    with open(path, encoding="utf-8") as f:
        text = f.read()
    level = docutils.utils.Reporter
    settings = {"report_level": level.WARNING_LEVEL, "halt_level": level.SEVERE_LEVEL + 1,
                "warning_stream": sys.stdout, "syntax_highlight": "none"}
    tree = docutils.core.publish_doctree(text, source_path=path, settings_overrides=settings)
    count = sum(node["level"] >= level.WARNING_LEVEL
                for node in tree.findall(docutils.nodes.system_message))
    for target in Toctree.entries + LINK.findall(text):
        place = os.path.join(os.path.dirname(path), target + ".rst")
        if not os.path.exists(place):
            print(f"{path}: no document {target}")
            count += 1
    return count


def main():
    directives.register_directive("toctree", Toctree)
    for role in ("doc", "ref", "c:func", "c:type"):
        roles.register_local_role(role, plain_role)
    if sum([lint(path) for path in sys.argv[1:]]):
        sys.exit(1)


if __name__ == "__main__":
    main()
