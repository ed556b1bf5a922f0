use emap_hl7::Value;

use super::view::view;

view! {
    /// Merge: identifiers that were valid before.
    Mrg of "MRG"
}

impl<'a> Mrg<'a> {
    /// Hospital number: the first identifier, whatever authority it names.
    pub(crate) fn previous_mrn(&self) -> Value<'a> {
        self.fields.field(1).value().trimmed()
    }

    /// National number: the second identifier, whatever authority it names.
    pub(crate) fn previous_nhs_number(&self) -> Value<'a> {
        self.fields.field(1).repetition(2).value().trimmed()
    }

    pub(crate) fn previous_visit_number(&self) -> Value<'a> {
        self.fields.field(5).value().trimmed()
    }
}
