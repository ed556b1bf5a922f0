//! One row while a message is compared with it.

use std::ops::{Deref, DerefMut};

use crate::{row::Audited, value::Instant};

/// A row opened by a message. Code changes fields of the row directly (it dereferences to the row);
/// [`MessageScope::save`](crate::MessageScope::save) compares with the original and writes only what differs.
#[derive(Debug)]
pub struct RowState<R: Audited> {
    original: R,
    row: R,
    created: bool,
    confirmed: bool,
    valid_from: Instant,
}

impl<R: Audited> RowState<R> {
    /// Opens a row that is already known. `valid_from` is when changes begin to hold, in hospital time.
    pub fn existing(row: R, valid_from: Instant) -> Self {
        Self { original: row.clone(), row, created: false, confirmed: false, valid_from }
    }

    /// Opens a row that the message creates.
    pub fn created(row: R, valid_from: Instant) -> Self {
        Self { original: row.clone(), row, created: true, confirmed: false, valid_from }
    }

    /// The message creates this row.
    pub fn is_created(&self) -> bool {
        self.created
    }

    /// The row is new, or a message of this time is not older than what it holds.
    pub fn message_should_update(&self, message_time: Instant) -> bool {
        self.created || message_time >= self.original.valid_from()
    }

    /// The row is new, or a message of this time is newer than what it holds.
    pub fn message_is_newer(&self, message_time: Instant) -> bool {
        self.created || message_time > self.original.valid_from()
    }

    /// The row is new, or a field differs from what was known.
    pub fn is_changed(&self) -> bool {
        self.created || self.row != self.original
    }

    /// The source states the whole row anew: even if no field differs, it holds from the message's time.
    pub fn confirm(&mut self) {
        self.confirmed = true;
    }

    /// A version that differs from the former one in its time only is a version all the same.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// The row to be written, if there is anything to write.
    pub(crate) fn into_written(mut self, stored_from: Instant) -> Option<(R, Option<Instant>)> {
        if self.created {
            self.row.stamp(self.valid_from, stored_from);
            return Some((self.row, None));
        }
        let moved = self.confirmed && self.valid_from != self.original.valid_from();
        if !moved && self.row == self.original {
            return None;
        }
        self.row.stamp(self.valid_from, stored_from);
        Some((self.row, Some(self.valid_from)))
    }
}

impl<R: Audited> Deref for RowState<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.row
    }
}

impl<R: Audited> DerefMut for RowState<R> {
    fn deref_mut(&mut self) -> &mut R {
        &mut self.row
    }
}
