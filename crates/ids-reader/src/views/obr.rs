use emap_hl7::{Component, Field, Place, Repetition, Repetitions, Value};

use super::view::view;

view! {
    /// Observation request.
    Obr of "OBR"
}

impl<'a> Obr<'a> {
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

    /// Name of the system that numbers the filler's orders.
    pub(crate) fn filler_system(&self) -> Value<'a> {
        self.fields.field(3).component(2).value().trimmed()
    }

    /// Code of the requested service.
    pub(crate) fn service_code(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    /// Name of the coding system of the requested service.
    pub(crate) fn service_system(&self) -> Value<'a> {
        self.fields.field(4).component(3).value().trimmed()
    }

    /// Alternate code of the requested service.
    pub(crate) fn alternate_service_code(&self) -> Value<'a> {
        self.fields.field(4).component(4).value().trimmed()
    }

    /// Alternate name of the requested service.
    pub(crate) fn alternate_service_name(&self) -> Value<'a> {
        self.fields.field(4).component(5).value().trimmed()
    }

    pub(crate) fn requested_at(&self) -> Field<'a> {
        self.fields.field(6)
    }

    /// When the sample was taken.
    pub(crate) fn collected_at(&self) -> Field<'a> {
        self.fields.field(7)
    }

    /// What the clinician wrote about the patient.
    pub(crate) fn clinical_information(&self) -> Value<'a> {
        self.fields.field(13).value()
    }

    /// When the sample arrived.
    pub(crate) fn received_at(&self) -> Field<'a> {
        self.fields.field(14)
    }

    /// Code of the kind of sample.
    pub(crate) fn specimen(&self) -> Value<'a> {
        self.fields.field(15).value().trimmed()
    }

    /// How the sample was taken, in parts.
    pub(crate) fn collection_method(&self) -> Component<'a> {
        self.fields.field(15).component(3)
    }

    /// When results or their status last changed.
    pub(crate) fn changed_at(&self) -> Field<'a> {
        self.fields.field(22)
    }

    /// Section of the laboratory.
    pub(crate) fn department(&self) -> Value<'a> {
        self.fields.field(24).value().trimmed()
    }

    pub(crate) fn result_status(&self) -> Value<'a> {
        self.fields.field(25).value().trimmed()
    }

    /// Code of the observation that this order follows from.
    pub(crate) fn parent_observation(&self) -> Value<'a> {
        self.fields.field(26).value().trimmed()
    }

    pub(crate) fn parent_place(&self) -> Place {
        self.fields.field(26).place()
    }

    /// Sub-id of the observation that this order follows from.
    pub(crate) fn parent_sub_id(&self) -> Value<'a> {
        self.fields.field(26).component(2).value().trimmed()
    }

    /// Reasons for the order.
    pub(crate) fn reasons(&self) -> Repetitions<'a> {
        self.fields.field(31).repetitions()
    }

    /// When the service is wanted.
    pub(crate) fn scheduled_at(&self) -> Field<'a> {
        self.fields.field(36)
    }

    /// Code of the procedure, with all its components.
    pub(crate) fn procedure(&self) -> Repetition<'a> {
        self.fields.field(44).repetition(1)
    }
}
