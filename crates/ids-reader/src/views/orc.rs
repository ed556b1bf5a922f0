use emap_hl7::{Field, Place, Value};

use super::view::view;

view! {
    /// Common order.
    Orc of "ORC"
}

impl<'a> Orc<'a> {
    /// What is to be done with the order, such as `NW` (new) or `OC` (cancelled).
    pub(crate) fn control(&self) -> Value<'a> {
        self.fields.field(1).value().trimmed()
    }

    pub(crate) fn control_place(&self) -> Place {
        self.fields.field(1).place()
    }

    /// Number that the ordering system gave the order.
    pub(crate) fn placer_number(&self) -> Value<'a> {
        self.fields.field(2).value().trimmed()
    }

    pub(crate) fn placer_number_place(&self) -> Place {
        self.fields.field(2).place()
    }

    /// Number that the laboratory gave it.
    pub(crate) fn filler_number(&self) -> Value<'a> {
        self.fields.field(3).value().trimmed()
    }

    pub(crate) fn filler_number_place(&self) -> Place {
        self.fields.field(3).place()
    }

    /// Number of the group that the order belongs to.
    pub(crate) fn group_number(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    pub(crate) fn status(&self) -> Value<'a> {
        self.fields.field(5).value().trimmed()
    }

    /// When the order became what it is.
    pub(crate) fn changed_at(&self) -> Field<'a> {
        self.fields.field(9)
    }
}
