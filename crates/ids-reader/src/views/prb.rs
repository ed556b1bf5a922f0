use emap_hl7::{Field, Place, Value};

use super::view::view;

view! {
    /// Problem of a patient.
    Prb of "PRB"
}

impl<'a> Prb<'a> {
    pub(crate) fn action(&self) -> Value<'a> {
        self.fields.field(1).value().trimmed()
    }

    pub(crate) fn action_place(&self) -> Place {
        self.fields.field(1).place()
    }

    pub(crate) fn updated_at(&self) -> Field<'a> {
        self.fields.field(2)
    }

    pub(crate) fn code(&self) -> Value<'a> {
        self.fields.field(3).value().trimmed()
    }

    pub(crate) fn name(&self) -> Value<'a> {
        self.fields.field(3).component(2).value().trimmed()
    }

    /// The record system's number of this problem of this patient.
    pub(crate) fn id(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    pub(crate) fn id_place(&self) -> Place {
        self.fields.field(4).place()
    }

    /// Day it was put on the problem list.
    pub(crate) fn added_on(&self) -> Field<'a> {
        self.fields.field(7)
    }

    pub(crate) fn resolved_on(&self) -> Field<'a> {
        self.fields.field(9)
    }

    pub(crate) fn status(&self) -> Value<'a> {
        self.fields.field(13).value().trimmed()
    }

    pub(crate) fn began_on(&self) -> Field<'a> {
        self.fields.field(16)
    }
}
