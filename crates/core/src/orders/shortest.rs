//! Few messages that show that a table depends on the order of arrival: messages are left out of the stream as long
//! as what remains still shows it.

use super::{
    contents::Content,
    findings::{Shortest, Table},
    permutations::Choice,
    stream::Stream,
};
use crate::engine::Unavailable;

/// How many pairs of orders are begun with. Another pair may lead to fewer messages.
const PAIRS: usize = 10;
/// The order of one message does not matter.
const FEWEST: usize = 2;

/// None if all orders led to the same content.
pub(super) fn of(stream: &Stream, table: &Table, choice: Choice) -> Result<Option<Shortest>, Unavailable> {
    let mut best: Option<(Pair<'_>, Vec<usize>)> = None;
    let [original, others @ ..] = table.contents.as_slice() else { return Ok(None) };
    for other in others.iter().take(PAIRS) {
        let pair = Pair { stream, table: table.name, one: &original.first, other: &other.first, choice };
        let kept = pair.shortened()?;
        let fewest = kept.len() <= FEWEST;
        if best.as_ref().is_none_or(|(_, best)| kept.len() < best.len()) {
            best = Some((pair, kept));
        }
        if fewest {
            break;
        }
    }
    best.map(|(pair, kept)| pair.result_of(kept)).transpose()
}

/// Two orders of a stream that lead to different contents of a table.
struct Pair<'f> {
    stream: &'f Stream,
    table: &'static str,
    one: &'f [usize],
    other: &'f [usize],
    choice: Choice,
}

impl Pair<'_> {
    /// Leaves out halves, quarters, … single messages, until none can be left out any more.
    fn shortened(&self) -> Result<Vec<usize>, Unavailable> {
        let mut kept: Vec<usize> = (0..self.one.len()).collect();
        let mut size = kept.len() / 2;
        while size > 0 {
            let before = kept.len();
            let mut begin = 0;
            while begin < kept.len() {
                let rest = [&kept[..begin], &kept[kept.len().min(begin + size)..]].concat();
                if self.shows(&rest)? {
                    kept = rest;
                } else {
                    begin += size;
                }
            }
            if size > 1 || kept.len() == before {
                size /= 2;
            }
        }
        Ok(kept)
    }

    /// Some orders of these messages lead to different contents.
    fn shows(&self, kept: &[usize]) -> Result<bool, Unavailable> {
        let mut first = None;
        for order in self.orders(kept) {
            let content = self.content(&order)?;
            if *first.get_or_insert_with(|| content.clone()) != content {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What these messages lead to.
    fn result_of(&self, kept: Vec<usize>) -> Result<Shortest, Unavailable> {
        let found = self.stream.explore(self.orders(&kept))?.tables;
        let table = found.into_iter().find(|table| table.name == self.table);
        Ok(Shortest { contents: table.map(|table| table.contents).unwrap_or_default(), stream: kept })
    }

    /// All orders of these messages if they are few, else the two.
    fn orders(&self, kept: &[usize]) -> Vec<Vec<usize>> {
        if self.choice.is_all(kept.len()) {
            let all = self.choice.orders(kept.len());
            return all.map(|order| order.into_iter().map(|place| kept[place]).collect()).collect();
        }
        let of = |order: &[usize]| order.iter().copied().filter(|place| kept.contains(place)).collect();
        vec![of(self.one), of(self.other)]
    }

    fn content(&self, order: &[usize]) -> Result<Option<Content>, Unavailable> {
        let contents = self.stream.arrive(order, |_, _| {})?;
        Ok(contents.into_iter().find(|(name, _)| *name == self.table).map(|(_, content)| content))
    }
}
