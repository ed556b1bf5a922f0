#!/usr/bin/env python3
"""Tests of style.py and import-graph.py, on invented crates below target/. `make style` runs them."""

import importlib.util
import tempfile
import unittest
from pathlib import Path

import style
from rust_source import ROOT

spec = importlib.util.spec_from_file_location("import_graph", Path(__file__).with_name("import-graph.py"))
import_graph = importlib.util.module_from_spec(spec)
spec.loader.exec_module(import_graph)


class Scratch(unittest.TestCase):
    def setUp(self):
        (ROOT / "target").mkdir(exist_ok=True)
        directory = tempfile.TemporaryDirectory(dir=ROOT / "target")
        self.addCleanup(directory.cleanup)
        self.crate = Path(directory.name)
        (self.crate / "Cargo.toml").write_text('[package]\nname = "invented"\n[dependencies]\nserde-json = "1"\n')

    def write(self, name, text):
        file = self.crate / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


class Loops(Scratch):
    def groups(self):
        edges = import_graph.graph_of(self.crate / "src/lib.rs")
        return [sorted(file.name for file in group) for group in import_graph.components(edges)]

    def test_declaring_a_module_is_no_import(self):
        self.write("lib.rs", "mod a;\npub const ROOT: u8 = 1;")
        self.write("a.rs", "use crate::ROOT;")
        self.assertEqual(self.groups(), [])

    def test_files_that_use_each_other_are_a_loop(self):
        self.write("lib.rs", "mod a;\nmod b;")
        self.write("a.rs", "use crate::b::{self, Thing as Other};")
        self.write("b.rs", "fn f() { crate::a::g() }")
        self.assertEqual(self.groups(), [["a.rs", "b.rs"]])

    def test_a_re_export_is_code_of_the_parent(self):
        self.write("lib.rs", "mod a;")
        self.write("a.rs", "mod b;\nmod c;\npub use b::B;")
        self.write("a/c.rs", "use super::B;")
        self.write("a/b.rs", "use super::c::C;")
        self.assertEqual(self.groups(), [["a.rs", "b.rs", "c.rs"]])
        self.write("a/c.rs", "fn nothing() {}")
        self.assertEqual(self.groups(), [])

    def test_calls_of_a_child_count(self):
        self.write("lib.rs", "mod a;")
        self.write("a.rs", "mod b;\nfn f() { b::g() }\nfn h() {}")
        self.write("a/b.rs", "fn g() { super::h() }")
        self.assertEqual(self.groups(), [["a.rs", "b.rs"]])

    def test_tests_comments_and_strings_do_not_count(self):
        self.write("lib.rs", "mod a;\nuse a::A;\npub struct Root;")
        self.write(
            "a.rs",
            '//! [`crate::Root`]\nconst TEXT: &str = "crate::Root";\n/* crate::Root /* nested */ */\n'
            "#[cfg(test)]\nmod tests { use crate::Root; }\n#[cfg(test)]\nuse crate::Root;\n",
        )
        self.assertEqual(self.groups(), [])


class Imports(Scratch):
    def fixed(self, text):
        file = self.write("lib.rs", text)
        complaints, _ = style.check_imports(file, fix=True)
        self.assertEqual(complaints, [])
        self.assertEqual(style.check_imports(file, fix=False)[0], [], file.read_text())
        return file.read_text()

    def test_three_blocks_with_one_use_for_each_root(self):
        text = "use crate::a;\nuse std::sync::Arc;\nuse serde_json::Value;\nuse std::time::{self, Duration};\n"
        wanted = "use std::{sync::Arc, time::{self, Duration}};\n\nuse serde_json::Value;\n\nuse crate::a;\n"
        found = self.fixed(text)
        self.assertEqual(found.replace("{Duration, self}", "{self, Duration}"), wanted)

    def test_re_exports_and_child_modules(self):
        found = self.fixed("pub(crate) use a::A;\nmod a;\nuse a::B;\npub use self::a::C;\nfn f() {}\n")
        wanted = "mod a;\n\npub use self::a::C;\n\npub(crate) use self::a::A;\n\nuse self::a::B;\nfn f() {}\n"
        self.assertEqual(found, wanted)

    def test_comments_and_attributes_stay_with_their_import(self):
        text = "// For writing.\nuse std::fmt::Write;\nuse std::fmt;\n#[cfg(unix)]\nuse std::os;\n"
        found = self.fixed(text)
        self.assertIn("// For writing.\nuse std::fmt::Write;", found)
        self.assertIn("#[cfg(unix)]\nuse std::os;", found)
        self.assertIn("use std::fmt;", found)

    def test_exported_macros_stay_below_their_definition(self):
        text = "use std::fmt;\n\nmacro_rules! m { () => {} }\npub(crate) use m;\n"
        self.assertEqual(self.fixed(text), text)

    def test_what_is_unclear_is_left_and_reported(self):
        text = "use std::{fmt, /* why */ io};\nuse std::sync::Arc;\n"
        file = self.write("lib.rs", text)
        complaints, changed = style.check_imports(file, fix=True)
        self.assertEqual((len(complaints), changed, file.read_text()), (1, False, text))

    def test_inline_modules_have_their_own_imports(self):
        found = self.fixed("mod tests {\n    use super::*;\n    use std::fmt;\n}\n")
        self.assertLess(found.index("std::fmt"), found.index("super::*"))


if __name__ == "__main__":
    unittest.main()
