//! What can be wrong with the file.

use std::path::PathBuf;

use thiserror::Error;

use super::document::YamlError;

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
