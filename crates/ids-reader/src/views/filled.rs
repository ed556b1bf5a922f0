use emap_hl7::{Repetition, Repetitions};

/// The repetitions up to the last one with content: separators with nothing but blanks behind them make none.
pub(super) fn filled(repetitions: Repetitions<'_>) -> impl Iterator<Item = Repetition<'_>> {
    let filled = (1..).zip(repetitions.clone()).filter(|(_, repetition)| !repetition.is_blank());
    repetitions.take(filled.last().map_or(0, |(number, _)| number))
}
