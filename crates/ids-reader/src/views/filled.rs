use emap_hl7::{Repetition, Repetitions};

/// The repetitions up to the last one with content: separators with nothing behind them make none.
pub(super) fn filled(repetitions: Repetitions<'_>) -> impl Iterator<Item = Repetition<'_>> {
    let filled = (1..).zip(repetitions.clone()).filter(|(_, repetition)| !repetition.is_empty());
    repetitions.take(filled.last().map_or(0, |(number, _)| number))
}
