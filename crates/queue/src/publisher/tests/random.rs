//! With a broker that does anything it may, nothing is lost, and order is kept as far as promised.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use proptest::prelude::*;

use super::settings;
use crate::{
    byte_budget::ByteBudget,
    publisher::{Batch, Outgoing, Publisher},
    transport::link::{Connector, LinkError, Outcome, Publish},
};

/// What a broker does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Refused,
    Returned,
    /// Kept, but the connection is cut before the confirm.
    KeptThenCut,
    /// On its way when the connection is cut.
    LostThenCut,
}

/// A broker of many moods.
#[derive(Clone, Default)]
struct Moody(Arc<Mutex<Moods>>);

#[derive(Default)]
struct Moods {
    fates: VecDeque<Fate>,
    kept: Vec<usize>,
    most_in_transit: usize,
}

struct Link {
    broker: Moody,
    outcomes: VecDeque<Outcome>,
    cut: bool,
    unheard: usize,
}

impl Connector for Moody {
    type Publishing = Link;
    type Consuming = super::obedient::Nothing;

    async fn open_publishing(&self, _: &str, _: u32) -> Result<Link, LinkError> {
        Ok(Link { broker: self.clone(), outcomes: VecDeque::new(), cut: false, unheard: 0 })
    }

    async fn open_consuming(&self, _: Arc<ByteBudget>) -> Result<Self::Consuming, LinkError> {
        Err(LinkError::Closed)
    }
}

impl Publish for Link {
    fn is_blocked(&self) -> bool {
        false
    }

    fn send(&mut self, message: &Arc<Outgoing>) {
        let mut moods = self.broker.0.lock().unwrap();
        self.unheard += 1;
        moods.most_in_transit = moods.most_in_transit.max(self.unheard);
        if self.cut {
            return;
        }
        let fate = moods.fates.pop_front().unwrap_or(Fate::Kept);
        if matches!(fate, Fate::Kept | Fate::KeptThenCut) {
            moods.kept.push(message.correlation_id.parse().unwrap());
        }
        match fate {
            Fate::Kept => self.outcomes.push_back(Outcome::Confirmed),
            Fate::Refused => self.outcomes.push_back(Outcome::Refused),
            Fate::Returned => self.outcomes.push_back(Outcome::Unroutable),
            Fate::KeptThenCut | Fate::LostThenCut => self.cut = true,
        }
    }

    async fn outcome(&mut self) -> Result<Outcome, LinkError> {
        // Now and then there is more to do before the answer comes.
        tokio::task::yield_now().await;
        match self.outcomes.pop_front() {
            Some(outcome) => {
                self.unheard -= 1;
                Ok(outcome)
            }
            None if self.cut => Err(LinkError::Closed),
            None => std::future::pending().await,
        }
    }

    async fn close(self) {}
}

/// Publishes `count` messages in batches of `size`; gives what the broker kept, in order, and the most that
/// were ever in transit.
async fn publish(
    fates: Vec<Fate>,
    count: usize,
    size: usize,
    max_in_transit: usize,
) -> (Vec<usize>, usize, usize) {
    let broker = Moody::default();
    broker.0.lock().unwrap().fates = fates.into();
    let publisher = Publisher::start_over(broker.clone(), settings(max_in_transit));
    let called = Arc::new(Mutex::new(0));
    for (turn, start) in (0..count).step_by(size).enumerate() {
        let numbers = start..(start + size).min(count);
        let (broker, called, end) = (broker.clone(), Arc::clone(&called), numbers.end);
        let outgoing = |number: usize| Outgoing {
            correlation_id: number.to_string(),
            type_name: "any",
            body: Vec::new(),
        };
        let on_confirmed = Box::new(move |_| {
            let kept = &broker.0.lock().unwrap().kept;
            assert!((0..end).all(|number| kept.contains(&number)), "confirmed before it was kept");
            let mut called = called.lock().unwrap();
            assert_eq!(*called, turn, "batches are confirmed once and in order");
            *called += 1;
        });
        let batch = Batch { id: turn.to_string(), messages: numbers.map(outgoing).collect(), on_confirmed };
        publisher.submit(batch).await.unwrap();
    }
    tokio::time::timeout(Duration::from_secs(1_000_000), publisher.shutdown()).await.expect("stuck");
    let called = *called.lock().unwrap();
    let moods = broker.0.lock().unwrap();
    (moods.kept.clone(), moods.most_in_transit, called)
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        6 => Just(Fate::Kept),
        3 => Just(Fate::Refused),
        1 => Just(Fate::Returned),
        1 => Just(Fate::KeptThenCut),
        1 => Just(Fate::LostThenCut),
    ];
    prop::collection::vec(fate, 0..60)
}

proptest! {
    #[test]
    fn nothing_is_lost_and_order_is_kept_as_promised(
        fates in fates(), count in 1_usize..40, size in 1_usize..9, max_in_transit in 1_usize..7,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time().start_paused(true).build().unwrap();
        let refusing = fates.iter().any(|fate| matches!(fate, Fate::Refused | Fate::Returned));
        let (kept, most_in_transit, called) = runtime.block_on(publish(fates, count, size, max_in_transit));
        prop_assert_eq!(called, count.div_ceil(size));
        prop_assert!(most_in_transit <= max_in_transit);
        let mut first: Vec<usize> = Vec::new();
        for number in kept {
            if !first.contains(&number) {
                first.push(number);
            }
        }
        for number in 0..count {
            let place = first.iter().position(|kept| *kept == number);
            prop_assert!(place.is_some(), "{number} is lost");
            let overtaken_by = first.iter().take(place.unwrap()).filter(|other| **other > number).count();
            let allowed = if refusing { max_in_transit - 1 } else { 0 };
            prop_assert!(overtaken_by <= allowed, "{number} was overtaken by {overtaken_by}: {first:?}");
        }
    }
}
