//! The pages for operators say what the code says.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use emap_core::CoreSettings;
use emap_ids_reader::ReaderSettings;
use emap_service::settings::{AnyKey, Settings};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn operations_page() -> String {
    read("docs/operations.md")
}

/// The first two columns of the table's line about a setting, as the page must have them.
fn line(key: &dyn AnyKey) -> String {
    let default = key.default_text();
    let default = if default.is_empty() { default } else { format!("`{default}` ") };
    format!("| `{}` | {default}|", key.variable())
}

#[test]
fn every_setting_and_its_default_is_on_the_page() {
    let page = operations_page().replace("| required |", "| |");
    let reader = Settings::load(ReaderSettings::GROUPS, None).unwrap();
    let core = Settings::load(CoreSettings::GROUPS, None).unwrap();
    for key in reader.keys().iter().chain(core.keys()) {
        assert!(page.contains(&line(*key)), "docs/operations.md lacks: {}", line(*key));
        // Those that are refused when set need no other form.
        let file = format!("`{}_FILE`", key.variable());
        let is_refused = page.contains(&format!("{} not supported; refused when set |", line(*key)));
        assert!(!key.is_secret() || is_refused || page.contains(&file), "docs/operations.md lacks: {file}");
    }
}

/// Names of all test functions in a directory and below.
fn tests_in(directory: &Path, names: &mut HashSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_in(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
                    names.extend(rest.split_once('(').map(|(name, _)| name.to_owned()));
                    is_test = false;
                }
            }
        }
    }
}

/// Texts between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Each promise names a test or a kind of injected fault that is there, and each kind of fault has its promise.
#[test]
fn every_promise_has_its_test_and_every_kind_of_fault_its_promise() {
    let mut tests = HashSet::new();
    for directory in ["crates", "emap-setup/tests"] {
        tests_in(&root().join(directory), &mut tests);
    }
    let kinds = read("crates/torture/src/kinds.rs");
    let mut kinds: HashSet<&str> =
        kinds.split("kind(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    kinds.retain(|kind| kind.contains(": "));
    assert!(kinds.len() > 50, "{kinds:?}");

    let page = read("docs/promises.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.ends_with("Tests |"));
    let mut promised = HashSet::new();
    for row in rows {
        let proof = row.trim_end_matches(" |").rsplit_once('|').unwrap().1;
        assert!(quoted(proof).count() > 0, "a promise without a test: {row}");
        for name in quoted(proof) {
            assert!(tests.contains(name) || kinds.contains(name), "neither a test nor a fault: {name}");
            promised.insert(name.to_owned());
        }
    }
    let missing: Vec<_> = kinds.iter().filter(|kind| !promised.contains(**kind)).collect();
    assert!(missing.is_empty(), "docs/promises.md lacks {missing:?}");
}
