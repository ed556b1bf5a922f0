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

/// Applies a plain field, for which "not there" means "clear".
pub(crate) fn assign_plain(field: Option<&str>, column: &mut Option<String>) {
    if field != column.as_deref() {
        *column = field.map(str::to_owned);
    }
}
