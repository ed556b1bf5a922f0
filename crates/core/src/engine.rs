//! Batches of messages through the unit of work: prefetch, rules, flush, commit; and what happens when that fails.

use std::{sync::Arc, time::Instant as Clock};

use chrono::{SubsecRound, Utc};
use emap_interchange::Message;
use emap_queue::{Delivery, Unreadable};
use emap_star::{Instant, Session, SessionError, Subjects};

use crate::{
    dispatch::dispatch,
    outcome::{ProcessingError, Report},
    phases::{Phase, PhaseTimes},
    precision,
    records::{self, Timing},
    rules::Rules,
    wanted::Wanted,
};

/// How often a message is tried when another process stored the same row at the same moment.
const TRIES: usize = 3;

/// A message as delivered.
#[derive(Debug)]
pub struct Incoming {
    /// Queue it came from.
    pub queue: Arc<str>,
    /// Its body as delivered; in UTF-8 if it could be brought into that.
    pub body: Vec<u8>,
    /// The message, or why there is none.
    pub message: Result<Message, Unreadable>,
}

impl Incoming {
    /// Reads a body that came without any properties.
    pub fn decode(queue: Arc<str>, body: Vec<u8>) -> Self {
        Self::delivered(queue, Delivery { body, ..Delivery::default() })
    }

    /// Reads what the broker delivered.
    pub fn delivered(queue: Arc<str>, mut delivery: Delivery) -> Self {
        let message = delivery.decode();
        Self::of(queue, delivery.body, message)
    }

    /// A message that is decoded already.
    pub fn of(queue: Arc<str>, body: Vec<u8>, mut message: Result<Message, Unreadable>) -> Self {
        if let Ok(message) = &mut message {
            precision::to_microseconds(message);
        }
        Self { queue, body, message }
    }
}

/// The database is gone; nothing of the batch was kept. Reconnect and process it again.
#[derive(Debug, thiserror::Error)]
#[error("the star database was lost: {0}")]
pub struct DatabaseLost(SessionError);

/// Applies batches of messages to the star database (or to memory).
#[derive(Debug)]
pub struct Engine {
    session: Session,
    rules: Rules,
    times: PhaseTimes,
}

impl Engine {
    /// An engine over a session.
    pub fn new(session: Session, rules: Rules) -> Self {
        Self { session, rules, times: PhaseTimes::default() }
    }

    /// The rows that the engine works on.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where the time went since this was last asked.
    pub fn take_times(&mut self) -> PhaseTimes {
        std::mem::take(&mut self.times)
    }

    /// Goes on with a new session after the database of the old one was lost.
    pub fn go_on_with(&mut self, session: Session) {
        self.session = session;
    }

    /// Processes the messages in order and commits; one report for each.
    ///
    /// If the batch cannot be written as a whole, its messages are processed one by one, so that one bad message harms
    /// no other.
    ///
    /// # Errors
    /// Only when the database is lost; then nothing that is not reported was kept.
    pub fn process(&mut self, batch: &[Incoming]) -> Result<Vec<Report>, DatabaseLost> {
        if batch.len() > 1 {
            match self.try_batch(batch) {
                Ok(reports) => return Ok(reports),
                Err(error) => self.abandon(error)?,
            }
        }
        batch.iter().map(|incoming| self.process_alone(incoming)).collect()
    }

    fn process_alone(&mut self, incoming: &Incoming) -> Result<Report, DatabaseLost> {
        let alone = std::slice::from_ref(incoming);
        let mut failure = String::new();
        for _ in 0..TRIES {
            match self.try_batch(alone) {
                Ok(mut reports) => return Ok(reports.pop().unwrap_or_else(Report::success)),
                Err(error) => {
                    failure = error.to_string();
                    self.abandon(error)?;
                }
            }
        }
        let report = Report::error(failure);
        if let Err(error) = self.record_failure(incoming, &report) {
            self.abandon(error)?;
            tracing::error!(source_id = source_id(incoming), "a failed message could not be recorded");
        }
        Ok(report)
    }

    /// Undoes the batch. An error that came from losing the database is passed on.
    fn abandon(&mut self, error: SessionError) -> Result<(), DatabaseLost> {
        self.session.abandon_batch();
        if self.session.is_alive() {
            tracing::debug!(%error, "batch undone");
            Ok(())
        } else {
            Err(DatabaseLost(error))
        }
    }

    fn try_batch(&mut self, batch: &[Incoming]) -> Result<Vec<Report>, SessionError> {
        self.timed(Phase::Load, |engine| engine.load(batch))?;
        let reports = self.timed(Phase::Rules, |engine| {
            batch.iter().map(|incoming| engine.process_one(incoming)).collect::<Result<_, _>>()
        })?;
        self.timed(Phase::Flush, |engine| engine.session.flush_batch())?;
        self.timed(Phase::Commit, |engine| engine.session.commit_flushed())?;
        Ok(reports)
    }

    fn timed<T>(&mut self, phase: Phase, work: impl FnOnce(&mut Self) -> T) -> T {
        let begin = Clock::now();
        let done = work(self);
        self.times.add_since(phase, begin);
        done
    }

    fn load(&mut self, batch: &[Incoming]) -> Result<(), SessionError> {
        let mut wanted = Wanted::default();
        let messages = batch.iter().filter_map(|incoming| incoming.message.as_ref().ok());
        messages.filter(|message| self.rules.concern(message)).for_each(|message| wanted.announce(message));
        self.begin(&wanted)
    }

    /// Locks and reads what the batch is about.
    ///
    /// Whom a number means is known for certain only once the locks are held: another process may have merged the
    /// patient while this one waited. Then all is let go and locked anew. A new attempt means that another process
    /// has committed, so that processes never keep each other from getting on.
    fn begin(&mut self, wanted: &Wanted) -> Result<(), SessionError> {
        let mut subjects = wanted.subjects();
        loop {
            self.session.begin_batch(&subjects)?;
            wanted.prefetch(&mut self.session)?;
            if wanted.is_covered(&self.session, &mut subjects) {
                return Ok(());
            }
            self.session.abandon_batch();
        }
    }

    fn process_one(&mut self, incoming: &Incoming) -> Result<Report, SessionError> {
        let started = now();
        self.session.begin_message(started);
        let message = match &incoming.message {
            Ok(message) => message,
            Err(error) => return self.reject_undecodable(incoming, &error.to_string(), started),
        };
        let clock = Clock::now();
        let report = self.apply(message)?;
        let timing = Timing { started, ended: now(), took: clock.elapsed() };
        self.record(incoming, message, &report, timing)?;
        Ok(report)
    }

    /// Runs the rules. What a processing error leaves behind stays; any other failure undoes the message.
    fn apply(&mut self, message: &Message) -> Result<Report, SessionError> {
        match dispatch(&mut self.session, self.rules, message) {
            Ok(()) => {
                self.session.keep_message()?;
                Ok(Report::success())
            }
            Err(error) if error.keeps_changes() => {
                self.session.keep_message()?;
                Ok(Report::from(&error))
            }
            // The transaction is broken: the batch has to begin anew.
            Err(ProcessingError::Session(error @ SessionError::Database(_))) => Err(error),
            Err(error) => {
                self.session.undo_message();
                Ok(Report::from(&error))
            }
        }
    }

    fn record(
        &mut self,
        incoming: &Incoming,
        message: &Message,
        report: &Report,
        timing: Timing,
    ) -> Result<(), SessionError> {
        records::log_effect(&mut self.session, message, report, timing)?;
        if report.outcome.is_error() {
            let reason = report.reason.as_deref().unwrap_or_default();
            records::keep_reject(
                &mut self.session,
                &incoming.queue,
                &incoming.body,
                Some(message),
                reason,
                timing.ended,
            )?;
        }
        self.session.keep_message()
    }

    /// A body that cannot be read leaves a reject and no line in the effect log.
    fn reject_undecodable(
        &mut self,
        incoming: &Incoming,
        reason: &str,
        at: Instant,
    ) -> Result<Report, SessionError> {
        records::keep_reject(&mut self.session, &incoming.queue, &incoming.body, None, reason, at)?;
        self.session.keep_message()?;
        Ok(Report::error(reason.to_owned()))
    }

    /// Records a message whose own rows the database refused.
    fn record_failure(&mut self, incoming: &Incoming, report: &Report) -> Result<(), SessionError> {
        let at = now();
        self.session.begin_batch(&Subjects::default())?;
        self.session.begin_message(at);
        match &incoming.message {
            Ok(message) => {
                let timing = Timing { started: at, ended: at, took: std::time::Duration::ZERO };
                self.record(incoming, message, report, timing)?;
            }
            Err(error) => {
                self.reject_undecodable(incoming, &error.to_string(), at)?;
            }
        }
        self.session.commit_batch()
    }
}

fn source_id(incoming: &Incoming) -> Option<&str> {
    incoming.message.as_ref().ok().and_then(|message| message.source_message_id.as_deref())
}

/// The wall clock, in the microseconds that the database keeps.
fn now() -> Instant {
    Utc::now().trunc_subsecs(6)
}
