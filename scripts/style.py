#!/usr/bin/env python3
"""Holds what rustfmt does not: one style of module files, one style of imports.

    scripts/style.py --check    lists what differs and exits 1
    scripts/style.py --fix      mends it (run it on a clean tree; `git diff` shows what it did)
    scripts/style.py --words    counts words that the project's prose avoids, with their places

After the first two, paths of files or directories may follow; otherwise it is about the whole project.

Module files: `name.rs` beside the directory `name/`, never `name/mod.rs`. The only exception is a helper module that
several test programs share: `tests/name.rs` would itself be a test program, so Cargo asks for `tests/name/mod.rs`
(likewise in `benches/` and `examples/`).

Imports, at the top of a file and of each inline module:

* first the `mod` declarations, then re-exports (one block for each visibility), then imports;
* imports in three blocks with a blank line between: `std`, other crates (the workspace's own too), and
  `crate`, `super`, `self`;
* in a block one `use` for each root, with nested braces: `use std::{sync::Arc, time::Duration};`
* items of a child module through `self::`, so that they are not taken for another crate.

A `use` with an attribute or a comment of its own stays by itself. The order in a block and in braces is rustfmt's.
`use` inside functions is left alone. What the script does not understand it leaves and reports.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rust_source import CLOSING, OPENING, ROOT, group_end, tokenize

STD, EXTERNAL, LOCAL = range(3)
STD_ROOTS = {"std", "core", "alloc"}


class Unclear(Exception):
    """The script does not understand what stands here."""


# ---- Module files ----


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def shown(file):
    return str(file.relative_to(ROOT))


def is_shared_test_helper(file):
    """`tests/name/mod.rs`: shared by test programs, and no program itself."""
    directory = file.parent.parent
    return directory.name in ("tests", "benches", "examples") and (directory.parent / "Cargo.toml").is_file()


def is_within(file, places):
    return not places or any(file == place or place in file.parents for place in places)


def rename_module_file(file):
    """Moves `name/mod.rs` to `name.rs`; returns what has to be looked at by hand."""
    target = file.parent.with_suffix(".rs")
    if target.exists():
        return [f"{shown(file)}: {shown(target)} exists already"]
    text = file.read_text(encoding="utf-8")
    relative = re.findall(r'include(?:_str|_bytes)?!\(\s*"|#\[path', text)
    subprocess.run(["git", "mv", str(file), str(target)], cwd=ROOT, check=True)
    return [f"{shown(target)}: has paths relative to its former place; mend them"] if relative else []


def mentions_of_module_files():
    """Places in text files that name a `mod.rs` which is not there."""
    for file in tracked("*.md", "*.rs", "*.toml", "*.sql", "*.yaml", "*.sh", "*.py"):
        if file == Path(__file__):
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for name in re.findall(r"[\w./-]+/mod\.rs", line):
                if not (ROOT / name).is_file() and not list(ROOT.glob(f"**/{name.lstrip('/')}")):
                    yield f"{shown(file)}:{number}: names {name}"


# ---- Items of a scope ----


class Item(NamedTuple):
    kind: str  # "use", "mod" (a declaration) or "other"
    begin: int  # offset of its first attribute or comment
    end: int  # offset behind it, a comment on its last line included
    line: int
    visibility: str
    attributes: str  # the text of comments and attributes before it, and of a comment behind it
    loose: bool  # comments stand before it, with a blank line between
    tree: object  # of a `use`
    name: str


class Scope:
    """The items of a file or of an inline module, and the scopes in it."""

    def __init__(self, text, tokens, at=0):
        self.text, self.tokens, self.at = text, tokens, at
        self.items, self.inner, self.macros, self.modules = [], [], set(), set()
        while self.at < len(tokens) and tokens[self.at].text != "}":
            self.read_item()
        self.end = self.at

    def token(self, offset=0):
        index = self.at + offset
        return self.tokens[index].text if index < len(self.tokens) else ""

    def read_item(self):
        tokens, begin, loose = self.tokens, None, False
        last_end = None
        # Comments and attributes before the item.
        while self.at < len(tokens):
            token = tokens[self.at]
            if token.kind == "comment":
                inner = token.text.startswith(("//!", "/*!"))
                next_at = self.at + 1
            elif token.text == "#":
                inner = self.token(1) == "!"
                next_at = group_end(tokens, self.at + (2 if inner else 1))
            else:
                break
            if last_end is not None and "\n\n" in self.text[last_end : token.begin]:
                begin, loose = None, True
            if inner:
                begin, loose, last_end = None, False, None
            else:
                begin = token.begin if begin is None else begin
                last_end = tokens[next_at - 1].end
            self.at = next_at
        if self.at >= len(tokens) or self.token() == "}":
            return
        first = tokens[self.at]
        if last_end is not None and "\n\n" in self.text[last_end : first.begin]:
            begin, loose = None, True
        attributes = "" if begin is None else self.text[begin : first.begin].rstrip()
        begin = first.begin if begin is None else begin
        visibility = ""
        if self.token() == "pub":
            self.at = group_end(tokens, self.at + 1) if self.token(1) == "(" else self.at + 1
            visibility = self.text[first.begin : tokens[self.at - 1].end]
        kind, tree, name = "other", None, ""
        if self.token() == "use":
            kind, use_at = "use", self.at
            while self.token() != ";":
                self.at = group_end(tokens, self.at) if self.token() in OPENING else self.at + 1
            self.at += 1
            tree = use_at + 1, self.at - 1
        elif self.token() == "mod" and self.token(2) in (";", "{"):
            name = self.token(1)
            if self.token(2) == ";":
                kind = "mod"
                self.modules.add(name)
                self.at += 3
            else:
                self.modules.add(name)
                inner = Scope(self.text, tokens, self.at + 3)
                self.inner.append(inner)
                self.at = inner.end + 1
        else:
            if self.token() == "macro_rules" and self.token(1) == "!":
                self.macros.add(self.token(2))
            while self.at < len(tokens) and self.token() not in CLOSING:
                text = self.token()
                self.at = group_end(tokens, self.at) if text in OPENING else self.at + 1
                if text == ";":
                    break
                if text == "{":
                    if self.token() == ";":
                        self.at += 1
                    break
        end = tokens[self.at - 1].end
        if self.at < len(tokens) and tokens[self.at].kind == "comment" and kind != "other":
            comment = tokens[self.at]
            if "\n" not in self.text[end : comment.begin]:
                attributes, end = f"{attributes}\n{comment.text}".strip(), comment.end
                self.at += 1
        self.items.append(Item(kind, begin, end, first.line, visibility, attributes, loose, tree, name))


# ---- Trees of imports ----


class Tree:
    """The imports below one path."""

    def __init__(self):
        self.below = {}
        self.itself = set()  # "" for the path itself, and the names that it is imported as

    def add(self, path, alias):
        node = self
        for segment in path:
            node = node.below.setdefault(segment, Tree())
        node.itself.add(alias)

    def written(self, name):
        """The tree as source, in some order."""
        parts = []
        for alias in sorted(self.itself):
            parts.append("self" + (f" as {alias}" if alias else ""))
        parts += [tree.written(segment) for segment, tree in sorted(self.below.items())]
        if not self.below and len(self.itself) == 1:
            return name + parts[0].removeprefix("self")
        if len(parts) == 1:
            return f"{name}::{parts[0]}"
        return f"{name}::{{{', '.join(parts)}}}"


def parse_use(tokens):
    """All paths of a `use` as (segments, alias), and the declaration as it is written, sorted."""
    at, leaves = 0, []

    def text():
        return tokens[at].text if at < len(tokens) else ""

    def branch(prefix):
        nonlocal at
        path, written = list(prefix), []
        while True:
            if text() == "{":
                at += 1
                parts = []
                while text() != "}":
                    parts.append(branch(path))
                    if text() == ",":
                        at += 1
                    elif text() != "}":
                        raise Unclear("a `use` that cannot be read")
                at += 1
                parts = [part for part in parts if part]
                shown = parts[0] if len(parts) == 1 else "{" + ", ".join(sorted(parts)) + "}"
                return "::".join([*written, shown])
            if not (tokens[at].kind == "ident" or text() == "*"):
                raise Unclear("a `use` that cannot be read")
            written.append(text())
            if text() != "self" or not path:
                path.append(text())
            at += 1
            if text() == "::":
                at += 1
                continue
            alias = ""
            if text() == "as":
                alias = tokens[at + 1].text
                written[-1] += f" as {alias}"
                at += 2
            leaves.append((tuple(path), alias))
            return "::".join(written)

    if any(token.kind == "comment" for token in tokens):
        raise Unclear("a comment inside a `use`")
    if not tokens or tokens[0].text == "::":
        raise Unclear("a `use` that begins with `::`")
    written = branch(())
    return leaves, written


def sorted_form(written):
    """A tree of imports with everything in braces sorted, to compare two of them."""
    tokens = tokenize(written)
    return parse_use(tokens)[1]


@cache
def dependencies(directory):
    """The names of all crates that a file in `directory` may use."""
    manifest = directory / "Cargo.toml"
    if not manifest.is_file():
        return dependencies(directory.parent) if directory != ROOT else frozenset()
    rules = tomllib.loads(manifest.read_text(encoding="utf-8"))
    tables = [rules, *rules.get("target", {}).values()]
    names = {name for table in tables for key in table if key.endswith("dependencies") for name in table[key]}
    names.add(rules.get("lib", {}).get("name", rules.get("package", {}).get("name", "")))
    return frozenset(name.replace("-", "_") for name in names)


def root_of(path):
    """What is written once in a block: the crate, or all leading `super`s."""
    count = 1
    if path[0] == "super":
        while count < len(path) - 1 and path[count] == "super":
            count += 1
    return path[:count]


def block_of(root, crates):
    if root[0] in STD_ROOTS:
        return STD
    if root[0] in crates:
        return EXTERNAL
    return LOCAL


class Header:
    """The `mod` and `use` items at the top of a scope, as they are and as they should be."""

    def __init__(self, text, scope, crates):
        self.text, self.begin, self.end, self.moved = text, None, None, []
        uses, modules, others = [], [], False
        for item in scope.items:
            if item.kind == "other" or (others and item.kind == "mod"):
                others = others or self.begin is not None or item.kind == "other"
                continue
            if item.kind == "use":
                leaves, written = parse_use(scope.tokens[slice(*item.tree)])
                if others and any(len(path) == 1 or path[0] in scope.macros for path, _ in leaves):
                    continue  # exports a macro of this file: has to stand below it
                leaves = [(("self", *p) if p[0] in scope.modules and len(p) > 1 else p, a) for p, a in leaves]
                uses.append((item, leaves, written))
            else:
                modules.append(item)
            if others:
                self.moved.append(item)
            else:
                if item.loose and self.begin is not None:
                    raise Unclear("a comment between imports that belongs to none of them")
                self.begin = item.begin if self.begin is None else self.begin
                self.end = item.end
        self.first_line = uses[0][0].line if uses else 0
        if self.begin is None and uses:
            self.begin = self.end = next(item.begin for item in scope.items)
        self.modules, self.uses = modules, uses
        self.wanted = self.blocks(crates)
        self.found = self.present()

    def blocks(self, crates):
        """The blocks of `use` declarations as they should be, each as a list of sources."""
        trees, alone = {}, {}
        for item, leaves, _ in self.uses:
            for path, alias in leaves:
                root = root_of(path)
                place = self.place(item, root, crates)
                if item.attributes:
                    alone.setdefault((place, item), []).append((path, alias))
                else:
                    trees.setdefault((place, root), []).append((path, alias))
        blocks = {}
        for (place, root), leaves in trees.items():
            blocks.setdefault(place, []).append(self.declaration(place[1], leaves, ""))
        for (place, item), leaves in alone.items():
            for root in dict.fromkeys(root_of(path) for path, _ in leaves):
                mine = [(path, alias) for path, alias in leaves if root_of(path) == root]
                blocks.setdefault(place, []).append(self.declaration(place[1], mine, item.attributes))
        return [sorted(blocks[place]) for place in sorted(blocks)]

    @staticmethod
    def place(item, root, crates):
        """Re-exports come first, those seen from outside before others; then imports by their origin."""
        if item.visibility:
            return (0, item.visibility)
        return (1 + block_of(root, crates), "")

    @staticmethod
    def declaration(visibility, leaves, attributes):
        root = root_of(leaves[0][0])
        tree = Tree()
        for path, alias in leaves:
            tree.add(path[len(root) :], alias)
        written = sorted_form(tree.written("::".join(root)))
        return f"{attributes}\n{visibility} use {written};".replace("\n ", "\n").strip()

    def present(self):
        """The blocks as they are; a blank line or another item ends one."""
        blocks, last = [], None
        for item, _, written in self.uses:
            source = f"{item.attributes}\n{item.visibility} use {written};".replace("\n ", "\n").strip()
            between = "" if last is None else self.text[last.end : item.begin]
            if last is None or "\n\n" in between or between.strip():
                blocks.append([])
            blocks[-1].append(source)
            last = item
        return [sorted(block) for block in blocks]

    def is_fine(self):
        in_order = not self.modules or not self.uses or self.modules[-1].end <= self.uses[0][0].begin
        return self.found == self.wanted and not self.moved and in_order

    def rewritten(self):
        """Pieces of text to replace: (begin, end, new text)."""
        if not self.uses:
            return []
        parts, last = [], None
        for module in self.modules:
            gap = "" if last is None else "\n\n" if "\n\n" in self.text[last.end : module.begin] else "\n"
            parts.append(gap + self.text[module.begin : module.end])
            last = module
        declarations = "".join(parts)
        blocks = [declarations] if declarations else []
        blocks += ["\n".join(block) for block in self.wanted]
        tail = "\n\n" if self.begin == self.end else ""
        pieces = [(self.begin, self.end, "\n\n".join(blocks) + tail)]
        return pieces + [(item.begin, item.end, "") for item in self.moved]


def scopes(scope):
    yield scope
    for inner in scope.inner:
        yield from scopes(inner)


def check_imports(file, fix):
    """Complaints about one file; with `fix` it is mended where that is possible."""
    text = file.read_text(encoding="utf-8")
    complaints, pieces = [], []
    for scope in scopes(Scope(text, tokenize(text))):
        try:
            header = Header(text, scope, dependencies(file.parent))
        except Unclear as reason:
            line = scope.items[0].line if scope.items else 1
            complaints.append(f"{shown(file)}:{line}: imports left alone: {reason}")
            continue
        if header.uses and not header.is_fine():
            if fix:
                pieces += header.rewritten()
            else:
                complaints.append(f"{shown(file)}:{header.first_line}: imports are not in the project's form")
    for begin, end, new in sorted(pieces, reverse=True):
        text = text[:begin] + new + text[end:]
    if pieces:
        file.write_text(text, encoding="utf-8")
    return complaints, bool(pieces)


# ---- Words ----

WORDS = {
    "tell, told (report, send, say, record)": r"\b(tells?|told|telling)\b",
    "somebody, someone, nobody": r"\b(some|any|no)(body|one)\b",
    "knows, knew (of a program)": r"\b(knows|knew)\b",
    "wants (of a program)": r"\bwants?\b",
    "asks, asked for (of a program)": r"\b(asks|asked for)\b",
    "believes, thinks, feels": r"\b(believes?|thinks?|feels?)\b",
    "lives, dies, sleeps": r"\b(lives|dies|sleeps)\b",
    "whatever, whoever": r"\b(what|who)ever\b",
    "as it stands, as they stand": r"\bas (it|they) stands?\b",
    "hand over, handful": r"\b(handful|hands? over|handed over)\b",
}


def prose(file):
    """The comments and strings of a source file, or all of another file, as (line, text)."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".rs":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize(text):
        if token.kind in ("comment", "string"):
            for offset, line in enumerate(token.text.splitlines()):
                yield token.line + offset, line
        elif token.kind == "ident" and "_" in token.text:
            yield token.line, token.text.replace("_", " ")


def report_words():
    found = {subject: [] for subject in WORDS}
    for file in tracked("*.rs", "*.md", "*.sh", "*.toml"):
        for number, line in prose(file):
            for subject, pattern in WORDS.items():
                if re.search(pattern, line, re.IGNORECASE):
                    found[subject].append(f"{shown(file)}:{number}: {line.strip()}")
    for subject, places in found.items():
        print(f"{len(places):5}  {subject}")
        for place in places:
            print(f"         {place}")


def main():
    parser = argparse.ArgumentParser(description="Module files and imports in the project's style.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="list what differs; exit 1 if something does")
    what.add_argument("--fix", action="store_true", help="mend what differs")
    what.add_argument("--words", action="store_true", help="count words that the project's prose avoids")
    parser.add_argument("places", nargs="*", type=Path, help="files and directories (default: everything)")
    arguments = parser.parse_args()
    places = [place.resolve() for place in arguments.places]
    if arguments.words:
        report_words()
        return 0
    complaints, changed = [], []
    for file in tracked("*mod.rs"):
        if file.name != "mod.rs" or is_shared_test_helper(file) or not is_within(file, places):
            continue
        if arguments.fix:
            complaints += rename_module_file(file)
        else:
            complaints.append(f"{shown(file)}: should be {shown(file.parent.with_suffix('.rs'))}")
    files = [file for file in tracked("*.rs") if is_within(file, places)]
    for file in files:
        found, mended = check_imports(file, arguments.fix)
        complaints += found
        if mended:
            changed.append(file)
    if changed:
        subprocess.run(["rustfmt", "--edition", "2024", *map(str, changed)], cwd=ROOT, check=True)
    complaints += mentions_of_module_files()
    for complaint in complaints:
        print(complaint)
    print(f"style: {len(files)} files, {len(changed)} mended, {len(complaints) or 'no'} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
