use emap_hl7::{Place, Repetition};

use super::{filled::filled, view::view};

view! {
    /// Note or comment about what stands before it.
    Nte of "NTE"
}

impl<'a> Nte<'a> {
    /// The lines of the note. Separators with nothing behind them make none.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Repetition<'a>> + use<'a> {
        filled(self.fields.field(3).repetitions())
    }

    pub(crate) fn lines_place(&self) -> Place {
        self.fields.field(3).place()
    }
}
