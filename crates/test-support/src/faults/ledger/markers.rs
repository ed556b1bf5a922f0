//! Patient data that was planted to be found where it must not be.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A place where a marker stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The file, or where else the text comes from.
    pub place: PathBuf,
    /// Which marker, by its place in the list: the marker itself is not to be repeated in a report.
    pub marker: usize,
    /// Line, counted from 1.
    pub line: usize,
}

/// Looks for markers in a text: health, metrics, exit messages.
pub fn in_text(place: impl AsRef<Path>, text: &[u8], markers: &[&str]) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        for (marker, wanted) in markers.iter().enumerate() {
            let wanted = wanted.as_bytes();
            if !wanted.is_empty() && line.windows(wanted.len()).any(|part| part == wanted) {
                leaks.push(Leak { place: place.as_ref().to_owned(), marker, line: number + 1 });
            }
        }
    }
    leaks
}

/// Looks for markers in files, and in all files below directories.
///
/// # Errors
/// A file or directory cannot be read.
pub fn in_files<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    markers: &[&str],
) -> io::Result<Vec<Leak>> {
    let mut leaks = Vec::new();
    let mut paths: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                paths.push(entry?.path());
            }
        } else {
            leaks.extend(in_text(&path, &std::fs::read(&path)?, markers));
        }
    }
    leaks.sort_by(|one, other| (&one.place, one.line).cmp(&(&other.place, other.line)));
    Ok(leaks)
}

#[cfg(test)]
mod tests {
    use super::in_files;

    #[test]
    fn a_marker_is_found_with_file_and_line_and_not_repeated() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(directory.path().join("a.log"), b"fine\n\nname=ZZMARKER\xff").unwrap();
        std::fs::write(inner.join("b.log"), "fine").unwrap();
        let leaks = in_files([directory.path()], &["YYMARKER", "ZZMARKER"]).unwrap();
        assert_eq!(leaks.len(), 1);
        assert_eq!((leaks[0].marker, leaks[0].line), (1, 3));
        assert!(leaks[0].place.ends_with("a.log") && !format!("{leaks:?}").contains("ZZMARKER"));
    }
}
