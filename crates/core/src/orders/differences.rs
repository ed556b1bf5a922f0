//! How two contents of a table differ, row by row.

use super::contents::{Cell, Content};

/// One row's difference.
#[derive(Debug, PartialEq, Eq)]
pub enum Difference<'c> {
    /// Only the first content has this row.
    Lost(&'c [Cell]),
    /// Only the second content has this row.
    Added(&'c [Cell]),
    /// The row as it is in the first and in the second content.
    Changed(&'c [Cell], &'c [Cell]),
}

/// What turns one content into another. Rows that only one of them has are paired by likeness; a pair agrees on half
/// of its columns at least.
pub fn between<'c>(one: &'c Content, other: &'c Content) -> Vec<Difference<'c>> {
    let (mut lost, mut added) = only_in_one(one.rows(), other.rows());
    let mut differences = Vec::new();
    while let Some((l, a)) = most_alike(&lost, &added) {
        differences.push(Difference::Changed(lost.remove(l), added.remove(a)));
    }
    differences.extend(lost.into_iter().map(Difference::Lost));
    differences.extend(added.into_iter().map(Difference::Added));
    differences
}

/// Rows without their equals: both lists are sorted, so one walk finds them.
fn only_in_one<'c>(one: &'c [Vec<Cell>], other: &'c [Vec<Cell>]) -> (Vec<&'c [Cell]>, Vec<&'c [Cell]>) {
    let (mut lost, mut added) = (Vec::new(), Vec::new());
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    loop {
        match (one.peek(), other.peek()) {
            (Some(l), Some(a)) if l == a => {
                one.next();
                other.next();
            }
            (Some(l), a) if a.is_none_or(|a| l < a) => lost.extend(one.next().map(Vec::as_slice)),
            (_, Some(_)) => added.extend(other.next().map(Vec::as_slice)),
            _ => return (lost, added),
        }
    }
}

fn most_alike(lost: &[&[Cell]], added: &[&[Cell]]) -> Option<(usize, usize)> {
    let pairs = (0..lost.len()).flat_map(|l| (0..added.len()).map(move |a| (l, a)));
    pairs
        .map(|(l, a)| (likeness(lost[l], added[a]), (l, a)))
        .filter(|((_, agreeing), (l, _))| 2 * agreeing >= lost[*l].len())
        .max_by_key(|(likeness, pair)| (*likeness, std::cmp::Reverse(*pair)))
        .map(|(_, pair)| pair)
}

/// How many columns of two rows agree: of those that identify the row, and of all.
fn likeness(one: &[Cell], other: &[Cell]) -> (usize, usize) {
    let agreeing = || one.iter().zip(other).filter(|(one, other)| one.text == other.text);
    (agreeing().filter(|(cell, _)| cell.names_the_row).count(), agreeing().count())
}

#[cfg(test)]
mod tests {
    use super::{Cell, Content, Difference, between};

    /// A row of a place, a beginning and an end.
    fn row(place: &str, begin: &str, end: &str) -> Vec<Cell> {
        let cell = |column, text: &str, names_the_row| Cell { column, text: text.to_owned(), names_the_row };
        vec![cell("begin", begin, false), cell("end", end, false), cell("place", place, true)]
    }

    #[test]
    fn equal_rows_are_no_difference() {
        let content = Content::of_rows(vec![row("A", "1", "2"), row("A", "1", "2"), row("B", "2", "3")]);
        assert_eq!(between(&content, &content), []);
    }

    #[test]
    fn rows_of_one_place_are_paired_and_the_rest_stands_alone() {
        let one = Content::of_rows(vec![row("A", "1", "2"), row("B", "2", "3"), row("C", "7", "8")]);
        let other = Content::of_rows(vec![row("A", "1", "3"), row("B", "2", "3"), row("D", "3", "4")]);
        assert_eq!(
            between(&one, &other),
            [
                Difference::Changed(&row("A", "1", "2"), &row("A", "1", "3")),
                Difference::Lost(&row("C", "7", "8")),
                Difference::Added(&row("D", "3", "4")),
            ]
        );
    }

    #[test]
    fn a_row_that_is_there_twice_counts_twice() {
        let once = Content::of_rows(vec![row("A", "1", "2")]);
        let twice = Content::of_rows(vec![row("A", "1", "2"), row("A", "1", "2")]);
        assert_eq!(between(&once, &twice), [Difference::Added(&row("A", "1", "2"))]);
        assert_eq!(between(&twice, &once), [Difference::Lost(&row("A", "1", "2"))]);
    }
}
