//! The day's messages: files with HL7 messages, separated by blank lines.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

/// Where a checkout has the day's files.
const IN_CHECKOUT: &str = "test-files/hl7/demo";

/// The directory with the day's files: in the checkout around the present directory or around this program.
pub(super) fn directory() -> anyhow::Result<PathBuf> {
    let starts = [std::env::current_dir(), std::env::current_exe()];
    let around = starts.iter().flatten().flat_map(|start| start.ancestors());
    let found = around.map(|directory| directory.join(IN_CHECKOUT)).find(|directory| directory.is_dir());
    found.with_context(|| {
        format!("no {IN_CHECKOUT} around here: run it in a checkout, or name a directory of HL7 files with --messages")
    })
}

/// The messages of all `.hl7` files of a directory, by the names of the files, which is the order of arrival.
pub(super) fn messages(directory: &Path) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "hl7"));
    files.sort();
    ensure!(!files.is_empty(), "no .hl7 files in {}", directory.display());
    let read =
        |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    let texts: Vec<String> = files.iter().map(read).collect::<anyhow::Result<_>>()?;
    let messages = texts.iter().flat_map(|text| text.trim().split("\n\n"));
    Ok(messages.map(|text| text.trim().replace('\n', "\r")).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use emap_hl7::Positional;

    use super::*;

    #[test]
    fn the_day_is_as_eventful_as_promised() {
        let messages = messages(&directory().unwrap()).unwrap();
        assert!(messages.len() >= 95);
        let parsed: Vec<_> = messages.iter().map(|text| Positional::parse(text).unwrap()).collect();
        let values = |segment, field| -> HashSet<String> {
            let found = parsed.iter().filter_map(|message| message.get(segment, field));
            found.filter(|value| !value.is_empty()).map(std::borrow::Cow::into_owned).collect()
        };
        assert!(values("PID", 3).len() >= 15);
        assert_eq!(values("PV1", 3), HashSet::from(["ED", "AMU", "SUR", "CAR"].map(str::to_owned)));
        let texts: HashSet<_> = messages.iter().collect();
        assert_eq!(messages.len() - texts.len(), 3, "three messages come twice");
        let written: Vec<_> = parsed.iter().map(|message| message.raw("MSH", 7)).collect();
        assert!(!written.is_sorted(), "some are late");
    }

    #[test]
    fn a_directory_without_messages_is_refused() {
        let empty = tempfile::tempdir().unwrap();
        let error = messages(empty.path()).unwrap_err();
        assert!(error.to_string().starts_with("no .hl7 files in"), "{error}");
    }
}
