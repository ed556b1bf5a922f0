//! How a field of a message reaches a column.

use emap_interchange::InterchangeValue;

/// The assignment rule: what the source said nothing about stays, anything else becomes the column's content.
pub(crate) trait Assign<T> {
    /// Applies the field to the column.
    fn assign_to(&self, column: &mut Option<T>);
}

impl<T: Clone + PartialEq> Assign<T> for InterchangeValue<T> {
    fn assign_to(&self, column: &mut Option<T>) {
        if !self.is_unknown() && self.get() != column.as_ref() {
            *column = self.get().cloned();
        }
    }
}

/// A plain field: "not there" means "clear".
impl<T: Clone + PartialEq> Assign<T> for Option<T> {
    fn assign_to(&self, column: &mut Option<T>) {
        if self != column {
            column.clone_from(self);
        }
    }
}

/// Applies a field that any message may fill in, but only a newer one may change.
pub(crate) fn assign_if_null_or_newer<T>(field: &impl Assign<T>, column: &mut Option<T>, newer: bool) {
    if newer || column.is_none() {
        field.assign_to(column);
    }
}

/// Applies a plain field, for which "not there" means "clear".
pub(crate) fn assign_plain(field: Option<&str>, column: &mut Option<String>) {
    if field != column.as_deref() {
        *column = field.map(str::to_owned);
    }
}
