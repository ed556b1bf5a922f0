#!/usr/bin/env python3
"""Finds import loops between the source files of a crate, in every crate of the workspace.

    scripts/import-graph.py [--all] [--edges] [CRATE_DIRECTORY…]

Each file under a crate's `src` is a node. File A imports file B if A's code contains a path, in a `use` declaration or
written inline, that leads into B. Paths that begin with `crate`, `$crate`, `super`, `self`, a child module or the name
of an imported module are followed; paths into other crates are not.

Rules:

* A path is followed through modules as far as it goes; the file of the last module is imported. The modules on the
  way are only names: `crate::a::b::Thing` imports `a/b.rs`, not `a.rs`.
* A re-export is code of the file that contains it. If `a.rs` says `pub use b::Thing`, then `crate::a::Thing` imports
  `a.rs`, and `a.rs` imports `a/b.rs`. A child that takes its sibling's item from the parent which re-exports both is
  therefore part of a loop: it has to name the sibling. (Whoever reads the child has to open the parent to find out
  where the name comes from, and a change of the parent's list can break it.)
* Importing a module itself (`use crate::a;`) imports its file, and so does `use crate::a::*`.
* `mod` declarations are no imports: the parent of a module only gives it a place. A parent that uses an item of its
  child imports it, though.
* Everything under `#[cfg(test)]` is left out, and so are comments (links in documentation too) and strings.
* Calls of methods name no path and are not seen.

Prints every group of files that import each other in a circle (a strongly connected component), with one of its
shortest loops and the lines that form it. `--all` adds all imports inside each group; `--edges` prints the whole graph.
Exits 1 if there is a loop.
"""

import argparse
import sys
from collections import defaultdict, deque
from pathlib import Path

from rust_source import OPENING, ROOT, crates, group_end, tokenize

# Files that may take part in loops, with the reason. Imports to and from them are not counted.
ALLOWED = {}

class Module:
    """A module: one of a file, or an inline `mod name { … }` inside one."""

    def __init__(self, file, parent):
        self.file, self.parent = file, parent
        self.children = {}
        self.imports = {}  # name → path of the `use` that brings it into scope
        self.paths = []  # (segments, line) of every path that occurs in it

    @property
    def root(self):
        return self if self.parent is None else self.parent.root


class Source:
    """Reads a file and the files of its child modules."""

    def __init__(self, file, module, directory):
        self.file, self.directory = file, directory
        tokens = tokenize(file.read_text(encoding="utf-8"))
        self.tokens = [token for token in tokens if token.kind in ("ident", "punct", "string")]
        self.at = 0
        self.read(module, directory)

    def text(self, offset=0):
        index = self.at + offset
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def skip_group(self):
        """Moves behind the bracket that closes the one at the present position; returns the tokens between."""
        begin, self.at = self.at, group_end(self.tokens, self.at)
        return self.tokens[begin + 1 : self.at - 1]

    def skip_item(self):
        """Moves behind the item at the present position: its attributes, and up to its `;` or its `{ … }`."""
        is_use = False
        while self.at < len(self.tokens):
            text = self.text()
            if text == ";":
                self.at += 1
                return
            if text == "use":
                is_use = True
            if text == "}":
                return
            if text in OPENING:
                self.skip_group()
                if text == "{" and not is_use and self.text() not in (";", ",", ".", "else"):
                    return
            else:
                self.at += 1

    def read(self, module, directory):
        """Reads up to the bracket that closes the module, or the end of the file."""
        depth, path_attribute = 0, None
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            kind, text, line = token.kind, token.text, token.line
            if text == "#" and self.text(1) in ("[", "!"):
                inner = self.text(1) == "!"
                self.at += 2 if inner else 1
                if self.text() != "[":
                    continue
                attribute = [token.text for token in self.skip_group()]
                if attribute[:4] == ["cfg", "(", "test", ")"]:
                    if inner:
                        self.at = len(self.tokens)
                        module.paths.clear()
                        return
                    self.skip_item()
                elif attribute[:2] == ["path", "="]:
                    path_attribute = attribute[2].strip('"')
            elif text == "mod" and kind == "ident" and self.text(2) in (";", "{"):
                name, inline = self.text(1), self.text(2) == "{"
                self.at += 3
                child = module.children[name] = Module(self.file, module)
                if inline:
                    self.read(child, directory / name)
                else:
                    self.read_file(name, child, directory, path_attribute)
                path_attribute = None
            elif text == "use" and kind == "ident" and self.text(-1) != "+" and self.text(1) != "<":
                self.at += 1
                self.read_use(module, [], line)
            elif kind == "ident" and self.text(1) == "::" and self.text(-1) != "::":
                module.paths.append((self.read_path(), line))
            else:
                if kind == "punct":
                    depth += (text == "{") - (text == "}")
                    if depth < 0:
                        self.at += 1
                        return
                self.at += 1

    def read_file(self, name, child, directory, path_attribute):
        name = name.removeprefix("r#")
        candidates = [
            (directory / f"{name}.rs", directory / name),
            (directory / name / "mod.rs", directory / name),
        ]
        if path_attribute:
            file = self.file.parent / path_attribute
            candidates = [(file, file.parent)]
        for file, below in candidates:
            if file.is_file():
                child.file = file
                Source(file, child, below)
                return

    def read_path(self):
        segments = [self.text()]
        self.at += 1
        while self.text() == "::" and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind == "ident":
            segments.append(self.text(1))
            self.at += 2
        return segments

    def read_use(self, module, prefix, line):
        """Reads one tree of a `use` declaration; its position ends behind it."""
        segments = list(prefix)
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            kind, text, line = token.kind, token.text, token.line
            if text in ("::", "$"):
                if text == "::" and not segments:  # `::name`: another crate
                    segments.append("::")
                self.at += 1
            elif text == "{":
                self.at += 1
                while self.text() not in ("}", ""):
                    self.read_use(module, segments, line)
                    if self.text() == ",":
                        self.at += 1
                self.at += 1
                return
            elif text == "*":
                module.paths.append((segments, line))
                self.at += 1
                return
            elif kind == "ident" and text == "as":
                module.imports[self.text(1)] = segments
                module.paths.append((segments, line))
                self.at += 2
                return
            elif kind == "ident":
                if text != "self" or not segments:
                    segments = [*segments, text]
                self.at += 1
                if self.text() not in ("::", "as"):
                    module.imports.setdefault(segments[-1], segments)
                    module.paths.append((segments, line))
                    return
            else:
                self.at += 1
                return


def follow(module, segments, seen=frozenset()):
    """The files that a path leads through, and the module it ends in if it names one."""
    key = (id(module), tuple(segments))
    if key in seen:
        return set(), None
    seen = seen | {key}
    first, rest = segments[0], segments[1:]
    if first == "crate":
        here = module.root
    elif first == "self":
        here = module
    elif first == "super":
        here = module.parent or module
        while rest and rest[0] == "super":
            here, rest = here.parent or here, rest[1:]
    elif first in module.children:
        here = module.children[first]
    elif first in module.imports and module.imports[first] != segments[:1]:
        # The import itself is counted where it stands; here only what lies below the module that it names.
        _, here = follow(module, module.imports[first], seen)
        if here is None:
            return set(), None
    else:
        return set(), None
    files = set()
    for segment in rest:
        if segment in here.children:
            here = here.children[segment]
        elif segment in here.imports:
            files.add(here.file)
            _, there = follow(here, here.imports[segment], seen)
            if there is None:
                return files, None
            here = there
        else:
            return files | {here.file}, None
    return files | {here.file}, here


def graph_of(root_file):
    """For each file below `root_file`: the files that it imports, with the first line that does so."""
    root = Module(root_file, None)
    Source(root_file, root, root_file.parent)
    edges, modules = defaultdict(dict), [root]
    while modules:
        module = modules.pop()
        modules.extend(module.children.values())
        for segments, line in module.paths:
            for file in follow(module, segments)[0]:
                if file != module.file and not {str(f.relative_to(ROOT)) for f in (file, module.file)} & set(ALLOWED):
                    known = edges[module.file].get(file)
                    if known is None or line < known:
                        edges[module.file][file] = line
    return edges


def components(edges):
    """Groups of more than one file of which each reaches every other (Tarjan, without recursion)."""
    index, low, on_stack, stack, result = {}, {}, set(), [], []
    for start in list(edges):
        if start in index:
            continue
        work = [(start, iter(edges[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    stack.append(successor)
                    on_stack.add(successor)
                    work.append((successor, iter(edges.get(successor, {}))))
                    break
                if successor in on_stack:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = set()
                    while node not in group:
                        group.add(stack.pop())
                    on_stack -= group
                    if len(group) > 1:
                        result.append(group)
    return result


def shortest_loop(group, edges):
    """The files of one of the shortest loops in a group, the first at both ends."""
    best = None
    for start in sorted(group):
        came_from, queue = {start: None}, deque([start])
        while queue:
            node = queue.popleft()
            if start in edges[node]:
                loop = [start]
                while node is not None:
                    loop.append(node)
                    node = came_from[node]
                loop.reverse()
                if best is None or len(loop) < len(best):
                    best = loop
                break
            for successor in edges[node]:
                if successor in group and successor not in came_from:
                    came_from[successor] = node
                    queue.append(successor)
    return best


def crate_roots(crate):
    """The files at which the library and the programs of a crate begin."""
    src = crate / "src"
    roots = [src / "lib.rs", src / "main.rs", *sorted(src.glob("bin/*.rs")), *sorted(src.glob("bin/*/main.rs"))]
    return [root for root in roots if root.is_file()]


def name(file):
    return str(file.relative_to(ROOT))


def line_of(file, number):
    return file.read_text(encoding="utf-8").splitlines()[number - 1].strip()


def main():
    parser = argparse.ArgumentParser(description="Finds import loops between the files of each crate.")
    parser.add_argument("--all", action="store_true", help="print all imports inside each loop's group")
    parser.add_argument("--edges", action="store_true", help="print every import of one file by another")
    parser.add_argument("crates", nargs="*", type=Path, help="directories of crates (default: the whole workspace)")
    arguments = parser.parse_args()
    chosen = [crate.resolve() for crate in arguments.crates] or crates()
    files, imports, loops = set(), 0, 0
    for crate in chosen:
        for root in crate_roots(crate):
            edges = graph_of(root)
            files |= {root, *edges, *(file for targets in edges.values() for file in targets)}
            imports += sum(map(len, edges.values()))
            if arguments.edges:
                for file in sorted(edges):
                    for target in sorted(edges[file]):
                        print(f"{name(file)}:{edges[file][target]} -> {name(target)}")
            for group in sorted(components(edges), key=len):
                loops += 1
                loop = shortest_loop(group, edges)
                print(f"{name(crate)}: {len(group)} files import each other in a circle; a shortest loop:")
                for file, target in zip(loop, loop[1:]):
                    line = edges[file][target]
                    print(f"    {name(file)}:{line} -> {name(target)}    {line_of(file, line)}")
                others = sorted(group - set(loop))
                if others and not arguments.all:
                    print("    also in it: " + " ".join(str(file.relative_to(crate / "src")) for file in others))
                if arguments.all:
                    for file in sorted(group):
                        for target in sorted(group & set(edges[file])):
                            line = edges[file][target]
                            print(f"      {name(file)}:{line} -> {name(target)}    {line_of(file, line)}")
    print(f"import graph: {len(chosen)} crates, {len(files)} files, {imports} imports, {loops or 'no'} loops")
    return 1 if loops else 0


if __name__ == "__main__":
    sys.exit(main())
