# SPDX-License-Identifier: GPL-2.0
"""The kernel's own netlink client, tools/net/ynl."""

import sys

import yaml


def ynl(folder):
    """Its NlError and YnlFamily. Specifications are parsed in C, ten times as fast."""
    yaml.SafeLoader = yaml.CSafeLoader
    sys.path.insert(0, folder)
    from lib import NlError, YnlFamily  # pylint: disable=import-outside-toplevel
    return NlError, YnlFamily
