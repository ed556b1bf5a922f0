//! A file of `KEY=VALUE` lines, as compose reads it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use emap_service::settings::env_file;
use thiserror::Error;

use super::access;

/// What is wrong with an environment file or its template.
#[derive(Debug, Error)]
pub enum EnvFileError {
    /// It cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line is no comment and has no `=`.
    #[error("{path}:{line}: not of the form KEY=VALUE")]
    Form {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// The lines of such a file: those that are not replaced stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// Blank or a comment; with its line break.
    Kept(String),
    /// A variable; `text` is the whole line with its line break.
    Variable { key: String, text: String },
}

impl Line {
    fn text(&self) -> &str {
        match self {
            Self::Kept(text) | Self::Variable { text, .. } => text,
        }
    }
}

impl EnvFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or a line has another form.
    pub fn read(path: &Path) -> Result<Self, EnvFileError> {
        let text =
            fs::read_to_string(path).map_err(|error| EnvFileError::Io { path: path.to_owned(), error })?;
        Self::parse(&text).map_err(|line| EnvFileError::Form { path: path.to_owned(), line })
    }

    /// Writes the lines.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), EnvFileError> {
        let text: String = self.lines.iter().map(Line::text).collect();
        access::replace(path, text.as_bytes())
            .map_err(|error| EnvFileError::Io { path: path.to_owned(), error })
    }

    /// The error is the number of the line.
    fn parse(text: &str) -> Result<Self, usize> {
        let lines = text.split_inclusive('\n').enumerate().map(|(index, text)| {
            if env_file::is_comment(text) {
                return Ok::<_, usize>(Line::Kept(text.to_owned()));
            }
            let (key, _) = text.split_once('=').ok_or(index + 1)?;
            Ok(Line::Variable { key: key.trim().to_owned(), text: text.to_owned() })
        });
        let lines: Result<Vec<Line>, usize> = lines.collect();
        Ok(Self { lines: lines? })
    }

    /// The variables, as compose gives them to a container: blanks around a value and one pair of quotes around it do
    /// not belong to it. Of a key that stands twice the later value counts, and stands later in the list.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        let variables = self.lines.iter().filter_map(|line| match line {
            Line::Kept(_) => None,
            Line::Variable { text, .. } => env_file::key_and_value(text),
        });
        variables.collect()
    }

    /// Gives every line of this key another value; without one, nothing changes.
    pub fn replace(&mut self, key: &str, value: &str) {
        self.map(|present| (present == key).then(|| value.to_owned()));
    }

    /// Gives each key the value that `value` has for it; lines of keys without one stay, and are given back, without
    /// their line break, as the keys that were left.
    pub fn map(&mut self, mut value: impl FnMut(&str) -> Option<String>) -> Vec<String> {
        let mut left = Vec::new();
        for line in &mut self.lines {
            if let Line::Variable { key, text } = line {
                match value(key) {
                    Some(value) => *text = format!("{key}={value}\n"),
                    None => left.push(text.trim_end_matches(['\r', '\n']).to_owned()),
                }
            }
        }
        left
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match line {
            Line::Kept(_) => None,
            Line::Variable { key, .. } => Some(key.as_str()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file: &EnvFile) -> String {
        file.lines.iter().map(Line::text).collect()
    }

    #[test]
    fn values_keep_whatever_follows_the_first_equals_sign() {
        let file = EnvFile::parse(
            "# c=d\n\nURL=jdbc:x://h?a=b&c=%20\\d\nHOST=\"h 1\"\nWHEN=2031-01-01T00:00:00Z\nEND=",
        )
        .unwrap();
        assert_eq!(
            file.variables(),
            [
                ("URL", "jdbc:x://h?a=b&c=%20\\d"),
                ("HOST", "h 1"),
                ("WHEN", "2031-01-01T00:00:00Z"),
                ("END", "")
            ]
        );
    }

    #[test]
    fn a_value_is_replaced_and_nothing_else() {
        let original = "  # note\nA=1\nAB=2\r\n\nA=3";
        let mut file = EnvFile::parse(original).unwrap();
        file.replace("B", "9");
        assert_eq!(text(&file), original);
        file.replace("A", "x=y");
        assert_eq!(text(&file), "  # note\nA=x=y\nAB=2\r\n\nA=x=y\n");
    }

    #[test]
    fn a_line_without_an_equals_sign_is_named() {
        assert_eq!(EnvFile::parse("A=1\n# x\nnothing\n").unwrap_err(), 3);
    }
}
