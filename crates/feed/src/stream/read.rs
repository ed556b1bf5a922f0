//! Reads a source ahead of its conversion.

use std::{pin::pin, sync::Arc, time::Duration};

use emap_queue::Backoff;
use emap_service::Component;
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval, sleep},
};

use super::pace::Pace;
use crate::{
    source::{Block, Piece, Source, Step, StepOf},
    tracker::Tracker,
};

/// How often a source is asked to observe.
const OBSERVE_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Reading<S: Source, R> {
    source: S,
    health: Component,
    pauses: Backoff,
    pace: Pace,
    tracker: Arc<Tracker<S::Position, R>>,
    observations: Interval,
    /// Whether the source failed and has not recovered since.
    failed: bool,
    /// Marks read so far.
    marks: u64,
}

impl<S: Source, R> Reading<S, R> {
    pub(super) fn new(
        source: S,
        health: Component,
        pauses: Backoff,
        pace: Pace,
        tracker: Arc<Tracker<S::Position, R>>,
    ) -> Self {
        let mut observations = interval(OBSERVE_EVERY);
        observations.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { source, health, pauses, pace, tracker, observations, failed: false, marks: 0 }
    }

    /// Sends blocks until the source ends; `None` if nobody takes them any more.
    pub(super) async fn run(mut self, blocks: mpsc::Sender<Block<S::Item, S::Position>>) -> Option<S::End> {
        loop {
            match self.step().await {
                Step::Block(block) => {
                    let marks = block.iter().filter(|piece| matches!(piece, Piece::Mark(_))).count();
                    self.tracker.items_read(block.len() - marks);
                    let marks = marks as u64;
                    self.observing(blocks.reserve()).await.ok()?.send(block);
                    self.marks += marks;
                    if marks > 0 && self.pace == Pace::MarkByMark {
                        let tracker = Arc::clone(&self.tracker);
                        self.observing(tracker.passed(self.marks)).await;
                    }
                }
                Step::Nothing { look_again } => {
                    self.tracker.source_is_empty();
                    self.observing(sleep(look_again)).await;
                }
                Step::End(end) => {
                    self.tracker.source_is_empty();
                    return Some(end);
                }
            }
        }
    }

    /// What the source has to say, however often it takes.
    async fn step(&mut self) -> StepOf<S> {
        self.tracker.source_is_asked();
        loop {
            let answer = match self.recovered().await {
                Ok(()) => self.source.next().await,
                Err(error) => Err(error),
            };
            match self.noted(answer) {
                Some(step) => {
                    self.pauses.reset();
                    return step;
                }
                None => sleep(self.pauses.pause()).await,
            }
        }
    }

    /// Waits, and lets the source observe meanwhile.
    async fn observing<T>(&mut self, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        loop {
            tokio::select! {
                // First, so that waits that are over at once do not keep it away.
                biased;
                _ = self.observations.tick() => self.observe().await,
                waited = &mut wait => return waited,
            }
        }
    }

    async fn observe(&mut self) {
        let answer = match self.recovered().await {
            Ok(()) => self.source.observe().await,
            Err(error) => Err(error),
        };
        self.noted(answer);
    }

    async fn recovered(&mut self) -> Result<(), S::Error> {
        if self.failed { self.source.recover().await } else { Ok(()) }
    }

    /// Reports what an answer says about the source.
    fn noted<T>(&mut self, answer: Result<T, S::Error>) -> Option<T> {
        self.failed = answer.is_err();
        match answer {
            Ok(answer) => {
                self.health.up();
                Some(answer)
            }
            Err(error) => {
                self.health.down(error);
                None
            }
        }
    }
}
