use emap_hl7::{Field, Repetition, Value};

use super::{timed::Part, view::view};

view! {
    /// Infections of a patient, all that are on record: a segment of the record system's own.
    Zif of "ZIF"
}

impl<'a> Zif<'a> {
    pub(crate) fn infections(&self) -> impl Iterator<Item = Infection<'a>> + use<'a> {
        let field = self.fields.field(1);
        field.repetitions().map(move |repetition| Infection { field, repetition })
    }
}

/// One infection: name, when it was noted, when it was over.
pub(crate) struct Infection<'a> {
    field: Field<'a>,
    repetition: Repetition<'a>,
}

impl<'a> Infection<'a> {
    pub(crate) fn name(&self) -> Value<'a> {
        self.repetition.value()
    }

    pub(crate) fn added_at(&self) -> Part<'a> {
        self.part(2)
    }

    pub(crate) fn resolved_at(&self) -> Part<'a> {
        self.part(3)
    }

    fn part(&self, component: usize) -> Part<'a> {
        Part { component: self.repetition.component(component), field: self.field }
    }
}
