//! HL7 files under `test-files/hl7`.

use std::path::{Path, PathBuf};

use emap_test_support::fixtures;

/// Files with one message each, in a directory under `test-files/hl7` and all below it; sorted.
pub fn in_directory(directory: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&fixtures::path("hl7").join(directory), &mut found);
    assert!(!found.is_empty(), "no files in {directory}");
    found.sort();
    found
}

/// Files of all families. The demo's hold many messages each and are left out.
pub fn of_all_families() -> Vec<PathBuf> {
    in_directory("").into_iter().filter(|file| !file.starts_with(fixtures::path("hl7/demo"))).collect()
}

/// The file of messages that belongs to an HL7 file in a directory: the name below its directory, as YAML.
pub fn yaml_name(file: &Path, directory: &str) -> String {
    let name = file.strip_prefix(fixtures::path("hl7").join(directory)).unwrap();
    name.with_extension("yaml").to_str().unwrap().to_owned()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "hl7") {
            found.push(path);
        }
    }
}
