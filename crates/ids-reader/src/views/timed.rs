//! Timestamps: most are a field of their own, some are one part of a field.

use emap_hl7::{BadTimestamp, Component, Field, Timestamp, Value};

/// Something that may hold a timestamp.
pub(crate) trait Timed: Copy {
    /// `None` for an absent value and for `""`.
    fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp>;

    /// Whether it is `""`.
    fn is_delete(&self) -> bool;
}

impl Timed for Field<'_> {
    fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp> {
        Field::timestamp(self)
    }

    fn is_delete(&self) -> bool {
        self.value() == Value::Delete
    }
}

/// One component of a field, in whatever repetition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(super) component: Component<'a>,
    /// The field it is part of: errors name it.
    pub(super) field: Field<'a>,
}

impl Timed for Part<'_> {
    fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp> {
        let timestamp = self.component.value().as_text().map(Timestamp::parse).transpose();
        timestamp.map_err(|problem| BadTimestamp { place: self.field.place(), problem })
    }

    fn is_delete(&self) -> bool {
        self.component.value() == Value::Delete
    }
}
