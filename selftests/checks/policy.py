#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Holds the policy that the running kernel reports against the specification.

Usage: policy.py SPEC

Asks the controller of generic netlink for the family (version, operations and
their flags, multicast groups) and for the policy of every operation
(attributes, types, bounds), and compares all of it with the YAML. Knows no
more of the family than the specification says.
"""

import os
import socket
import struct
import sys

import yaml

from ktap import Ktap

NETLINK_GENERIC = 16
GENL_ID_CTRL = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_TYPE_MASK = 0x3fff
CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY = 3, 10
CTRL_ATTR_FAMILY_NAME = 2
CTRL_ATTR_VERSION, CTRL_ATTR_OPS, CTRL_ATTR_MCAST_GROUPS = 3, 6, 7
CTRL_ATTR_POLICY, CTRL_ATTR_OP_POLICY = 8, 9
POLICY_FOR_DO, POLICY_FOR_DUMP = 1, 2

# Flags of an operation, GENL_*.
FLAGS = {"admin-perm": 0x01, "uns-admin-perm": 0x10}
CAN_DO, CAN_DUMP, HAS_POLICY = 0x02, 0x04, 0x08

# NL_ATTR_TYPE_*, by number.
TYPES = ("invalid", "flag", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "binary",
         "string", "nul-string", "nest", "nested-array", "bitfield32")

# NL_POLICY_TYPE_ATTR_*: number to (key, format).
FACTS = {1: ("type", "=I"), 2: ("min", "=q"), 3: ("max", "=q"), 4: ("min", "=Q"),
         5: ("max", "=Q"), 6: ("min-len", "=I"), 7: ("max-len", "=I"), 8: ("index", "=I"),
         9: ("max-type", "=I"), 12: ("mask", "=Q")}


# --- netlink ---

def attributes(data):
    """Yield (type, payload) of the attributes in data."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & NLA_TYPE_MASK, data[4:length]
        data = data[(length + 3) & ~3:]


def messages(sock):
    """Yield (type, payload) of messages until the kernel says that it is done."""
    while True:
        data = sock.recv(1 << 17)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            payload = data[16:length]
            data = data[(length + 3) & ~3:]
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                error = struct.unpack_from("=i", payload)[0] if payload else 0
                if error:
                    raise OSError(-error, os.strerror(-error))
                return
            yield kind, payload


def ask(command, family, flags):
    """Yield the attributes of each answer of the controller."""
    name = family.encode() + b"\0"
    attr = struct.pack("=HH", 4 + len(name), CTRL_ATTR_FAMILY_NAME) + name
    attr += b"\0" * (-len(attr) % 4)
    body = struct.pack("=BBH", command, 2, 0) + attr
    head = struct.pack("=IHHII", 16 + len(body), GENL_ID_CTRL, NLM_F_REQUEST | flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as sock:
        sock.send(head + body)
        for _, payload in messages(sock):
            yield list(attributes(payload[4:]))


# --- what the kernel says ---

def number(payload):
    return int.from_bytes(payload, sys.byteorder)


def live_family(name):
    """{'version': n, 'flags': {command: flags}, 'groups': {names}}"""
    family = {"flags": {}, "groups": set()}
    for answer in ask(CTRL_CMD_GETFAMILY, name, NLM_F_ACK):
        for kind, payload in answer:
            if kind == CTRL_ATTR_VERSION:
                family["version"] = number(payload)
            elif kind == CTRL_ATTR_OPS:
                for _, op in attributes(payload):
                    op = dict(attributes(op))
                    family["flags"][number(op[1])] = number(op[2])
            elif kind == CTRL_ATTR_MCAST_GROUPS:
                for _, group in attributes(payload):
                    family["groups"].add(dict(attributes(group))[1].rstrip(b"\0").decode())
    return family


def facts(payload):
    out = {}
    for kind, value in attributes(payload):
        if kind in FACTS:
            key, form = FACTS[kind]
            out[key] = struct.unpack(form, value)[0]
    out["type"] = TYPES[out["type"]]
    return out


def live_policies(name):
    """({command: {1: index, 2: index}}, {index: {attribute: facts}})"""
    by_op, by_index = {}, {}
    for answer in ask(CTRL_CMD_GETPOLICY, name, NLM_F_DUMP):
        for kind, payload in answer:
            for key, value in attributes(payload) if kind in (CTRL_ATTR_POLICY,
                                                              CTRL_ATTR_OP_POLICY) else ():
                if kind == CTRL_ATTR_OP_POLICY:
                    by_op[key] = {k: number(v) for k, v in attributes(value)}
                else:
                    for attr, what in attributes(value):
                        by_index.setdefault(key, {})[attr] = facts(what)
    return by_op, by_index


def expand(policies, index):
    """A policy with nested ones in place of their indices."""
    out = {}
    for attr, known in policies.get(index, {}).items():
        out[attr] = {k: v for k, v in known.items() if k not in ("index", "max-type")}
        if "index" in known:
            out[attr]["policy"] = expand(policies, known["index"])
    return out


# --- what the specification says ---

class Spec:
    """The specification, numbered as the uapi header numbers it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.yaml = yaml.safe_load(f)
        self.consts = {d["name"]: d["value"] for d in self.yaml["definitions"]
                       if d["type"] == "const"}
        self.sets = {}
        for attr_set in self.yaml["attribute-sets"]:
            self.sets[attr_set["name"]] = {
                a["name"]: (n, a) for n, a in enumerate(attr_set["attributes"], 1)}
        self.ops = list(enumerate(self.yaml["operations"]["list"], 1))

    def value(self, x):
        return self.consts.get(x, x)

    def bounds(self, attr):
        """What the kernel reports of an attribute's type and checks."""
        checks = {k: self.value(v) for k, v in attr.get("checks", {}).items()}
        kind = attr["type"]
        if kind == "nest":
            return {"type": kind, "policy": self.policy(attr["nested-attributes"])}
        if kind == "string":
            return {"type": "nul-string", **checks}
        if kind == "binary":
            if "exact-len" in checks:
                return {"type": kind, "min-len": checks["exact-len"],
                        "max-len": checks["exact-len"]}
            return {"type": kind, **checks}
        top = (1 << int(kind[1:])) - 1
        return {"type": kind, "min": checks.get("min", 0), "max": checks.get("max", top)}

    def policy(self, attr_set, names=None):
        """{attribute number: bounds}; without names the whole set."""
        attrs = self.sets[attr_set]
        return {attrs[n][0]: self.bounds(attrs[n][1]) for n in (attrs if names is None else names)
                if attrs[n][1]["type"] != "pad"}

    def request(self, op):
        """What either kind of request may hold: one policy serves both."""
        names = [name for mode in ("do", "dump")
                 for name in op.get(mode, {}).get("request", {}).get("attributes", [])]
        return self.policy(op["attribute-set"], names)


# --- the comparison ---

def check_family(spec, live):
    if live["version"] != spec.yaml["version"]:
        yield f"version {live['version']}, the specification says {spec.yaml['version']}"
    groups = {g["name"] for g in spec.yaml["mcast-groups"]["list"]}
    if live["groups"] != groups:
        yield f"groups {sorted(live['groups'])}, the specification says {sorted(groups)}"
    commands = {n for n, op in spec.ops if "event" not in op}
    for n in sorted(commands ^ live["flags"].keys()):
        yield f"command {n} is only in the {'specification' if n in commands else 'kernel'}"


def check_flags(op, flags):
    want = sum(FLAGS[f] for f in op.get("flags", []))
    want |= (CAN_DO if "do" in op else 0) | (CAN_DUMP if "dump" in op else 0)
    if flags & ~HAS_POLICY != want:
        yield f"flags {flags & ~HAS_POLICY:#x}, the specification says {want:#x}"


def compare(mode, spec_set, live, want):
    names = {n: name for name, (n, _) in spec_set.items()}
    for attr in sorted(live.keys() | want.keys()):
        if live.get(attr) != want.get(attr):
            yield (f"{mode}: {names.get(attr, attr)}: kernel {live.get(attr)}, "
                   f"specification {want.get(attr)}")


def check_op(spec, n, op, live, by_op, policies):
    yield from check_flags(op, live["flags"].get(n, 0))
    for mode, which in (("do", POLICY_FOR_DO), ("dump", POLICY_FOR_DUMP)):
        if mode not in op:
            continue
        want = spec.request(op)
        index = by_op.get(n, {}).get(which)
        have = {} if index is None else expand(policies, index)
        yield from compare(mode, spec.sets[op["attribute-set"]], have, want)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    spec = Spec(sys.argv[1])
    name = spec.yaml["name"]
    ops = [(n, op) for n, op in spec.ops if "event" not in op]
    tap = Ktap(len(ops) + 1)
    live = live_family(name)
    by_op, policies = live_policies(name)
    tap.case("family", check_family, spec, live)
    for n, op in ops:
        tap.case(f"policy of {op['name']}", check_op, spec, n, op, live, by_op, policies)
    tap.exit()


if __name__ == "__main__":
    main()
