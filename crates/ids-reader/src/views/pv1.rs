use emap_hl7::{Field, Place, Value};

use super::view::view;

view! {
    /// Patient visit.
    Pv1 of "PV1"
}

impl<'a> Pv1<'a> {
    pub(crate) fn patient_class(&self) -> Value<'a> {
        self.fields.field(2).value().trimmed()
    }

    pub(crate) fn patient_class_place(&self) -> Place {
        self.fields.field(2).place()
    }

    pub(crate) fn location(&self) -> Field<'a> {
        self.fields.field(3)
    }

    /// How urgent the admission is, or how it came about.
    pub(crate) fn admission_type(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    pub(crate) fn previous_location(&self) -> Field<'a> {
        self.fields.field(6)
    }

    /// Speciality that cares for the patient.
    pub(crate) fn hospital_service(&self) -> Value<'a> {
        self.fields.field(10).value().trimmed()
    }

    pub(crate) fn visit_number(&self) -> Value<'a> {
        self.fields.field(19).value().trimmed()
    }

    pub(crate) fn discharge_disposition(&self) -> Value<'a> {
        self.fields.field(36).value().trimmed()
    }

    pub(crate) fn discharged_to(&self) -> Value<'a> {
        self.fields.field(37).value().trimmed()
    }

    /// Where the patient is to go.
    pub(crate) fn pending_location(&self) -> Field<'a> {
        self.fields.field(42)
    }

    /// Admission, or presentation if the patient is only registered.
    pub(crate) fn admitted_at(&self) -> Field<'a> {
        self.fields.field(44)
    }

    pub(crate) fn discharged_at(&self) -> Field<'a> {
        self.fields.field(45)
    }
}
