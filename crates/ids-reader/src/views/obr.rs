use emap_hl7::Value;

super::view! {
    /// Observation request.
    Obr of "OBR"
}

impl<'a> Obr<'a> {
    /// Name of the system that numbers the filler's orders.
    pub(crate) fn filler_system(&self) -> Value<'a> {
        self.fields.field(3).component(2).value()
    }

    /// Name of the coding system of the requested service.
    pub(crate) fn service_system(&self) -> Value<'a> {
        self.fields.field(4).component(3).value()
    }

    /// Alternate code of the requested service.
    pub(crate) fn alternate_service_code(&self) -> Value<'a> {
        self.fields.field(4).component(4).value()
    }
}
