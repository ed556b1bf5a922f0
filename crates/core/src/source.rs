//! Which sources of messages are trusted.

use crate::failure::{Failure, required};

/// The hospital's own record system, which sees admissions and identities first hand.
const TRUSTED: &str = "EPIC";

/// Where a message came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'m> {
    system: Option<&'m str>,
    /// Identifier that the source gave the message.
    pub(crate) message_id: Option<&'m str>,
}

impl<'m> Source<'m> {
    pub(crate) fn new(system: Option<&'m str>, message_id: Option<&'m str>) -> Self {
        Self { system, message_id }
    }

    /// Name of the system. Whether a message may change what is known depends on it: one without is undone.
    pub(crate) fn system(&self) -> Result<&'m str, Failure> {
        required(self.system, "sourceSystem").map_err(Failure::undoing_the_message)
    }

    /// The source may change what is known, not only fill gaps.
    pub(crate) fn is_trusted(&self) -> Result<bool, Failure> {
        self.system().map(is_trusted_system)
    }
}

/// A system of this name may change what is known.
pub(crate) fn is_trusted_system(system: &str) -> bool {
    system == TRUSTED
}
