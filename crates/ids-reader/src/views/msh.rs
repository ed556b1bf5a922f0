use emap_hl7::{Field, Message, Value};

/// Message header.
#[derive(Debug, Clone)]
pub(crate) struct Msh<'a> {
    fields: emap_hl7::Fields<'a>,
}

impl<'a> Msh<'a> {
    pub(crate) fn of(message: &Message<'a>) -> Self {
        Self { fields: message.header() }
    }

    pub(crate) fn sending_application(&self) -> Value<'a> {
        self.fields.field(3).value().trimmed()
    }

    pub(crate) fn sending_facility(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    /// When the message was written.
    pub(crate) fn written_at(&self) -> Field<'a> {
        self.fields.field(7)
    }

    /// Free for the sender; the record system says here what made it send the message.
    pub(crate) fn occasion(&self) -> Value<'a> {
        self.fields.field(8).value().trimmed()
    }

    pub(crate) fn message_type(&self) -> Value<'a> {
        self.fields.field(9).value().trimmed()
    }

    pub(crate) fn trigger(&self) -> Value<'a> {
        self.fields.field(9).component(2).value().trimmed()
    }

    pub(crate) fn version(&self) -> Value<'a> {
        self.fields.field(12).value().trimmed()
    }
}
