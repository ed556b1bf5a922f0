use emap_hl7::{Field, Place, Repetition, Repetitions, Value};

use super::{filled::filled, view::view};

view! {
    /// Observation or result.
    Obx of "OBX"
}

impl<'a> Obx<'a> {
    pub(crate) fn data_type(&self) -> Value<'a> {
        self.data_type_field().value().trimmed()
    }

    pub(crate) fn data_type_place(&self) -> Place {
        self.data_type_field().place()
    }

    /// Code of the kind of observation.
    pub(crate) fn code(&self) -> Value<'a> {
        self.fields.field(3).value().trimmed()
    }

    /// Second part of the code, where imaging has that of report lines.
    pub(crate) fn second_code(&self) -> Value<'a> {
        self.fields.field(3).component(1).subcomponent(2).trimmed()
    }

    pub(crate) fn code_place(&self) -> Place {
        self.fields.field(3).place()
    }

    /// Name of the system of the code.
    pub(crate) fn code_system(&self) -> Value<'a> {
        self.fields.field(3).component(3).value().trimmed()
    }

    /// Distinguishes observations with the same code, and groups those that belong together.
    pub(crate) fn sub_id(&self) -> Value<'a> {
        self.fields.field(4).value().trimmed()
    }

    pub(crate) fn sub_id_place(&self) -> Place {
        self.fields.field(4).place()
    }

    /// What was observed, in the form that the data type says.
    pub(crate) fn value(&self) -> Field<'a> {
        self.fields.field(5)
    }

    /// The repetitions of the value. Separators with nothing behind them make none.
    pub(crate) fn values(&self) -> impl Iterator<Item = Repetition<'a>> {
        filled(self.value().repetitions())
    }

    /// Whether the value field has neither content nor several repetitions.
    pub(crate) fn value_is_missing(&self) -> bool {
        let mut values = self.value().repetitions();
        values.next().is_none_or(|value| value.is_empty()) && values.next().is_none()
    }

    /// Whether any repetition of the value field has any content.
    pub(crate) fn has_value(&self) -> bool {
        self.value().repetitions().any(|value| !value.is_empty())
    }

    pub(crate) fn unit(&self) -> Value<'a> {
        self.fields.field(6).value().trimmed()
    }

    /// What is normal.
    pub(crate) fn reference_range(&self) -> Value<'a> {
        self.fields.field(7).value().trimmed()
    }

    /// How the value is out of the ordinary.
    pub(crate) fn abnormal_flags(&self) -> Repetitions<'a> {
        self.fields.field(8).repetitions()
    }

    /// How far the value can be relied on, such as `F` (final) or `D` (deleted).
    pub(crate) fn status(&self) -> Value<'a> {
        self.fields.field(11).value().trimmed()
    }

    pub(crate) fn status_place(&self) -> Place {
        self.fields.field(11).place()
    }

    pub(crate) fn observed_at(&self) -> Field<'a> {
        self.fields.field(14)
    }

    fn data_type_field(&self) -> Field<'a> {
        self.fields.field(2)
    }
}
