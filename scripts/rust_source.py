"""What the scripts beside this file share: the tokens of Rust source, and where the project's sources are."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\n]*|/\*)
    | (?P<string>[bc]?"(?:[^"\\]|\\.)*"|[bc]?r(?P<hashes>\#*)".*?"(?P=hashes))
    | (?P<char>b?'(?:[^'\\\n]|\\(?:[^ux]|u\{[^}]*\}|x..))')
    | (?P<lifetime>'[A-Za-z_]\w*)
    | (?P<ident>(?:r\#)?[A-Za-z_]\w*)
    | (?P<number>\d\w*)
    | (?P<punct>::|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")

OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


class Token(NamedTuple):
    kind: str  # comment, string, char, lifetime, ident, number or punct
    text: str
    begin: int  # offsets into the text of the file
    end: int
    line: int


def tokenize(text):
    """All tokens of a file; comments are tokens, white space is not."""
    tokens, position, line = [], 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        kind, end = match.lastgroup, match.end()
        if kind == "hashes":
            kind = "string"
        if kind == "comment" and match.group() == "/*":
            depth = 1
            while depth:
                mark = _COMMENT_MARK.search(text, end)
                if mark is None:
                    end = len(text)
                    break
                depth, end = depth + (1 if mark.group() == "/*" else -1), mark.end()
        if kind != "space":
            tokens.append(Token(kind, text[position:end], position, end, line))
        if kind in ("space", "comment", "string"):
            line += text.count("\n", position, end)
        position = end
    return tokens


def group_end(tokens, at):
    """The index behind the bracket that closes the one at `at`."""
    depth = 0
    while at < len(tokens):
        if tokens[at].kind == "punct":
            depth += (tokens[at].text in OPENING) - (tokens[at].text in CLOSING)
        at += 1
        if depth == 0:
            break
    return at


def crates():
    """The directories of the workspace's crates."""
    manifests = [*ROOT.glob("crates/*/Cargo.toml"), *ROOT.glob("emap-setup/Cargo.toml")]
    return sorted(manifest.parent for manifest in manifests)
