//! From stays to the rows of the database.

use super::stay::Stay;

/// What to do to the rows of a visit so that they show its stays. Rows that show their stay already are not
/// mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<P> {
    /// Rows, by their index, and what they show from now on.
    pub update: Vec<(usize, Stay<P>)>,
    /// Stays without a row, in order of time.
    pub insert: Vec<Stay<P>>,
    /// Rows without a stay, by their index.
    pub delete: Vec<usize>,
}

impl<P> Changes<P> {
    /// Whether the rows show the stays already.
    pub fn is_empty(&self) -> bool {
        self.update.is_empty() && self.insert.is_empty() && self.delete.is_empty()
    }
}

/// Finds the fewest changes that make the rows show the stays.
///
/// A row keeps its identity where it can: it goes to the stay at its place that begins when it begins, else
/// to one at its place, in order of time. `rows` may be in any order, and need not be free of overlaps.
pub fn reconcile<P: Copy + PartialEq>(rows: &[Stay<P>], stays: &[Stay<P>]) -> Changes<P> {
    let mut rows_left: Vec<usize> = (0..rows.len()).collect();
    rows_left.sort_by_key(|&row| rows[row].in_time());
    let mut insert = stays.to_vec();
    let mut update = Vec::new();
    // Equal ones first: two stays at one place may begin together.
    for belongs in [Stay::eq, same_admission, same_place] {
        insert.retain(|stay| {
            let Some(found) = rows_left.iter().position(|&row| belongs(&rows[row], stay)) else {
                return true;
            };
            let row = rows_left.remove(found);
            if rows[row] != *stay {
                update.push((row, *stay));
            }
            false
        });
    }
    Changes { update, insert, delete: rows_left }
}

fn same_admission<P: PartialEq>(row: &Stay<P>, stay: &Stay<P>) -> bool {
    same_place(row, stay) && row.admission == stay.admission
}

fn same_place<P: PartialEq>(row: &Stay<P>, stay: &Stay<P>) -> bool {
    row.place == stay.place
}
