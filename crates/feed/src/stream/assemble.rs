//! From pieces of a source to one batch.

use std::{collections::HashSet, iter::Peekable};

use emap_interchange::Features;
use emap_queue::Outgoing;
use emap_service::panics::caught;

use super::pace::BatchLimit;
use crate::{
    convert::{Convert, Output, Refusal},
    source::Piece,
    store::Settled,
};

/// What may be sent: how much in a batch and in a message, and which properties.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) batch: BatchLimit,
    pub(super) message_bytes: usize,
    pub(super) features: Features,
}

/// A batch: what is sent, and what can be saved when that is confirmed.
#[derive(Debug)]
pub(super) struct Assembled<P, R> {
    pub(super) messages: Vec<Outgoing>,
    pub(super) settled: Settled<P, R>,
    pub(super) items: usize,
    pub(super) marks: u64,
    /// Of all message bodies.
    pub(super) bytes: usize,
}

impl<P, R> Assembled<P, R> {
    fn new() -> Self {
        let settled = Settled { position: None, records: Vec::new() };
        Self { messages: Vec::new(), settled, items: 0, marks: 0, bytes: 0 }
    }

    /// One item always finds room, whatever the limit.
    fn is_full(&self, limit: BatchLimit) -> bool {
        self.items > 0 && (self.items >= limit.items || self.bytes >= limit.bytes)
    }

    /// Takes over what an item gave. Confirms are matched by id, so that repeated ones get a suffix.
    fn add(&mut self, output: &mut Output<R>, ids: &mut HashSet<String>) {
        self.items += 1;
        for mut message in output.messages.drain(..) {
            message.correlation_id = unused(message.correlation_id, ids);
            self.bytes += message.body.len();
            self.messages.push(message);
        }
        self.settled.records.append(&mut output.records);
    }
}

/// Converts items until a batch is full or there are no more, and takes the marks behind them.
pub(super) fn assemble<C: Convert, P>(
    conversion: &mut C,
    pieces: &mut Peekable<impl Iterator<Item = Piece<C::Item, P>>>,
    limit: Limit,
) -> Assembled<P, C::Record> {
    let mut assembled = Assembled::new();
    let mut output = Output::new(limit.features);
    let mut ids = HashSet::new();
    while let Some(piece) =
        pieces.next_if(|piece| matches!(piece, Piece::Mark(_)) || !assembled.is_full(limit.batch))
    {
        match piece {
            Piece::Item(item) => {
                convert_one(conversion, &item, &mut output, limit.message_bytes);
                assembled.add(&mut output, &mut ids);
            }
            Piece::Mark(position) => {
                assembled.settled.position = Some(position);
                assembled.marks += 1;
            }
        }
    }
    assembled
}

/// What an item gives, or the record that says why it gives nothing.
fn convert_one<C: Convert>(conversion: &mut C, item: &C::Item, output: &mut Output<C::Record>, most: usize) {
    let converted = caught(|| conversion.convert(item, output));
    let refusal = converted.map_or_else(
        |place| Some(Refusal::Panicked(place)),
        |()| {
            let sizes = output.messages.iter().map(|message| message.body.len());
            sizes.max().filter(|bytes| *bytes > most).map(|bytes| Refusal::TooLarge { bytes, most })
        },
    );
    if let Some(refusal) = refusal {
        output.clear();
        output.records.extend(conversion.refuse(item, &refusal));
    }
}

fn unused(id: String, taken: &mut HashSet<String>) -> String {
    if taken.insert(id.clone()) {
        return id;
    }
    let mut others = (2_u64..).map(|number| format!("{id}#{number}"));
    others.find(|other| taken.insert(other.clone())).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use emap_interchange::{Adt, Generation, Message, Payload};
    use emap_queue::GivenUp;

    use super::*;

    /// Of a number: as many messages, a record if it is odd, a panic if it is 13.
    struct Numbers;

    impl Convert for Numbers {
        type Item = usize;
        type Record = String;

        fn convert(&mut self, item: &usize, output: &mut Output<String>) {
            for _ in 0..*item {
                output.message(&format!("{item}:a"), &message());
            }
            if item % 2 == 1 {
                output.record(item.to_string());
            }
            assert_ne!(*item, 13);
        }

        fn refuse(&mut self, item: &usize, refusal: &Refusal) -> Option<String> {
            Some(format!("{item}: {refusal}"))
        }

        fn given_up(_: &GivenUp) -> Option<String> {
            None
        }
    }

    fn message() -> Message {
        let payload = Payload::Adt(Box::<Adt>::default());
        Message { source_message_id: None, source_system: None, payload }
    }

    fn size() -> usize {
        message().to_json_for(Features::default()).len()
    }

    fn limit(items: usize, bytes: usize) -> Limit {
        Limit { batch: BatchLimit { items, bytes }, message_bytes: usize::MAX, features: Features::default() }
    }

    /// Of each batch: messages, items, position, marks.
    fn batches(pieces: &[Piece<usize, u32>], limit: Limit) -> Vec<(usize, usize, Option<u32>, u64)> {
        let mut pieces = pieces.iter().cloned().peekable();
        let mut batches = Vec::new();
        while pieces.peek().is_some() {
            let batch = assemble(&mut Numbers, &mut pieces, limit);
            batches.push((batch.messages.len(), batch.items, batch.settled.position, batch.marks));
        }
        batches
    }

    #[test]
    fn a_batch_ends_when_it_is_full_and_takes_the_marks_behind_it() {
        use Piece::{Item, Mark};
        let pieces = [Mark(1), Item(1), Item(2), Mark(2), Mark(3), Item(0), Item(4), Item(1), Mark(4)];
        let by_items = [(3, 2, Some(3), 3), (4, 2, None, 0), (1, 1, Some(4), 1)];
        assert_eq!(batches(&pieces, limit(2, usize::MAX)), by_items);
        let by_bytes = [(3, 2, Some(3), 3), (4, 2, None, 0), (1, 1, Some(4), 1)];
        assert_eq!(batches(&pieces, limit(100, 3 * size())), by_bytes);
        assert_eq!(batches(&pieces, limit(0, 0)), batches(&pieces, limit(1, 1)));
    }

    #[test]
    fn ids_are_made_unique_within_a_batch_and_free_of_colons() {
        let mut pieces = [2, 2].map(Piece::<usize, ()>::Item).into_iter().peekable();
        let batch = assemble(&mut Numbers, &mut pieces, limit(100, usize::MAX));
        let ids: Vec<&str> = batch.messages.iter().map(|message| message.correlation_id.as_str()).collect();
        assert_eq!(ids, ["2_a", "2_a#2", "2_a#3", "2_a#4"]);
    }

    #[test]
    fn receivers_get_the_properties_that_they_understand() {
        for generation in Generation::ALL {
            let limit = Limit { features: Features::of(*generation), ..limit(100, usize::MAX) };
            let mut pieces = [Piece::<usize, ()>::Item(1)].into_iter().peekable();
            let batch = assemble(&mut Numbers, &mut pieces, limit);
            let body = String::from_utf8(batch.messages[0].body.clone()).unwrap();
            assert_eq!(body.contains("admissionType"), *generation == Generation::Latest, "{generation}");
        }
    }

    #[test]
    fn an_item_whose_conversion_panics_is_refused_and_the_next_goes_on() {
        let mut pieces = [1, 13, 2].map(Piece::<usize, ()>::Item).into_iter().peekable();
        let batch = assemble(&mut Numbers, &mut pieces, limit(100, usize::MAX));
        assert_eq!((batch.messages.len(), batch.items), (3, 3));
        let [kept, refused] = batch.settled.records.as_slice() else { panic!("{:?}", batch.settled.records) };
        assert_eq!(kept, "1");
        assert!(refused.starts_with("13: the program failed on it at"), "{refused}");
        assert!(refused.contains("assemble.rs:"), "{refused}");
    }

    #[test]
    fn an_item_with_a_message_that_is_too_large_is_refused_as_a_whole() {
        let mut pieces = [3, 2].map(Piece::<usize, ()>::Item).into_iter().peekable();
        let limit = Limit { message_bytes: size() - 1, ..limit(100, usize::MAX) };
        let batch = assemble(&mut Numbers, &mut pieces, limit);
        let words =
            format!("its message has {} bytes, more than the {} that may be sent", size(), size() - 1);
        assert_eq!(batch.settled.records, [format!("3: {words}"), format!("2: {words}")]);
        assert_eq!((batch.messages.len(), batch.items, batch.bytes), (0, 2, 0));
    }
}
