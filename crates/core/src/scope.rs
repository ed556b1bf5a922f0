//! What the rules work with while a message is applied.

use emap_star::{Audited, Id, Instant, MessageScope, RowState, SessionError};

use crate::{rules::settings::Rules, source::Source};

/// A message of which the time has not been read yet.
pub(crate) struct Context<'a, 'b> {
    /// The rows.
    pub(crate) rows: &'a mut MessageScope<'b>,
    /// Settings.
    pub(crate) rules: Rules,
    /// Who sent the message.
    pub(crate) source: Source<'a>,
}

impl<'a, 'b> Context<'a, 'b> {
    /// The message, applied as of this time.
    pub(crate) fn at(self, message_time: Instant) -> Scope<'a, 'b> {
        Scope { rows: self.rows, rules: self.rules, source: self.source, message_time }
    }
}

/// A message that is being applied as of its time.
pub(crate) struct Scope<'a, 'b> {
    /// The rows.
    pub(crate) rows: &'a mut MessageScope<'b>,
    /// Settings.
    pub(crate) rules: Rules,
    /// Who sent the message.
    pub(crate) source: Source<'a>,
    /// Hospital time of what the message says: it decides what is newer, and changed rows are valid from it.
    pub(crate) message_time: Instant,
}

impl<'b> Scope<'_, 'b> {
    /// The same message as of another of the times that it gives.
    pub(crate) fn at(&mut self, message_time: Instant) -> Scope<'_, 'b> {
        Scope { rows: self.rows, rules: self.rules, source: self.source, message_time }
    }

    /// Opens a row as it is known, or else a new one; to be saved. `new` makes it from its primary key.
    pub(crate) fn open<R: Audited>(
        &mut self,
        known: Option<R>,
        new: impl FnOnce(Id<R>) -> R,
    ) -> Result<RowState<R>, SessionError> {
        Ok(match known {
            Some(known) => RowState::existing(known, self.message_time),
            None => RowState::created(new(self.rows.next_id()?), self.message_time),
        })
    }
}
