use emap_hl7::{Field, Place, Repetitions, Value};

use super::view::view;

view! {
    /// Allergy of a patient, adverse reactions included.
    Iam of "IAM"
}

impl<'a> Iam<'a> {
    /// Kind of allergen, such as food.
    pub(crate) fn allergen_type(&self) -> Value<'a> {
        self.fields.field(2).value().trimmed()
    }

    /// Name of the allergen; the record system sends no code for it.
    pub(crate) fn allergen(&self) -> Value<'a> {
        self.fields.field(3).component(2).value().trimmed()
    }

    pub(crate) fn severity(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    pub(crate) fn reactions(&self) -> Repetitions<'a> {
        self.fields.field(5).repetitions()
    }

    pub(crate) fn action(&self) -> Value<'a> {
        self.fields.field(6).value().trimmed()
    }

    pub(crate) fn action_place(&self) -> Place {
        self.fields.field(6).place()
    }

    /// The record system's number of this allergy of this patient.
    pub(crate) fn id(&self) -> Value<'a> {
        self.fields.field(7).value().trimmed()
    }

    pub(crate) fn id_place(&self) -> Place {
        self.fields.field(7).place()
    }

    pub(crate) fn began_on(&self) -> Field<'a> {
        self.fields.field(11)
    }

    pub(crate) fn reported_at(&self) -> Field<'a> {
        self.fields.field(13)
    }

    pub(crate) fn status(&self) -> Value<'a> {
        self.fields.field(17).value().trimmed()
    }
}
