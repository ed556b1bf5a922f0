//! Batches of messages through the unit of work: prefetch, rules, flush, commit; and what happens when that fails.

use std::time::{Duration, Instant as Clock};

use chrono::{SubsecRound, Utc};
use emap_interchange::Message;
use emap_service::panics::caught;
use emap_star::{Batch, ErrorClass, Instant, MessageScope, Session, SessionError, Subjects};

use crate::{
    failure::{Cause, Failure},
    incoming::Incoming,
    outcome::Report,
    phases::{Phase, PhaseTimes},
    records::{self, Timing},
    rules::{self, ReadAhead, Rules},
};

/// How often a message that is alone in its batch may fail, though the database would take rows, before the message is
/// taken to be at fault. The caller pauses in between.
const TRIES_ALONE: usize = 5;

/// The database is gone, or up and not willing to work. No message is to blame: what is reported was kept, of the rest
/// nothing was. Connect anew and go on.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// It cannot be reached.
    #[error("the star database was lost: {0}")]
    Lost(SessionError),
    /// It is up, but read-only, full, short of connections, locked, without a right or a table, …
    #[error("the star database does not take rows: {0}")]
    Unwilling(SessionError),
}

/// A batch on its way, over as many attempts as it takes.
#[derive(Debug)]
pub(crate) struct Task<'m> {
    batch: &'m [Incoming],
    /// Of the messages that are committed, in order.
    reports: Vec<Report>,
    /// How often the next message failed while it was alone in its batch.
    failures: usize,
}

impl<'m> Task<'m> {
    pub(crate) fn new(batch: &'m [Incoming]) -> Self {
        Self { batch, reports: Vec::with_capacity(batch.len()), failures: 0 }
    }

    /// Messages that are done, and attempts at the next: grows with every attempt that counts.
    fn tried(&self) -> (usize, usize) {
        (self.reports.len(), self.failures)
    }

    /// One report for each message, once the engine has worked on it without an error.
    pub(crate) fn into_reports(self) -> Vec<Report> {
        self.reports
    }
}

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

    /// Processes the messages in order and commits; one report for each. Does not wait for a server.
    ///
    /// # Errors
    /// The database is not available. Some of the messages may be committed all the same.
    pub fn process(&mut self, batch: &[Incoming]) -> Result<Vec<Report>, Unavailable> {
        let mut task = Task::new(batch);
        loop {
            let before = task.tried();
            match self.work_on(&mut task) {
                Ok(()) => return Ok(task.into_reports()),
                // A message failed by itself while the database was willing: it is tried again, as often as is due.
                Err(Unavailable::Unwilling(_)) if task.tried() > before && task.failures < TRIES_ALONE => {}
                Err(unavailable) => return Err(unavailable),
            }
        }
    }

    /// Processes what is left of a batch, in order, and commits.
    ///
    /// If the batch cannot be written as a whole, its messages are processed one by one, so that one bad message harms
    /// no other. Only a message that fails by itself, while the database is willing, is recorded as failed; and only
    /// what is recorded counts as done.
    ///
    /// # Errors
    /// The database is not available; call it again with the same task when it may be.
    pub(crate) fn work_on(&mut self, task: &mut Task<'_>) -> Result<(), Unavailable> {
        if task.reports.is_empty() && task.batch.len() > 1 {
            match self.try_batch(task.batch) {
                Ok(reports) => {
                    task.reports = reports;
                    return Ok(());
                }
                Err(error) => self.check_alive(error)?,
            }
        }
        while let Some(incoming) = task.batch.get(task.reports.len()) {
            let report = self.process_alone(incoming, &mut task.failures)?;
            task.reports.push(report);
            task.failures = 0;
        }
        Ok(())
    }

    fn process_alone(&mut self, incoming: &Incoming, failures: &mut usize) -> Result<Report, Unavailable> {
        let error = match self.try_batch(std::slice::from_ref(incoming)) {
            Ok(mut reports) => return Ok(reports.pop().unwrap_or_else(Report::success)),
            Err(error) => error,
        };
        if error.class() != ErrorClass::Refused {
            // Not by itself the message's fault: the driver hides what most errors are.
            self.session.check_willing().map_err(unavailable)?;
            *failures += 1;
            if *failures < TRIES_ALONE {
                return Err(unavailable(error));
            }
        }
        let report = Report::error(error.to_string());
        self.record_failure(incoming, &report).map_err(unavailable)?;
        Ok(report)
    }

    /// After an error, which undid the batch: one that came from losing the database is passed on.
    fn check_alive(&mut self, error: SessionError) -> Result<(), Unavailable> {
        if self.session.is_alive() {
            tracing::debug!(%error, "batch undone");
            Ok(())
        } else {
            Err(Unavailable::Lost(error))
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

    /// Records a message whose own rows the database refused: as any that failed, or if even that is refused, its body
    /// alone.
    fn record_failure(&mut self, incoming: &Incoming, report: &Report) -> Result<(), SessionError> {
        match self.commit_one(|batch| record_failed(batch, incoming, report)) {
            Err(error) if error.class() != ErrorClass::Lost => {
                tracing::warn!(%error, "a failed message is kept without its line in the effect log");
                let reason = report.reason.as_deref().unwrap_or_default();
                self.commit_one(|batch| reject_undecodable(batch.message(now()), incoming, reason).map(drop))
            }
            recorded => recorded,
        }
    }

    fn commit_one(
        &mut self,
        write: impl FnOnce(&mut Batch<'_>) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        let mut batch = self.session.begin(&Subjects::default())?;
        write(&mut batch)?;
        batch.flush()?.commit()
    }
}

fn unavailable(error: SessionError) -> Unavailable {
    if error.class() == ErrorClass::Lost { Unavailable::Lost(error) } else { Unavailable::Unwilling(error) }
}

fn record_failed(batch: &mut Batch<'_>, incoming: &Incoming, report: &Report) -> Result<(), SessionError> {
    let at = now();
    match &incoming.message {
        Ok(message) => {
            let timing = Timing { started: at, ended: at, took: Duration::ZERO };
            record(batch.message(at), incoming, message, report, timing)
        }
        Err(error) => reject_undecodable(batch.message(at), incoming, &error.to_string()).map(drop),
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
    let applied = match caught(|| rules::apply(&mut rows, rules, message)) {
        Ok(applied) => applied,
        Err(place) => {
            // A mistake in the program: it costs this message, not the daemon.
            tracing::error!(%place, source_id = message.source_message_id, "the rules panicked");
            rows.undo();
            return Ok(Report::error(format!("the program failed on it at {place}")));
        }
    };
    let report = match applied {
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
