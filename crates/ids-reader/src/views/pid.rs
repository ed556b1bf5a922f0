use emap_hl7::{Field, Repetition, Value};

use super::view::view;

view! {
    /// Patient identification.
    Pid of "PID"
}

impl<'a> Pid<'a> {
    /// Hospital number: the first identifier, whatever authority it names.
    pub(crate) fn mrn(&self) -> Value<'a> {
        self.fields.field(3).value().trimmed()
    }

    /// National number: the second identifier, whatever authority it names.
    pub(crate) fn nhs_number(&self) -> Value<'a> {
        self.fields.field(3).repetition(2).value().trimmed()
    }

    pub(crate) fn name(&self) -> Name<'a> {
        Name(self.fields.field(5).repetition(1))
    }

    pub(crate) fn born_at(&self) -> Field<'a> {
        self.fields.field(7)
    }

    pub(crate) fn sex(&self) -> Value<'a> {
        self.fields.field(8).value().trimmed()
    }

    pub(crate) fn postcode(&self) -> Value<'a> {
        self.fields.field(11).component(5).value().trimmed()
    }

    pub(crate) fn religion(&self) -> Value<'a> {
        self.fields.field(17).value().trimmed()
    }

    /// Number of the visit, in messages that have no visit segment.
    pub(crate) fn account_number(&self) -> Value<'a> {
        self.fields.field(18).value().trimmed()
    }

    pub(crate) fn ethnic_group(&self) -> Value<'a> {
        self.fields.field(22).value().trimmed()
    }

    pub(crate) fn died_at(&self) -> Field<'a> {
        self.fields.field(29)
    }

    /// `Y` if the patient is dead, `N` if not.
    pub(crate) fn death_indicator(&self) -> Value<'a> {
        self.fields.field(30).value().trimmed()
    }
}

/// A person's name (data type XPN).
pub(crate) struct Name<'a>(Repetition<'a>);

impl<'a> Name<'a> {
    pub(crate) fn family(&self) -> Value<'a> {
        self.0.component(1).value().trimmed()
    }

    pub(crate) fn given(&self) -> Value<'a> {
        self.0.component(2).value().trimmed()
    }

    pub(crate) fn middle(&self) -> Value<'a> {
        self.0.component(3).value().trimmed()
    }

    pub(crate) fn title(&self) -> Value<'a> {
        self.0.component(5).value().trimmed()
    }
}
