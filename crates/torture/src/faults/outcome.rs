//! How a fault ended.

/// What came of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It happened, and is over.
    Happened,
    /// There was no occasion for it, such as a message to act on.
    NoOccasion(&'static str),
}
