//! Timestamps: most are a field of their own, some are one part of a field.

use emap_hl7::{BadTimestamp, Component, Field, Place, Timestamp, Value};

/// Something that may hold a timestamp.
pub(crate) trait Timed: Copy {
    /// `None` for an absent value and for `""`.
    fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp>;

    /// Whether it is `""`.
    fn is_delete(&self) -> bool;

    /// Where it stands.
    fn place(&self) -> Place;
}

impl Timed for Field<'_> {
    fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp> {
        Field::timestamp(self)
    }

    fn is_delete(&self) -> bool {
        self.value().trimmed() == Value::Delete
    }

    fn place(&self) -> Place {
        Field::place(self)
    }
}

/// One component of a field, in whatever repetition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(super) component: Component<'a>,
    /// The field it is part of, and which repetition: errors name them.
    pub(super) field: Field<'a>,
    pub(super) repetition: usize,
}

impl Timed for Part<'_> {
    fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp> {
        let timestamp = self.component.value().trimmed().as_text().map(Timestamp::parse).transpose();
        timestamp.map_err(|problem| BadTimestamp { place: self.place(), problem })
    }

    fn is_delete(&self) -> bool {
        self.component.value().trimmed() == Value::Delete
    }

    fn place(&self) -> Place {
        Place { repetition: Some(self.repetition), ..self.field.place() }
    }
}
