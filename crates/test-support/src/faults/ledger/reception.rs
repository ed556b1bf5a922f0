//! Acknowledged = stored, once and in order.
//!
//! A sender that waits for each answer, and sends a message again until it has one, holds a list of what was
//! acknowledged. Each of these messages has to be in the message store: at least once whatever happened, and not twice
//! if the receiver recognises repeats.

use std::{collections::HashMap, fmt};

use diesel::{PgConnection, QueryResult};

use super::sql::{number, quoted, rows, text};

/// What became of the acknowledged messages. Numbers are places in the sender's list, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reception {
    /// How many were acknowledged.
    pub acknowledged: usize,
    /// Acknowledged, and not in the store.
    pub lost: Vec<usize>,
    /// In the store more than once.
    pub twice: Vec<usize>,
    /// In the store before a message that was acknowledged earlier.
    pub out_of_order: Vec<usize>,
}

impl Reception {
    /// Looks for the texts of acknowledged messages, no two of which are equal, in the store.
    ///
    /// # Errors
    /// The server's answer.
    pub fn read(store: &mut PgConnection, schema: &str, acknowledged: &[&str]) -> QueryResult<Self> {
        let query = format!(
            "SELECT unid, hl7message AS message FROM {}.tbl_ids_master ORDER BY unid",
            quoted(schema)
        );
        let stored = rows(store, &query)?;
        let stored = stored.iter().filter_map(|row| Some((number(row, "unid")?, text(row, "message")?)));
        Ok(Self::of(acknowledged, stored))
    }

    /// `stored`: numbers and texts of the store's rows, in the order of their numbers.
    fn of(acknowledged: &[&str], stored: impl Iterator<Item = (i64, String)>) -> Self {
        let mut unids: HashMap<String, Vec<i64>> = HashMap::new();
        for (unid, text) in stored {
            unids.entry(text).or_default().push(unid);
        }
        let mut reception = Self { acknowledged: acknowledged.len(), ..Self::default() };
        let mut highest = i64::MIN;
        for (place, text) in acknowledged.iter().enumerate() {
            match unids.get(*text).map(Vec::as_slice) {
                None | Some([]) => reception.lost.push(place),
                Some([first, others @ ..]) => {
                    if !others.is_empty() {
                        reception.twice.push(place);
                    }
                    if *first < highest {
                        reception.out_of_order.push(place);
                    }
                    highest = highest.max(*first);
                }
            }
        }
        reception
    }

    /// Whether all are there, once each and in order.
    pub fn is_kept(&self) -> bool {
        self.lost.is_empty() && self.twice.is_empty() && self.out_of_order.is_empty()
    }
}

impl fmt::Display for Reception {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, lost, twice, out_of_order } = self;
        let (lost, twice, out_of_order) = (lost.len(), twice.len(), out_of_order.len());
        write!(
            f,
            "acknowledged {acknowledged}: not stored {lost}, stored twice {twice}, out of order {out_of_order}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Reception;

    fn of(acknowledged: &[&str], stored: &[&str]) -> Reception {
        Reception::of(acknowledged, (1..).zip(stored.iter().map(|text| (*text).to_owned())))
    }

    #[test]
    fn rows_of_others_among_them_are_no_fault() {
        let kept = of(&["a", "b", "c"], &["a", "x", "b", "c", "x"]);
        assert!(kept.is_kept(), "{kept}");
        assert_eq!(kept.acknowledged, 3);
    }

    #[test]
    fn lost_twice_and_out_of_order() {
        let found = of(&["a", "b", "c", "d"], &["c", "a", "d", "d"]);
        assert_eq!(
            (found.lost.clone(), found.twice.clone(), found.out_of_order.clone()),
            (vec![1], vec![3], vec![2])
        );
        assert!(!found.is_kept());
    }
}
