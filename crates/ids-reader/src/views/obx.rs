use emap_hl7::{Field, Place, Value};

super::view! {
    /// Observation or result.
    Obx of "OBX"
}

impl<'a> Obx<'a> {
    pub(crate) fn data_type(&self) -> Value<'a> {
        self.data_type_field().value()
    }

    pub(crate) fn data_type_place(&self) -> Place {
        self.data_type_field().place()
    }

    /// Whether the value field has no character, not even a separator.
    pub(crate) fn value_is_missing(&self) -> bool {
        self.value_field().is_empty()
    }

    /// Whether any repetition of the value field has any content.
    pub(crate) fn has_value(&self) -> bool {
        self.value_field().repetitions().any(|repetition| !repetition.raw().is_empty())
    }

    fn data_type_field(&self) -> Field<'a> {
        self.fields.field(2)
    }

    fn value_field(&self) -> Field<'a> {
        self.fields.field(5)
    }
}
