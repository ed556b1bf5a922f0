//! Batches of messages through the unit of work: prefetch, rules, flush, commit; and what happens when that fails.

use std::time::{Duration, Instant as Clock};

use chrono::{SubsecRound, Utc};
use emap_interchange::Message;
use emap_star::{Batch, Instant, MessageScope, Session, SessionError, Subjects};

use crate::{
    failure::{Cause, Failure},
    incoming::Incoming,
    outcome::Report,
    phases::{Phase, PhaseTimes},
    records::{self, Timing},
    rules::{self, ReadAhead, Rules},
};

/// How often a message is tried when another process stored the same row at the same moment.
const TRIES: usize = 3;

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

    /// Where the time went since the last call.
    pub fn take_times(&mut self) -> PhaseTimes {
        std::mem::take(&mut self.times)
    }

    /// Works on a new session, after the database of the old one was lost.
    pub fn replace_session(&mut self, session: Session) {
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
                Err(error) => self.check_alive(error)?,
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
                    self.check_alive(error)?;
                }
            }
        }
        let report = Report::error(failure);
        if let Err(error) = self.record_failure(incoming, &report) {
            self.check_alive(error)?;
            tracing::error!(source_id = incoming.source_id(), "a failed message could not be recorded");
        }
        Ok(report)
    }

    /// After an error, which undid the batch: one that came from losing the database is passed on.
    fn check_alive(&mut self, error: SessionError) -> Result<(), DatabaseLost> {
        if self.session.is_alive() {
            tracing::debug!(%error, "batch undone");
            Ok(())
        } else {
            Err(DatabaseLost(error))
        }
    }

    fn try_batch(&mut self, incoming: &[Incoming]) -> Result<Vec<Report>, SessionError> {
        let Self { session, rules, times } = self;
        with_batch(session, times, &announced(*rules, incoming), |mut batch, times| {
            let reports = timed(times, Phase::Rules, || {
                incoming
                    .iter()
                    .map(|incoming| process_one(&mut batch, *rules, incoming))
                    .collect::<Result<_, _>>()
            })?;
            let flushed = timed(times, Phase::Flush, || batch.flush())?;
            timed(times, Phase::Commit, || flushed.commit())?;
            Ok(reports)
        })
    }

    /// Records a message whose own rows the database refused.
    fn record_failure(&mut self, incoming: &Incoming, report: &Report) -> Result<(), SessionError> {
        let at = now();
        let mut batch = self.session.begin(&Subjects::default())?;
        match &incoming.message {
            Ok(message) => {
                let timing = Timing { started: at, ended: at, took: Duration::ZERO };
                record(batch.message(at), incoming, message, report, timing)?;
            }
            Err(error) => {
                reject_undecodable(batch.message(at), incoming, &error.to_string())?;
            }
        }
        batch.flush()?.commit()
    }
}

/// What the messages will ask for.
fn announced(rules: Rules, incoming: &[Incoming]) -> ReadAhead {
    let mut announced = ReadAhead::default();
    let messages = incoming.iter().filter_map(|incoming| incoming.message.as_ref().ok());
    messages.filter(|message| rules.concern(message)).for_each(|message| announced.announce(message));
    announced
}

/// Locks and reads what the batch is about, then does the work.
///
/// Whom a number means is known for certain only once the locks are held: another process may have merged the
/// patient while this one waited. Then all is let go and locked anew. A new attempt means that another process
/// has committed, so that processes never keep each other from getting on.
fn with_batch<T>(
    session: &mut Session,
    times: &mut PhaseTimes,
    announced: &ReadAhead,
    work: impl FnOnce(Batch<'_>, &mut PhaseTimes) -> Result<T, SessionError>,
) -> Result<T, SessionError> {
    let mut subjects = announced.subjects();
    loop {
        let batch = timed(times, Phase::Load, || {
            let mut batch = session.begin(&subjects)?;
            announced.read(&mut batch)?;
            Ok::<_, SessionError>(batch)
        })?;
        if announced.is_covered(&batch, &mut subjects) {
            return work(batch, times);
        }
    }
}

fn timed<T>(times: &mut PhaseTimes, phase: Phase, work: impl FnOnce() -> T) -> T {
    let begin = Clock::now();
    let done = work();
    times.add_since(phase, begin);
    done
}

fn process_one(batch: &mut Batch<'_>, rules: Rules, incoming: &Incoming) -> Result<Report, SessionError> {
    let started = now();
    let message = match &incoming.message {
        Ok(message) => message,
        Err(error) => return reject_undecodable(batch.message(started), incoming, &error.to_string()),
    };
    let clock = Clock::now();
    let report = apply(batch.message(started), rules, message)?;
    let timing = Timing { started, ended: now(), took: clock.elapsed() };
    record(batch.message(started), incoming, message, &report, timing)?;
    Ok(report)
}

/// Runs the rules. A failure says whether what was done before it stays, or the whole message is undone.
fn apply(mut rows: MessageScope<'_>, rules: Rules, message: &Message) -> Result<Report, SessionError> {
    let report = match rules::apply(&mut rows, rules, message) {
        Ok(()) => Report::success(),
        // The transaction is broken: the batch has to begin anew.
        Err(Failure { cause: Cause::Session(error @ SessionError::Database(_)), .. }) => return Err(error),
        Err(failure) => {
            let report = Report::from(&failure);
            if !failure.keeps_what_was_done {
                rows.undo();
                return Ok(report);
            }
            report
        }
    };
    rows.keep()?;
    Ok(report)
}

fn record(
    mut rows: MessageScope<'_>,
    incoming: &Incoming,
    message: &Message,
    report: &Report,
    timing: Timing,
) -> Result<(), SessionError> {
    records::log_effect(&mut rows, message, report, timing)?;
    if report.outcome.is_error() {
        let reason = report.reason.as_deref().unwrap_or_default();
        records::keep_reject(&mut rows, incoming, reason, timing.ended)?;
    }
    rows.keep()
}

/// A body that cannot be read leaves a reject and no line in the effect log.
fn reject_undecodable(
    mut rows: MessageScope<'_>,
    incoming: &Incoming,
    reason: &str,
) -> Result<Report, SessionError> {
    let at = rows.stored_from();
    records::keep_reject(&mut rows, incoming, reason, at)?;
    rows.keep()?;
    Ok(Report::error(reason.to_owned()))
}

/// The wall clock, in the microseconds that the database keeps.
fn now() -> Instant {
    Utc::now().trunc_subsecs(6)
}
