//! Which part of a stream is dealt with: batches are confirmed in any order, progress moves in the order of the source.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::store::Settled;

/// The batches of one stream between sending and saving. Cheap to lock: once for each batch added, confirmed or saved.
#[derive(Debug)]
pub(crate) struct Tracker<P, R> {
    state: Mutex<State<P, R>>,
    /// Marks before which everything is confirmed.
    marks_passed: watch::Sender<u64>,
}

#[derive(Debug)]
struct State<P, R> {
    /// Number of the first of `batches`.
    first: u64,
    /// The oldest batch that is not confirmed, and all after it.
    batches: VecDeque<Batch<P, R>>,
    /// What is behind the confirmed prefix and not taken yet.
    ready: Option<Ready<P, R>>,
    /// Whether something taken is not saved yet.
    saving: bool,
    /// Items that were read and are in no batch yet.
    unassembled: usize,
    /// Whether the source said last that it has nothing, or nothing more.
    source_is_empty: bool,
}

/// What a stream waits for, in the order of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Waiting {
    /// Nothing: all there was is dealt with and saved.
    Idle,
    /// An answer of its source.
    Source,
    /// The broker's confirms, or what comes before them.
    Confirms,
    /// Its progress is to be saved.
    Saving,
}

#[derive(Debug)]
struct Batch<P, R> {
    ready: Ready<P, R>,
    marks: u64,
    confirmed: bool,
}

/// Something to be saved.
#[derive(Debug)]
pub(crate) struct Ready<P, R> {
    pub(crate) settled: Settled<P, R>,
    /// Held until it is saved.
    items: OwnedSemaphorePermit,
}

impl<P, R> Default for Tracker<P, R> {
    fn default() -> Self {
        let state = State {
            first: 0,
            batches: VecDeque::new(),
            ready: None,
            saving: false,
            unassembled: 0,
            source_is_empty: false,
        };
        Self { state: Mutex::new(state), marks_passed: watch::Sender::new(0) }
    }
}

impl<P, R> Tracker<P, R> {
    /// The source is asked for more.
    pub(crate) fn source_is_asked(&self) {
        self.lock().source_is_empty = false;
    }

    /// The source has nothing at present.
    pub(crate) fn source_is_empty(&self) {
        self.lock().source_is_empty = true;
    }

    /// The source gave so many items.
    pub(crate) fn items_read(&self, items: usize) {
        self.lock().unassembled += items;
    }

    /// Adds the next batch of the stream, made of so many items, and returns the number to confirm it by. `marks` is how
    /// many marks of the source lie in it.
    pub(crate) fn add(
        &self,
        settled: Settled<P, R>,
        items: usize,
        marks: u64,
        hold: OwnedSemaphorePermit,
    ) -> u64 {
        let ready = Ready { settled, items: hold };
        let mut state = self.lock();
        state.unassembled = state.unassembled.saturating_sub(items);
        state.batches.push_back(Batch { ready, marks, confirmed: false });
        state.first + state.batches.len() as u64 - 1
    }

    /// All messages of this batch are with the broker, or there were none.
    pub(crate) fn confirm(&self, number: u64) {
        self.confirm_with(number, std::iter::empty());
    }

    /// The same, with records of messages that were given up.
    pub(crate) fn confirm_with(&self, number: u64, records: impl Iterator<Item = R>) {
        let mut state = self.lock();
        let place = number.checked_sub(state.first).and_then(|place| usize::try_from(place).ok());
        if let Some(batch) = place.and_then(|place| state.batches.get_mut(place)) {
            batch.ready.settled.records.extend(records);
            batch.confirmed = true;
        }
        let passed = state.settle_prefix();
        drop(state);
        if passed > 0 {
            self.marks_passed.send_modify(|marks| *marks += passed);
        }
    }

    /// What can be saved and has not been taken yet. When it is saved, call [`Tracker::saved`].
    pub(crate) fn take(&self) -> Option<Ready<P, R>> {
        let mut state = self.lock();
        let ready = state.ready.take();
        state.saving = ready.is_some();
        ready
    }

    /// What was taken is saved.
    pub(crate) fn saved(&self) {
        self.lock().saving = false;
    }

    /// What the stream waits for at present. Of several, what comes last on the way.
    pub(crate) fn waiting(&self) -> Waiting {
        let state = self.lock();
        if state.saving || state.ready.is_some() {
            Waiting::Saving
        } else if state.unassembled > 0 || !state.batches.is_empty() {
            Waiting::Confirms
        } else if state.source_is_empty {
            Waiting::Idle
        } else {
            Waiting::Source
        }
    }

    /// Waits until everything before the `marks`-th mark of the stream is confirmed.
    pub(crate) async fn passed(&self, marks: u64) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.marks_passed.subscribe().wait_for(|passed| *passed >= marks).await;
    }

    fn lock(&self) -> MutexGuard<'_, State<P, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P, R> State<P, R> {
    /// Moves the confirmed batches at the front to what can be saved; returns how many marks they had.
    fn settle_prefix(&mut self) -> u64 {
        let mut marks = 0;
        while self.batches.front().is_some_and(|batch| batch.confirmed) {
            let Some(batch) = self.batches.pop_front() else { break };
            self.first += 1;
            marks += batch.marks;
            // Of a batch without position and records nothing is left to be saved.
            if !batch.ready.settled.is_empty() {
                self.ready = Some(match self.ready.take() {
                    Some(earlier) => earlier.then(batch.ready),
                    None => batch.ready,
                });
            }
        }
        marks
    }
}

impl<P, R> Ready<P, R> {
    fn then(mut self, later: Self) -> Self {
        self.items.merge(later.items);
        Self { settled: self.settled.then(later.settled), items: self.items }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures::FutureExt;
    use proptest::prelude::*;

    use super::*;
    use crate::budget::{Budget, Limits};

    type Numbers = Tracker<u64, u64>;

    fn hold(budget: &Budget, items: usize) -> OwnedSemaphorePermit {
        budget.hold(items).now_or_never().unwrap()
    }

    fn mark(position: u64) -> Settled<u64, u64> {
        Settled { position: Some(position), records: Vec::new() }
    }

    fn taken(tracker: &Numbers) -> Option<(Option<u64>, Vec<u64>)> {
        tracker.take().map(|ready| (ready.settled.position, ready.settled.records))
    }

    #[test]
    fn progress_stays_before_an_unconfirmed_batch() {
        let (tracker, budget) = (Numbers::default(), Budget::new(Limits::default()));
        let numbers: Vec<u64> =
            (1..=3).map(|batch| tracker.add(mark(batch * 10), 10, 1, hold(&budget, 10))).collect();
        tracker.confirm(numbers[1]);
        tracker.confirm(numbers[2]);
        assert_eq!(taken(&tracker), None);
        tracker.confirm(numbers[0]);
        assert_eq!(taken(&tracker), Some((Some(30), vec![])));
        tracker.confirm(numbers[0]);
        tracker.confirm(99);
        assert_eq!(taken(&tracker), None);
    }

    #[test]
    fn records_without_a_position_are_saved_too() {
        let (tracker, budget) = (Numbers::default(), Budget::new(Limits::default()));
        let record = |record| Settled { position: None, records: vec![record] };
        for settled in [record(1), record(2), mark(5), record(6)] {
            tracker.confirm(tracker.add(settled, 1, 0, hold(&budget, 1)));
        }
        assert_eq!(taken(&tracker), Some((Some(5), vec![1, 2, 6])));
        tracker.confirm(tracker.add(record(7), 1, 0, hold(&budget, 1)));
        assert_eq!(taken(&tracker), Some((None, vec![7])));
    }

    #[test]
    fn items_are_held_until_saved_unless_nothing_of_them_is() {
        let (tracker, budget) = (Numbers::default(), Budget::new(Limits { items: 3 }));
        tracker.confirm(tracker.add(mark(1), 1, 1, hold(&budget, 1)));
        tracker.confirm(tracker.add(mark(2), 2, 1, hold(&budget, 2)));
        assert!(budget.hold(1).now_or_never().is_none());
        let ready = tracker.take().unwrap();
        assert!(budget.hold(1).now_or_never().is_none(), "taken is not saved");
        drop(ready);
        let nothing = Settled { position: None, records: Vec::new() };
        tracker.confirm(tracker.add(nothing, 3, 0, hold(&budget, 3)));
        assert!(budget.hold(3).now_or_never().is_some());
        assert_eq!(taken(&tracker), None);
    }

    #[test]
    fn a_mark_is_passed_when_all_before_it_is_confirmed() {
        let (tracker, budget) = (Numbers::default(), Budget::new(Limits::default()));
        let nothing = Settled { position: None, records: Vec::new() };
        let first = tracker.add(nothing, 1, 0, hold(&budget, 1));
        let second = tracker.add(mark(1), 1, 1, hold(&budget, 1));
        assert!(tracker.passed(0).now_or_never().is_some());
        tracker.confirm(second);
        assert!(tracker.passed(1).now_or_never().is_none());
        tracker.confirm(first);
        assert!(tracker.passed(1).now_or_never().is_some());
    }

    #[test]
    fn what_a_stream_waits_for() {
        let (tracker, budget) = (Numbers::default(), Budget::new(Limits::default()));
        assert_eq!(tracker.waiting(), Waiting::Source);
        tracker.source_is_empty();
        assert_eq!(tracker.waiting(), Waiting::Idle);
        tracker.source_is_asked();
        tracker.items_read(3);
        tracker.source_is_empty();
        assert_eq!(tracker.waiting(), Waiting::Confirms);
        let batch = tracker.add(mark(1), 3, 1, hold(&budget, 3));
        assert_eq!(tracker.waiting(), Waiting::Confirms);
        tracker.confirm(batch);
        assert_eq!(tracker.waiting(), Waiting::Saving);
        let ready = tracker.take();
        assert!(ready.is_some() && tracker.waiting() == Waiting::Saving);
        tracker.saved();
        assert_eq!(tracker.waiting(), Waiting::Idle);
        tracker.source_is_asked();
        assert_eq!(tracker.waiting(), Waiting::Source);
    }

    /// What happens to a stream in a property test.
    #[derive(Debug, Clone)]
    enum Event {
        /// A batch is sent; whether it has a mark and whether a record.
        Send(bool, bool),
        /// Some batch is confirmed, chosen by a number.
        Confirm(usize),
        Save,
    }

    fn events() -> impl Strategy<Value = Vec<(usize, Event)>> {
        let event = prop_oneof![
            3 => any::<(bool, bool)>().prop_map(|(mark, record)| Event::Send(mark, record)),
            3 => any::<usize>().prop_map(Event::Confirm),
            1 => Just(Event::Save),
        ];
        prop::collection::vec((0..3usize, event), 0..120)
    }

    /// One stream as the test sees it.
    #[derive(Default)]
    struct Model {
        tracker: Numbers,
        /// Of each batch: mark, record, confirmed.
        batches: Vec<(Option<u64>, Option<u64>, bool)>,
        saved_position: Option<u64>,
        saved_records: Vec<u64>,
    }

    impl Model {
        fn apply(&mut self, event: &Event, budget: &Budget) {
            match *event {
                Event::Send(has_mark, has_record) => {
                    let number = self.batches.len() as u64;
                    let (mark, record) = (has_mark.then_some(number), has_record.then_some(number));
                    let settled = Settled { position: mark, records: Vec::from_iter(record) };
                    assert_eq!(self.tracker.add(settled, 1, mark.map_or(0, |_| 1), hold(budget, 1)), number);
                    self.batches.push((mark, record, false));
                }
                Event::Confirm(chosen) => {
                    let open: Vec<usize> =
                        (0..self.batches.len()).filter(|&batch| !self.batches[batch].2).collect();
                    if let Some(&batch) = open.get(chosen % open.len().max(1)) {
                        self.tracker.confirm(batch as u64);
                        self.batches[batch].2 = true;
                    }
                }
                Event::Save => {
                    if let Some((position, records)) = taken(&self.tracker) {
                        self.saved_position = position.or(self.saved_position);
                        self.saved_records.extend(records);
                    }
                }
            }
        }

        fn check(&self, just_saved: bool) {
            let prefix: Vec<_> = self.batches.iter().take_while(|(_, _, confirmed)| *confirmed).collect();
            let position = prefix.iter().rev().find_map(|(mark, _, _)| *mark);
            let records: Vec<u64> = prefix.iter().filter_map(|(_, record, _)| *record).collect();
            assert!(self.saved_position <= position, "progress has passed something unconfirmed");
            // A record is on record before progress passes it.
            let due = records.iter().filter(|record| Some(**record) <= self.saved_position).count();
            assert!(self.saved_records.len() >= due && records.starts_with(&self.saved_records));
            if just_saved {
                assert_eq!((self.saved_position, &self.saved_records), (position, &records));
            }
            let marks = prefix.iter().filter(|(mark, _, _)| mark.is_some()).count() as u64;
            assert!(self.tracker.passed(marks).now_or_never().is_some());
            assert!(self.tracker.passed(marks + 1).now_or_never().is_none());
        }
    }

    proptest! {
        #[test]
        fn progress_of_each_stream_is_its_confirmed_prefix_whatever_the_order(events in events()) {
            let budget = Budget::new(Limits { items: 1000 });
            let mut streams: BTreeMap<usize, Model> = (0..3).map(|stream| (stream, Model::default())).collect();
            for (stream, event) in &events {
                let model = streams.get_mut(stream).unwrap();
                model.apply(event, &budget);
                model.check(matches!(event, Event::Save));
            }
            // When all is confirmed and saved, the whole budget is free.
            for model in streams.values_mut() {
                for _ in 0..model.batches.len() {
                    model.apply(&Event::Confirm(0), &budget);
                }
                model.apply(&Event::Save, &budget);
                model.check(true);
            }
            prop_assert!(budget.hold(1000).now_or_never().is_some());
        }
    }
}
