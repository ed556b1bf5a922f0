//! Inputs to begin with, made from the project's test files.
//!
//! The files are read here and not by the loaders of fixtures, which would note them as read by a test.

use std::path::{Path, PathBuf};

use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter};
use emap_interchange::{Message, yaml};

use emap_test_support::fixtures;

/// Inputs for the fuzz target of this name; none for a name that there is not.
pub(crate) fn seeds(target: &str) -> std::io::Result<Vec<Vec<u8>>> {
    Ok(match target {
        "hl7_parse" | "convert" => hl7()?,
        "message_json" => bodies()?,
        "message_yaml" => texts("interchange", "yaml")?.into_iter().map(String::into_bytes).collect(),
        _ => Vec::new(),
    })
}

/// HL7 messages. Files of a whole day hold many, with an empty line between them.
fn hl7() -> std::io::Result<Vec<Vec<u8>>> {
    let files = texts("hl7", "hl7")?;
    let messages = files.iter().flat_map(|text| text.split("\n\n"));
    Ok(messages.map(|message| message.as_bytes().to_vec()).collect())
}

/// A message of every class with nothing in it, those of the fixtures, and those that the HL7 messages give.
fn bodies() -> std::io::Result<Vec<Vec<u8>>> {
    let mut messages = Message::of_each_class();
    for text in texts("interchange", "yaml")? {
        // Files of defaults are no messages.
        messages.extend(yaml::read(&text).unwrap_or_default());
    }
    let mut converter = Converter::new(ConvertSettings::default());
    for text in hl7()? {
        if let ConversionOutcome::Messages(given) = converter.convert("0000000042", &text).outcome {
            messages.extend(given);
        }
    }
    Ok(messages.iter().map(Message::to_json).collect())
}

/// The files with this ending in a directory of the test files and all below it.
fn texts(directory: &str, ending: &str) -> std::io::Result<Vec<String>> {
    let mut paths = Vec::new();
    collect(&fixtures::path(directory), ending, &mut paths)?;
    paths.sort();
    paths.iter().map(std::fs::read_to_string).collect()
}

fn collect(directory: &Path, ending: &str, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, ending, found)?;
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    Ok(())
}
