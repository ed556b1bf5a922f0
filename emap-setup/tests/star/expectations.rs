//! Texts in a directory, a file each, and whether what was found is the same.

use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Set to accept what was found.
const UPDATE: &str = "EMAP_UPDATE_EXPECTED";

/// Compares texts, by name, with the files `<name>.txt` of a directory: none more, none less, equal content.
pub(crate) fn compare(directory: &Path, found: &BTreeMap<String, String>) {
    if std::env::var_os(UPDATE).is_some() {
        write(directory, found);
    }
    let mut expected = read(directory);
    let mut differences = String::new();
    for (name, text) in found {
        differ(&mut differences, name, &expected.remove(name).unwrap_or_default(), text);
    }
    for (name, text) in expected {
        differ(&mut differences, &name, &text, "");
    }
    assert!(differences.is_empty(), "not as {} says:\n{differences}", directory.display());
}

/// The paragraphs that only one of two texts has.
fn differ(differences: &mut String, name: &str, expected: &str, found: &str) {
    let (mut before, mut after) = (paragraphs(expected), paragraphs(found));
    before.retain(|paragraph| match after.iter().position(|other| other == paragraph) {
        Some(place) => {
            after.remove(place);
            false
        }
        None => true,
    });
    for (what, paragraphs) in [("expected", before), ("found", after)] {
        for paragraph in paragraphs {
            writeln!(differences, "\n{name}, {what}:\n{paragraph}").unwrap();
        }
    }
}

fn paragraphs(text: &str) -> Vec<&str> {
    text.split("\n\n").map(str::trim_end).filter(|paragraph| !paragraph.is_empty()).collect()
}

fn read(directory: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|file| file.extension().is_some_and(|extension| extension == "txt"));
    texts.map(|file| (stem(&file), std::fs::read_to_string(&file).unwrap())).collect()
}

fn write(directory: &Path, texts: &BTreeMap<String, String>) {
    for name in read(directory).keys().filter(|name| !texts.contains_key(*name)) {
        std::fs::remove_file(directory.join(name).with_extension("txt")).unwrap();
    }
    for (name, text) in texts {
        std::fs::write(directory.join(name).with_extension("txt"), text).unwrap();
    }
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}
