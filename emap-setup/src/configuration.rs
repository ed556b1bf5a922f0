//! `global-configuration.yaml`: one file that describes an instance, and the look-ups in it.
//!
//! Sections are mappings of keys to scalars. They are not namespaces: a key is found in whatever section has it, in a
//! fixed order ([`Configuration::get_first`]).

mod dates;
mod document;
mod scalar;
mod suggestions;

pub use self::{
    document::{Document, Node, Place, YamlError},
    scalar::Scalar,
};

use std::{
    fs,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::log;

/// Sections that are searched for a key, after the one that is named like the service.
const LOOKED_UP: [&str; 11] = [
    "rabbitmq",
    "ids",
    "uds",
    "omop",
    "dates",
    "global",
    "glowroot",
    "common",
    "fake_uds",
    "waveform",
    "monitoring",
];

/// What is wrong with the file, or missing from it.
#[derive(Debug, Error)]
pub enum ConfigurationError {
    /// There is no such file.
    #[error("{0}: not found. Copy global-configuration-EXAMPLE.yaml there and fill it in")]
    NotFound(PathBuf),
    /// It cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is not the YAML that is expected.
    #[error("{path}:{error}")]
    Yaml {
        /// The file.
        path: PathBuf,
        /// Line and problem.
        error: YamlError,
    },
    /// A key is nowhere.
    #[error("{path}: {key} is missing")]
    Missing {
        /// The file.
        path: PathBuf,
        /// Its name, with the sections it was expected in.
        key: String,
    },
    /// A key has a value that cannot be used.
    #[error("{path}:{line}: {key}: {problem}")]
    Value {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Its name.
        key: String,
        /// In words.
        problem: String,
    },
}

/// The file, with the date keys that are derived from its `dates`.
#[derive(Debug)]
pub struct Configuration {
    path: PathBuf,
    document: Document,
}

impl Configuration {
    /// Reads the file and derives the date keys.
    ///
    /// # Errors
    /// It is missing, not YAML, not a mapping, or has dates that cannot be read.
    pub fn load(path: &Path) -> Result<Self, ConfigurationError> {
        let text = fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ConfigurationError::NotFound(path.to_owned()),
            _ => ConfigurationError::Read { path: path.to_owned(), error },
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigurationError> {
        let document = Document::parse(text)
            .map_err(|error| ConfigurationError::Yaml { path: path.to_owned(), error })?;
        let mut configuration = Self { path: path.to_owned(), document };
        dates::derive(&mut configuration)?;
        Ok(configuration)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The value under one to three keys, from the top.
    pub fn node(&self, keys: &[&str]) -> Option<&Node> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.document.top.get(*first)?, |node, key| node.child(key))
    }

    /// The scalar under these keys.
    ///
    /// # Errors
    /// It is missing, or no scalar.
    pub fn scalar(&self, keys: &[&str]) -> Result<&Scalar, ConfigurationError> {
        let node = self.node(keys).ok_or_else(|| self.missing(&keys.join(".")))?;
        self.as_scalar(node, &keys.join("."))
    }

    /// The value as text under these keys; none if it is missing or null.
    ///
    /// # Errors
    /// It is no scalar.
    pub fn text(&self, keys: &[&str]) -> Result<Option<&str>, ConfigurationError> {
        match self.node(keys) {
            None => Ok(None),
            Some(node) => {
                let scalar = self.as_scalar(node, &keys.join("."))?;
                Ok((!scalar.is_null()).then(|| scalar.text()))
            }
        }
    }

    /// Whether a switch is on; a missing section or key, or null, is off.
    ///
    /// # Errors
    /// It is neither true nor false.
    pub fn switch(&self, keys: &[&str]) -> Result<bool, ConfigurationError> {
        let Some(node) = self.node(keys) else { return Ok(false) };
        let key = keys.join(".");
        let scalar = self.as_scalar(node, &key)?;
        scalar.as_bool().ok_or_else(|| self.bad_value(node.place, &key, "neither true nor false"))
    }

    /// The first value of a key: in `section`, in the sections that serve all, at the top.
    ///
    /// # Errors
    /// The key is in none of them, or no scalar.
    pub fn get_first(&self, key: &str, section: &str) -> Result<&Scalar, ConfigurationError> {
        let sections = std::iter::once(section).chain(LOOKED_UP);
        let node = sections
            .filter_map(|section| self.node(&[section, key]))
            .next()
            .or_else(|| self.node(&[key]))
            .ok_or_else(|| self.missing(key))?;
        self.as_scalar(node, key)
    }

    /// Sections and the keys in them, with their lines.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str, Place)> {
        self.document.top.iter().flat_map(|(section, node)| {
            node.children().map(move |(key, node)| (section.as_str(), key, node.place))
        })
    }

    /// Warns of keys that nothing uses, with the name that may have been meant.
    pub fn warn_of_unknown_keys(&self, used: &[String]) {
        for (key, place, nearest) in suggestions::unknown(self, used) {
            let meant = nearest.map_or_else(String::new, |name| format!("; is {name} meant?"));
            log::warn(
                "config",
                format_args!("{}:{}: nothing uses {key}{meant}", self.path.display(), place.line),
            );
        }
    }

    fn missing(&self, key: &str) -> ConfigurationError {
        ConfigurationError::Missing { path: self.path.clone(), key: key.to_owned() }
    }

    fn bad_value(&self, place: Place, key: &str, problem: &str) -> ConfigurationError {
        ConfigurationError::Value {
            path: self.path.clone(),
            line: place.line,
            key: key.to_owned(),
            problem: problem.to_owned(),
        }
    }

    fn as_scalar<'a>(&self, node: &'a Node, key: &str) -> Result<&'a Scalar, ConfigurationError> {
        node.as_scalar().ok_or_else(|| self.bad_value(node.place, key, "a single value is expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Configuration, String> {
        Configuration::parse(Path::new("g.yaml"), text).map_err(|error| error.to_string())
    }

    const EXAMPLE: &str = "\
EMAP_PROJECT_NAME: lane
global: {RABBITMQ_PORT: 5700, HL7_READER_PORT: 9000}
ids: {IDS_SCHEMA: store}
core: {LOG: debug, RABBITMQ_PORT: 1}
common:
glowroot: {DOMAIN: null}
dates:
  start: 2031-05-06T07:08:09.5Z
  end:
";

    #[test]
    fn a_key_is_looked_up_in_its_own_section_then_in_those_that_serve_all() {
        let configuration = parse(EXAMPLE).unwrap();
        let first = |key, section| configuration.get_first(key, section).map(Scalar::text);
        assert_eq!(first("RABBITMQ_PORT", "core").unwrap(), "1");
        assert_eq!(first("RABBITMQ_PORT", "hl7-reader").unwrap(), "5700");
        assert_eq!(first("IDS_SCHEMA", "nowhere").unwrap(), "store");
        assert_eq!(first("EMAP_PROJECT_NAME", "global").unwrap(), "lane");
        assert_eq!(first("DOMAIN", "core").unwrap(), "");
        assert_eq!(first("LOG", "hl7-reader").unwrap_err().to_string(), "g.yaml: LOG is missing");
        assert_eq!(
            first("dates", "core").unwrap_err().to_string(),
            "g.yaml:8: dates: a single value is expected"
        );
    }

    #[test]
    fn dates_are_written_as_the_daemons_read_them() {
        let configuration = parse(EXAMPLE).unwrap();
        let text = |keys: &[&str]| configuration.scalar(keys).unwrap().text().to_owned();
        assert_eq!(text(&["ids", "IDS_CFG_DEFAULT_START_DATETIME"]), "2031-05-06T07:08:09.00Z");
        assert_eq!(text(&["global", "HOOVER_DATE_FROM"]), "2031-05-06T07:08:09.00Z");
        assert_eq!(text(&["ids", "IDS_CFG_END_DATETIME"]), " ");
        assert_eq!(text(&["global", "HOOVER_DATE_UNTIL"]), " ");
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let error = |text| parse(text).unwrap_err();
        assert_eq!(error(""), "g.yaml:1: empty: sections are expected");
        assert_eq!(error("- a"), "g.yaml:1: a list where sections are expected");
        assert!(error("a:\n\tb: 1").starts_with("g.yaml:2: "), "{}", error("a:\n\tb: 1"));
        assert_eq!(error("a: {b: 1,\n b: 2}"), "g.yaml:2: b stands twice");
        assert_eq!(error("ids:\n  a: 1\ndates: {}"), "g.yaml: global is missing");
        assert_eq!(error("ids:\nglobal:\ndates: {start: 2031-01-01}"), "g.yaml: dates.end is missing");
        assert_eq!(
            error("ids:\nglobal:\ndates: {start: soon, end: }"),
            "g.yaml:3: dates.start: not a date or time such as 2031-05-06T07:08:09Z"
        );
    }

    #[test]
    fn switches_are_read_in_any_case() {
        let configuration = parse("a: {b: TRUE, c: off, d: maybe, e: }").unwrap();
        let switch = |key| configuration.switch(&["a", key]).map_err(|error| error.to_string());
        assert_eq!(
            (switch("b"), switch("c"), switch("e"), switch("f")),
            (Ok(true), Ok(false), Ok(false), Ok(false))
        );
        assert_eq!(switch("d"), Err("g.yaml:1: a.d: neither true nor false".to_owned()));
    }
}
