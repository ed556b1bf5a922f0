use emap_hl7::{Place, Repetitions};

use super::view::view;

view! {
    /// Note or comment about what stands before it.
    Nte of "NTE"
}

impl<'a> Nte<'a> {
    /// The lines of the note.
    pub(crate) fn lines(&self) -> Repetitions<'a> {
        self.fields.field(3).repetitions()
    }

    pub(crate) fn lines_place(&self) -> Place {
        self.fields.field(3).place()
    }
}
