//! What the rules work with while a message is applied.

use emap_star::{Audited, Instant, RowState, Session, SessionError};

use crate::{rules::settings::Rules, source::Source};

/// A message of which the time has not been read yet.
pub(crate) struct Context<'a> {
    /// The rows.
    pub(crate) session: &'a mut Session,
    /// Settings.
    pub(crate) rules: Rules,
    /// Who sent the message.
    pub(crate) source: Source<'a>,
}

impl<'a> Context<'a> {
    /// The message, applied as of this time.
    pub(crate) fn at(self, message_time: Instant) -> Scope<'a> {
        Scope { session: self.session, rules: self.rules, source: self.source, message_time }
    }
}

/// A message that is being applied as of its time.
pub(crate) struct Scope<'a> {
    /// The rows.
    pub(crate) session: &'a mut Session,
    /// Settings.
    pub(crate) rules: Rules,
    /// Who sent the message.
    pub(crate) source: Source<'a>,
    /// Hospital time of what the message says: it decides what is newer, and changed rows are valid from it.
    pub(crate) message_time: Instant,
}

impl Scope<'_> {
    /// The same message as of another of the times that it gives.
    pub(crate) fn at(&mut self, message_time: Instant) -> Scope<'_> {
        Scope { session: self.session, rules: self.rules, source: self.source, message_time }
    }

    /// Opens a row as it is known, or else a new one; to be saved. `new` makes it from its primary key, the time at which
    /// the message is stored, and that from which it is valid: the message's.
    pub(crate) fn open<R: Audited>(
        &mut self,
        known: Option<R>,
        new: impl FnOnce(i64, Instant, Instant) -> R,
    ) -> Result<RowState<R>, SessionError> {
        if let Some(known) = known {
            return Ok(RowState::existing(known, self.message_time));
        }
        let id = self.session.next_id()?;
        let row = new(id, self.session.stored_from(), self.message_time);
        Ok(RowState::created(row, self.message_time))
    }
}
