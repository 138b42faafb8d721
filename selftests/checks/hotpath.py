#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What observes costs the hot paths nothing but NOPs, as they are built.

Usage: hotpath.py MODULE.ko ROOT:KEY[:FUNCTION]... [-FUNCTION...]

Each ROOT is a function. From there on every instruction is followed that runs
while nobody listens: the branches of the code, the functions of the module that
it calls, but of each jump label that is off only what falls through. There

 - each jump label of what observes is a NOP in the module's code, and off;
 - at least one of them has the key KEY, so that something was looked at;
 - nothing of what observes is called, and no clock is read.

-FUNCTION is not followed: what is off the hot path, such as the filing of a
violation. A FUNCTION with a ROOT may be called by the ROOT itself.
"""

import collections
import re
import subprocess
import sys

# The symbols by which one observes. A coarse clock is a variable, and no clock.
OBSERVES = re.compile(r"tm_(event|pause|flight|ring|rings|clock|spike)_|__traceiter_|trace_event_"
                      r"|__SC[TK]__tp_func_|__tracepoint_|ktime_get(?!_coarse)|local_clock"
                      r"|sched_clock|trace_clock")
NOPS = {"6690", "0f1f440000"}
ENDS = {"ret", "ud2", "int3", "hlt"}

Insn = collections.namedtuple("Insn", "code name target symbols end")
Label = collections.namedtuple("Label", "key on target")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Module:
    """Places are pairs: name of a section, offset in it."""

    def __init__(self, path):
        self.path = path
        sections = dict(re.findall(r"^\s*\[\s*(\d+)\] (\S+)", run("readelf", "-SW", path), re.M))
        self.functions = {}
        for line in run("readelf", "-sW", path).splitlines():
            word = line.split()
            if len(word) == 8 and word[3] == "FUNC" and word[6] in sections:
                self.functions[word[7]] = (sections[word[6]], int(word[1], 16))
        self.names = {place: name for name, place in self.functions.items()}
        self.insns = self.read_code()
        self.labels = self.read_labels()

    def read_code(self):
        insns, section = {}, None
        for line in run("objdump", "-drw", "--insn-width=16", self.path).splitlines():
            if line.startswith("Disassembly of section "):
                section = line[len("Disassembly of section "):-1]
            part = line.split("\t")
            if len(part) >= 3 and re.match(r" *[0-9a-f]+:$", part[0]):
                at = int(part[0].strip(" :"), 16)
                insns[section, at] = self.read_insn(section, at, part)
        return insns

    def read_insn(self, section, at, part):
        code = part[1].replace(" ", "")
        text = re.sub(r"\b(cs|ds|bnd|notrack) ", "", part[2])
        name, _, operand = text.partition(" ")
        symbols = re.findall(r"R_X86_64_\w+\t(\S+)", "\t".join(part[3:]))
        target = None
        if symbols and re.match(r"call|j", name):
            target = self.symbol_place(symbols[0], 4)
        elif re.match(r"call|j", name) and re.match(r" *[0-9a-f]+ <", operand):
            target = (section, int(operand.split()[0], 16))
        return Insn(code, name, target, symbols, at + len(code) // 2)

    def symbol_place(self, symbol, bias=0):
        """None for what lies in no section of this module's code."""
        name, sign, offset = re.match(r"([^+-]+)(?:([+-])0x([0-9a-f]+))?", symbol).groups()
        offset = int(offset or "0", 16) * (-1 if sign == "-" else 1) + bias
        if name in self.functions:
            section, at = self.functions[name]
            return section, at + offset
        return (name, offset) if name.startswith(".text") else None

    def read_labels(self):
        relocs, inside = {}, False
        for line in run("readelf", "-rW", self.path).splitlines():
            if line.startswith("Relocation section"):
                inside = "'.rela__jump_table'" in line
            word = line.split()
            if inside and len(word) == 7 and word[5] == "+":
                relocs[int(word[0], 16)] = (word[4], int(word[6], 16))
        labels = {}
        for at in range(0, max(relocs, default=-1) + 1, 16):
            code, target, key = (relocs[at + n] for n in (0, 4, 8))
            # As jump_label.h has it: bit 0 of the key says which way is the usual one.
            labels[code] = Label(key[0], bool(key[1] & 1), target)
        return labels


class Walk:
    def __init__(self, module, root, allowed, skipped):
        self.module = module
        self.root = root
        self.allowed = allowed
        self.skipped = skipped
        self.complaints = []
        self.keys = set()
        self.functions = {}

    def complain(self, place, text):
        way = [self.owner[place]]
        while self.functions.get(way[0]):
            way.insert(0, self.functions[way[0]])
        self.complaints.append(f"{' > '.join(way)}: {place[0]}+{place[1]:#x}: {text}")

    def run(self):
        self.owner = {}
        self.functions[self.root] = None
        todo = [(self.module.functions[self.root], self.root)]
        while todo:
            place, name = todo.pop()
            # Running on into another function is what a call that never returns does.
            entry = self.module.names.get(place)
            if place in self.owner or place not in self.module.insns:
                continue
            if entry and entry != name and self.base(entry) != self.base(name):
                continue
            self.owner[place] = name
            todo += self.step(place, name)

    @staticmethod
    def base(name):
        return name.split(".")[0]

    def step(self, place, name):
        insn = self.module.insns[place]
        behind = (place[0], insn.end)
        label = self.module.labels.get(place)
        if label:
            return [(self.at_label(place, insn, label, behind), name)]
        self.look(place, insn)
        if insn.name.startswith("call"):
            return [(behind, name)] + self.enter(insn, name)
        if insn.name == "jmp":
            return self.jump(insn, name)
        if insn.name.startswith("j"):
            return [(behind, name), (insn.target, name)]
        return [] if insn.name in ENDS else [(behind, name)]

    def at_label(self, place, insn, label, behind):
        if not OBSERVES.match(label.key):
            return behind if insn.code in NOPS else label.target
        self.keys.add(label.key)
        if insn.code not in NOPS or label.on:
            self.complain(place, f"the jump label of {label.key} is no NOP: {insn.code}")
        return behind

    def look(self, place, insn):
        for symbol in (re.split("[+-]", s)[0] for s in insn.symbols):
            allowed = symbol in self.allowed and self.owner[place] == self.root
            if OBSERVES.match(symbol) and not allowed:
                self.complain(place, f"{insn.name} uses {symbol}")
        called = insn.target and self.module.names.get(insn.target)
        if called and not insn.symbols and OBSERVES.match(called):
            self.complain(place, f"{insn.name} uses {called}")

    def enter(self, insn, name):
        """The function of this module that is called, if it is one."""
        called = insn.target and self.module.names.get(insn.target)
        if not called or self.base(called) in self.skipped or OBSERVES.match(called):
            return []
        self.functions.setdefault(called, name)
        return [(insn.target, called)]

    def jump(self, insn, name):
        called = insn.target and self.module.names.get(insn.target)
        if called and self.base(called) != self.base(name):
            return self.enter(insn, name)
        return [(insn.target, name)] if insn.target else []


def check(module, skipped, root, key, *allowed):
    if root not in module.functions:
        return [f"there is no function {root}"]
    walk = Walk(module, root, allowed, skipped)
    walk.run()
    print(f"{root}: {len(walk.owner)} instructions of {len(walk.functions)} functions,"
          f" keys {', '.join(sorted(walk.keys)) or 'none'}")
    if key not in walk.keys:
        walk.complaints.append(f"{root}: no jump label of {key} on its way")
    return walk.complaints


def main():
    path, *words = sys.argv[1:]
    skipped = {w[1:] for w in words if w.startswith("-")}
    module = Module(path)
    complaints = []
    for word in words:
        if not word.startswith("-"):
            complaints += check(module, skipped, *word.split(":"))
    if complaints:
        sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
