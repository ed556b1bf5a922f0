//! What is tried where.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use emap_test_support::faults::{
    Proxy,
    plan::{Action, Fault, FaultPlan, Positions, Side},
};

/// How long a daemon of a sweep waits for an answer.
pub(crate) const SILENCE: Duration = Duration::from_secs(1);
/// How long an answer is held that comes too late.
const HELD: Duration = Duration::from_millis(1400);

/// What is done at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Cut,
    Stall,
    Refuse,
    LoseAnswer,
}

/// One fault of a sweep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    pub(crate) side: Side,
    pub(crate) number: u64,
    pub(crate) what: What,
}

/// About so many messages of the server are tried, evenly spread: of thousands, most are rows of one answer.
const OF_SERVER: u64 = 400;

/// Everything that there is to try: each message of the client. The messages of the server are cut only: to hold or to
/// lose them is to hold or to lose the answer to a message of the client.
pub(crate) fn all(positions: Positions) -> Vec<Try> {
    let of_client = [What::Cut, What::Stall, What::Refuse, What::LoseAnswer];
    let step = positions.server.div_ceil(OF_SERVER).max(1);
    let chosen =
        positions.all().filter(|(side, number)| *side == Side::Client || number.is_multiple_of(step));
    let tries = chosen.flat_map(|(side, number)| {
        let whats = if side == Side::Client { &of_client[..] } else { &of_client[..1] };
        whats.iter().map(move |what| Try { side, number, what: *what })
    });
    tries.collect()
}

impl Try {
    /// The plan of a proxy. `every`: the filter that every message fits.
    pub(crate) fn plan<F, R>(self, every: F, refusal: R) -> FaultPlan<F, R> {
        let action = match self.what {
            What::Cut => Action::Cut,
            What::Stall => Action::Stall(Some(HELD)),
            What::Refuse => Action::Refuse(refusal),
            What::LoseAnswer => Action::LoseAnswer,
        };
        FaultPlan::from(Fault::at(self.side, every, action).nth(self.number))
    }
}

/// Divides the tries among several that try.
#[derive(Debug)]
pub(crate) struct Tries {
    all: Vec<Try>,
    next: AtomicUsize,
    happened: AtomicUsize,
}

impl Tries {
    pub(crate) fn new(positions: Positions) -> Self {
        Self { all: all(positions), next: AtomicUsize::new(0), happened: AtomicUsize::new(0) }
    }

    /// The next one.
    pub(crate) fn next(&self) -> Option<Try> {
        self.all.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }

    /// Counts what happened at that proxy.
    pub(crate) fn happened<F, R>(&self, proxy: &Proxy<F, R>)
    where
        F: Send + 'static,
        R: Clone + Send + 'static,
    {
        self.happened.fetch_add(proxy.happened(), Ordering::Relaxed);
    }

    /// Prints how many positions were tried, and that most of the faults happened: a message more or less at the end of
    /// a conversation depends on when it ends.
    #[allow(clippy::print_stdout, reason = "how much was tried is what a reader of the test wants to know")]
    pub(crate) fn conclude(&self, what: &str, positions: Positions) {
        let (tried, happened) = (self.all.len(), self.happened.load(Ordering::Relaxed));
        println!(
            "{what}: {} messages of the client, {} of the server; {tried} faults tried, {happened} happened",
            positions.client, positions.server
        );
        assert!(happened * 10 >= tried * 9, "{happened} of {tried} happened");
    }
}
