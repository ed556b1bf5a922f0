use emap_hl7::{Field, Value};

use super::view::view;

view! {
    /// Problem of a patient.
    Prb of "PRB"
}

impl<'a> Prb<'a> {
    pub(crate) fn action(&self) -> Field<'a> {
        self.fields.field(1)
    }

    pub(crate) fn updated_at(&self) -> Field<'a> {
        self.fields.field(2)
    }

    pub(crate) fn code(&self) -> Value<'a> {
        self.fields.field(3).value()
    }

    pub(crate) fn name(&self) -> Value<'a> {
        self.fields.field(3).component(2).value()
    }

    /// The record system's number of this problem of this patient.
    pub(crate) fn id(&self) -> Field<'a> {
        self.fields.field(4)
    }

    /// Day it was put on the problem list.
    pub(crate) fn added_on(&self) -> Field<'a> {
        self.fields.field(7)
    }

    pub(crate) fn resolved_on(&self) -> Field<'a> {
        self.fields.field(9)
    }

    pub(crate) fn status(&self) -> Value<'a> {
        self.fields.field(13).value()
    }

    pub(crate) fn began_on(&self) -> Field<'a> {
        self.fields.field(16)
    }
}
