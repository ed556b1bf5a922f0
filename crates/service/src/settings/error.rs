//! What can be wrong with a setting. Every text is one line that says what to set.

use std::path::Path;

/// The environment variable of a dotted name.
pub(super) fn variable(name: &str) -> String {
    name.replace(['.', '-'], "_").to_uppercase()
}

/// The same as relaxed binding of other programs writes it.
pub(super) fn variable_without_dashes(name: &str) -> String {
    name.replace('-', "").replace('.', "_").to_uppercase()
}

/// A missing or wrong setting.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A setting without which the daemon cannot start.
    #[error("set {variable}: {meaning}")]
    Missing {
        /// Environment variable to set.
        variable: String,
        /// What it is for.
        meaning: String,
    },
    /// A value that cannot be read as what it should be.
    #[error("set {variable} to {expected}{found}")]
    Invalid {
        /// Environment variable to correct.
        variable: String,
        /// What a good value looks like.
        expected: String,
        /// What stands there now, in words; empty for secrets.
        found: String,
    },
    /// A secret is given both as it is and as a file.
    #[error("set {variable} or {file_variable}, not both")]
    Twice {
        /// Environment variable of the value.
        variable: String,
        /// Environment variable of the file.
        file_variable: String,
    },
    /// The file with a secret cannot be used.
    #[error("{variable} names the file {path}, which cannot be used: {reason}")]
    SecretFile {
        /// Environment variable that names the file.
        variable: String,
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The settings file cannot be read or understood.
    #[error("settings file {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that the configuration layer refuses; a mistake in the program.
    #[error("setting cannot be used: {0}")]
    Unusable(String),
}

impl SettingsError {
    pub(crate) fn missing(key: &str, meaning: &str) -> Self {
        Self::Missing { variable: variable(key), meaning: meaning.to_owned() }
    }

    /// A wrong value that may be shown.
    pub fn invalid(key: &str, expected: impl Into<String>, found: &str) -> Self {
        let found = format!(" (it is \"{}\")", found.escape_debug());
        Self::Invalid { variable: variable(key), expected: expected.into(), found }
    }

    /// A wrong value that may hold a secret and is not shown.
    pub fn invalid_secret(key: &str, expected: impl Into<String>) -> Self {
        Self::Invalid { variable: variable(key), expected: expected.into(), found: String::new() }
    }

    pub(crate) fn file(path: &Path, reason: impl std::fmt::Display) -> Self {
        let reason = reason.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Self::File { path: path.display().to_string(), reason }
    }

    #[allow(clippy::needless_pass_by_value)] // used as `map_err(SettingsError::unusable)`
    pub(crate) fn unusable(error: config::ConfigError) -> Self {
        Self::Unusable(error.to_string())
    }
}
