//! Looking keys up.

use std::path::{Path, PathBuf};

use super::{
    document::{Document, Node, Place},
    error::ConfigurationError,
    scalar::Scalar,
};

/// Sections that are searched for a key, after the one that is named like the service.
pub(super) const LOOKED_UP: [&str; 12] = [
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
    "interchange",
];

/// Sections that steer the tool.
pub(super) const SWITCHES: [&str; 3] = ["repositories", "features", "connector"];

/// The file, with the date keys that are derived from its `dates`.
#[derive(Debug)]
pub struct Configuration {
    pub(super) path: PathBuf,
    pub(super) document: Document,
}

impl Configuration {
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

    /// The name of the compose project. Without one, compose would take that of a directory, which other instances share.
    ///
    /// # Errors
    /// It is missing or blank.
    pub fn project_name(&self) -> Result<&str, ConfigurationError> {
        const KEY: &str = "EMAP_PROJECT_NAME";
        let name = self.scalar(&[KEY])?.text();
        match self.node(&[KEY]) {
            Some(node) if name.trim().is_empty() => {
                Err(self.bad_value(node.place, KEY, "a name is expected"))
            }
            _ => Ok(name),
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
        let mut sections = std::iter::once(section).chain(LOOKED_UP);
        let node = sections
            .find_map(|section| self.node(&[section, key]))
            .or_else(|| self.node(&[key]))
            .ok_or_else(|| self.missing(key))?;
        self.as_scalar(node, key)
    }

    /// What stands at the top: sections, and keys of their own.
    pub fn top(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.document.top.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// Sections and the keys in them, with their lines.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str, Place)> {
        self.document.top.iter().flat_map(|(section, node)| {
            node.children().map(move |(key, node)| (section.as_str(), key, node.place))
        })
    }

    /// File and line of a key, for a message about its value to begin with; nothing if the file does not have it.
    pub fn whereabouts(&self, key: &str) -> String {
        let in_sections = self.keys().find(|(_, name, _)| *name == key).map(|(.., place)| place);
        let place = in_sections.or_else(|| Some(self.document.top.get(key)?.place));
        place.map_or_else(String::new, |place| format!("{}:{}: ", self.path.display(), place.line))
    }

    /// Sections hold keys, or nothing. What else stands at the top is a key of its own.
    pub(super) fn check_sections(&self) -> Result<(), ConfigurationError> {
        for name in LOOKED_UP.into_iter().chain(SWITCHES) {
            if let Some(node) = self.node(&[name])
                && !node.is_section()
            {
                return Err(self.bad_value(node.place, name, "keys with values are expected"));
            }
        }
        Ok(())
    }

    pub(super) fn missing(&self, key: &str) -> ConfigurationError {
        ConfigurationError::Missing { path: self.path.clone(), key: key.to_owned() }
    }

    pub(super) fn bad_value(&self, place: Place, key: &str, problem: &str) -> ConfigurationError {
        ConfigurationError::Value {
            path: self.path.clone(),
            line: place.line,
            key: key.to_owned(),
            problem: problem.to_owned(),
        }
    }

    pub(super) fn as_scalar<'a>(&self, node: &'a Node, key: &str) -> Result<&'a Scalar, ConfigurationError> {
        node.as_scalar().ok_or_else(|| self.bad_value(node.place, key, "a single value is expected"))
    }
}
