//! What is known and what a message says.

use crate::failure::{Cause, Failure};

/// What is known for good, or else what the message says. A message that says nothing of it contradicts nothing.
pub(super) fn agreed<T: PartialEq>(
    known: Option<T>,
    said: Option<T>,
    contradiction: &'static str,
) -> Result<Option<T>, Failure> {
    match (known, said) {
        (Some(known), Some(said)) if known != said => Err(Cause::IncompatibleState(contradiction).into()),
        (known, said) => Ok(known.or(said)),
    }
}

/// The same for a name; an empty one is none.
pub(super) fn agreed_name(
    known: Option<String>,
    said: Option<&String>,
    contradiction: &'static str,
) -> Result<Option<String>, Failure> {
    agreed(known, said.filter(|name| !name.is_empty()).cloned(), contradiction)
}
