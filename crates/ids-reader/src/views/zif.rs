use emap_hl7::{Field, Place, Repetition, Value};

use super::{timed::Part, view::view};

view! {
    /// Infections of a patient, all that are on record: a segment of the record system's own.
    Zif of "ZIF"
}

impl<'a> Zif<'a> {
    pub(crate) fn infections(&self) -> impl Iterator<Item = Infection<'a>> + use<'a> {
        let field = self.fields.field(1);
        (1..).zip(field.repetitions()).map(move |(number, repetition)| Infection {
            field,
            repetition,
            number,
        })
    }
}

/// One infection: name, when it was noted, when it was over.
pub(crate) struct Infection<'a> {
    field: Field<'a>,
    repetition: Repetition<'a>,
    /// Number of the repetition, from 1.
    number: usize,
}

impl<'a> Infection<'a> {
    pub(crate) fn name(&self) -> Value<'a> {
        self.repetition.value().trimmed()
    }

    pub(crate) fn place(&self) -> Place {
        Place { repetition: Some(self.number), ..self.field.place() }
    }

    pub(crate) fn added_at(&self) -> Part<'a> {
        self.part(2)
    }

    pub(crate) fn resolved_at(&self) -> Part<'a> {
        self.part(3)
    }

    fn part(&self, component: usize) -> Part<'a> {
        Part { component: self.repetition.component(component), field: self.field, repetition: self.number }
    }
}
