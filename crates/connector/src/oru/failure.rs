//! Why no message can be made of a request.

/// What is wrong with a request or with the hospital's configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OruError {
    /// Something that is needed is not there.
    #[error("Missing key: '{0}'")]
    MissingKey(String),
    /// Something cannot be read.
    #[error("{0}")]
    Value(String),
}
