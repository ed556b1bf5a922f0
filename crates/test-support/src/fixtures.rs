//! Fixture files under `test-files/`, with a record of those that tests have read.
//!
//! An interchange fixture that no test reads says nothing about the program. So every YAML file read through
//! this module is noted in a record, and `fixture-audit`, run after all tests, fails if one was not.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use emap_interchange::{Message, yaml};

/// Names the file that holds the record, if it is not the usual one.
pub const RECORD_VARIABLE: &str = "EMAP_FIXTURE_RECORD";

/// The directory `test-files`.
pub fn root() -> PathBuf {
    workspace().join("test-files")
}

/// A file or directory under `test-files`, such as `hl7/admit.hl7`.
pub fn path(name: &str) -> PathBuf {
    root().join(name)
}

/// A text file under `test-files`; reading a YAML file of `interchange/` is recorded.
pub fn text(name: &str) -> String {
    let path = path(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if is_yaml(&path) {
        note(&record(), name);
    }
    text
}

/// The messages of a YAML file under `test-files/interchange`, such as `adt/admit.yaml`.
pub fn messages(name: &str) -> Vec<Message> {
    yaml::read(&text(&format!("interchange/{name}"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The only message of a YAML file under `test-files/interchange`.
pub fn message(name: &str) -> Message {
    let mut messages = messages(name);
    assert_eq!(messages.len(), 1, "{name} should hold one message");
    messages.remove(0)
}

/// Where the record is: what [`RECORD_VARIABLE`] says, else `fixtures-read` in the build directory.
pub fn record() -> PathBuf {
    let target =
        || std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    std::env::var_os(RECORD_VARIABLE).map_or_else(|| target().join("fixtures-read"), PathBuf::from)
}

/// YAML files under `interchange/` of a fixture directory that the record does not name, sorted.
///
/// # Errors
/// The directory cannot be read. A missing record means that nothing was read.
pub fn unread(root: &Path, record: &Path) -> std::io::Result<Vec<String>> {
    let noted = fs::read_to_string(record).unwrap_or_default();
    let noted: BTreeSet<&str> = noted.lines().collect();
    let mut files = Vec::new();
    collect_yaml(&root.join("interchange"), &mut files)?;
    let names = files.iter().filter_map(|file| Some(file.strip_prefix(root).ok()?.to_str()?.to_owned()));
    let mut unread: Vec<_> = names.filter(|name| !noted.contains(name.as_str())).collect();
    unread.sort_unstable();
    Ok(unread)
}

fn collect_yaml(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect_yaml(&path, files)?;
        } else if is_yaml(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// One short line at the end of the file is written as a whole, whoever else writes at the same time.
fn note(record: &Path, name: &str) {
    if let Some(dir) = record.parent() {
        fs::create_dir_all(dir).expect("a directory for the record of fixtures");
    }
    let file = fs::OpenOptions::new().create(true).append(true).open(record);
    file.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes())).expect("a record of fixtures");
}

fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate is two levels below the workspace")
}

#[cfg(test)]
mod tests {
    use super::{note, unread};

    #[test]
    fn a_yaml_file_that_no_test_read_is_named() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("interchange/adt");
        std::fs::create_dir_all(&dir).unwrap();
        for name in ["read.yaml", "unread.yaml", "also_unread.yml", "notes.txt"] {
            std::fs::write(dir.join(name), "").unwrap();
        }
        let record = root.path().join("target/record");
        note(&record, "interchange/adt/read.yaml");
        let expected = ["interchange/adt/also_unread.yml", "interchange/adt/unread.yaml"];
        assert_eq!(unread(root.path(), &record).unwrap(), expected);
    }
}
