use emap_hl7::{Field, Value};

use super::view::view;

view! {
    /// Event type.
    Evn of "EVN"
}

impl<'a> Evn<'a> {
    pub(crate) fn recorded_at(&self) -> Field<'a> {
        self.fields.field(2)
    }

    pub(crate) fn reason_code(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    pub(crate) fn occurred_at(&self) -> Field<'a> {
        self.fields.field(6)
    }
}
