//! Batches of messages through the unit of work: prefetch, rules, flush, commit; and what happens when that fails.

use std::time::{Duration, Instant as Stopwatch};

use emap_interchange::Message;
use emap_service::panics::caught;
use emap_star::{
    Batch, CommitError, ErrorClass, Fate, Flushed, MessageScope, Session, SessionError, Subjects,
    UncertainCommit,
};

use crate::{
    clock::Clock,
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
/// How often a batch is tried while other processes work. A second conflict means that they change the same rows all the
/// time: then they have to wait.
const TRIES_AMONG_OTHERS: usize = 2;

/// A statement that failed after so long has waited for a lock, unless the engine's creator says otherwise.
const LOCK_WAIT: Duration = Duration::from_secs(30);

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
    /// The answer to a commit was lost, and the server is still at that commit.
    #[error("the star database has not finished a commit")]
    Undecided,
}

/// A batch on its way, over as many attempts as it takes.
pub(crate) struct Task<'m> {
    batch: &'m [Incoming],
    /// Of the messages that are committed, in order.
    reports: Vec<Report>,
    /// How often the next message failed while it was alone in its batch.
    failures: usize,
    /// The next messages, which are perhaps committed.
    uncertain: Option<Uncertain>,
    on_commit: &'m dyn Fn(),
}

/// A commit without an answer, and the reports of its messages if it was done.
struct Uncertain {
    commit: Box<UncertainCommit>,
    reports: Vec<Report>,
}

/// An attempt that came to nothing, or whose commit had no answer.
struct Failed {
    error: SessionError,
    uncertain: Option<Uncertain>,
}

impl From<SessionError> for Failed {
    fn from(error: SessionError) -> Self {
        Self { error, uncertain: None }
    }
}

impl<'m> Task<'m> {
    /// `on_commit` is called whenever some of the messages are committed.
    pub(crate) fn new(batch: &'m [Incoming], on_commit: &'m dyn Fn()) -> Self {
        Self { batch, reports: Vec::with_capacity(batch.len()), failures: 0, uncertain: None, on_commit }
    }

    fn committed(&mut self, reports: Vec<Report>) {
        self.reports.extend(reports);
        self.failures = 0;
        (self.on_commit)();
    }

    /// The error, unless the attempt may have succeeded.
    fn failed(&mut self, failed: Failed) -> Result<SessionError, Unavailable> {
        match failed.uncertain {
            None => Ok(failed.error),
            uncertain => {
                self.uncertain = uncertain;
                Err(Unavailable::Lost(failed.error))
            }
        }
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
    lock_wait: Duration,
    clock: Clock,
}

/// Whether other processes may work at the same time as a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// All but those who need a patient, visit or department of the batch.
    Work,
    /// None: what fails then is nobody else's doing.
    Wait,
}

impl Engine {
    /// An engine over a session.
    pub fn new(session: Session, rules: Rules) -> Self {
        Self { session, rules, times: PhaseTimes::default(), lock_wait: LOCK_WAIT, clock: Clock::default() }
    }

    /// The same over a session whose statements wait so long for a lock.
    #[must_use]
    pub fn with_lock_wait(self, lock_wait: Duration) -> Self {
        Self { lock_wait, ..self }
    }

    /// The same engine by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The rows that the engine works on.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where the time went since the last call.
    pub fn take_times(&mut self) -> PhaseTimes {
        std::mem::take(&mut self.times)
    }

    /// The database answers.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.session.is_alive()
    }

    /// For what is asked between batches.
    pub(crate) fn session_mut(&mut self) -> &mut Session {
        &mut self.session
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
        let mut task = Task::new(batch, &|| ());
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
        self.ask_after_commit(task)?;
        if task.reports.is_empty() && task.batch.len() > 1 {
            match self.try_batch(task.batch) {
                Ok(reports) => {
                    task.committed(reports);
                    return Ok(());
                }
                Err(failed) => {
                    let error = task.failed(failed)?;
                    self.check_alive(error)?;
                }
            }
        }
        while let Some(incoming) = task.batch.get(task.reports.len()) {
            let reports = self.process_alone(incoming, task)?;
            task.committed(reports);
        }
        Ok(())
    }

    /// What became of a commit whose answer was lost with the connection before.
    fn ask_after_commit(&mut self, task: &mut Task<'_>) -> Result<(), Unavailable> {
        let Some(Uncertain { commit, .. }) = &task.uncertain else { return Ok(()) };
        let fate = self.session.fate_of(commit).map_err(unavailable)?;
        tracing::info!(?fate, "the answer to a commit was lost");
        if fate == Fate::Undecided {
            return Err(Unavailable::Undecided);
        }
        if let Some(uncertain) = task.uncertain.take()
            && fate == Fate::Committed
        {
            task.committed(uncertain.reports);
        }
        Ok(())
    }

    fn process_alone(
        &mut self,
        incoming: &Incoming,
        task: &mut Task<'_>,
    ) -> Result<Vec<Report>, Unavailable> {
        let begin = Stopwatch::now();
        let failed = match self.try_alone(incoming, task.failures + 1 == TRIES_ALONE) {
            Ok(reports) => return Ok(reports),
            Err(failed) => failed,
        };
        let error = task.failed(failed)?;
        if matches!(error, SessionError::Locks(_)) {
            return Err(unavailable(error));
        }
        if error.class() != ErrorClass::Refused {
            // Not by itself the message's fault: the driver hides what most errors are.
            self.session.check_willing().map_err(unavailable)?;
            if error.class() == ErrorClass::Unwilling && begin.elapsed() >= self.lock_wait {
                // It waited for a lock: whoever holds that is at fault.
                return Err(unavailable(error));
            }
            task.failures += 1;
            if task.failures < TRIES_ALONE {
                return Err(unavailable(error));
            }
        }
        let report = Report::error(error.to_string());
        let recorded = self.record_failure(incoming, &report);
        recorded.or_else(|failed| Err(unavailable(task.failed(failed)?)))
    }

    /// After an error, which undid the batch: one that came from losing the database, or before any message was looked
    /// at, is passed on.
    fn check_alive(&mut self, error: SessionError) -> Result<(), Unavailable> {
        if !self.session.is_alive() {
            return Err(Unavailable::Lost(error));
        }
        if matches!(error, SessionError::Locks(_)) {
            return Err(Unavailable::Unwilling(error));
        }
        tracing::debug!(%error, "batch undone");
        Ok(())
    }

    /// Tries a message by itself. No failure is its own as long as another process may have caused it: also what breaks a
    /// constraint is tried once more, and the `last` attempt made at once, while the others wait.
    fn try_alone(&mut self, incoming: &Incoming, last: bool) -> Result<Vec<Report>, Failed> {
        let incoming = std::slice::from_ref(incoming);
        if last {
            return self.attempt(incoming, Others::Wait);
        }
        match self.try_batch(incoming) {
            Err(Failed { error, uncertain: None }) if error.class() == ErrorClass::Refused => {
                self.attempt(incoming, Others::Wait)
            }
            done => done,
        }
    }

    /// Tries the messages, and again if another process got in the way: in the end while the others wait.
    fn try_batch(&mut self, incoming: &[Incoming]) -> Result<Vec<Report>, Failed> {
        for _ in 0..TRIES_AMONG_OTHERS {
            match self.attempt(incoming, Others::Work) {
                Err(Failed { error, uncertain: None }) if error.class() == ErrorClass::Conflict => {
                    metrics::counter!("emap_core_conflicts_total").increment(1);
                    tracing::debug!(%error, "batch undone, to be done again");
                }
                done => return done,
            }
        }
        self.attempt(incoming, Others::Wait)
    }

    fn attempt(&mut self, incoming: &[Incoming], others: Others) -> Result<Vec<Report>, Failed> {
        let Self { session, rules, times, clock, .. } = self;
        with_batch(session, times, &announced(*rules, incoming), others, |mut batch, times| {
            let reports = timed(times, Phase::Rules, || {
                incoming
                    .iter()
                    .map(|incoming| process_one(&mut batch, *rules, clock, incoming))
                    .collect::<Result<_, SessionError>>()
            })?;
            let flushed = timed(times, Phase::Flush, || batch.flush())?;
            timed(times, Phase::Commit, || commit(flushed, reports))
        })
    }

    /// Records a message whose own rows the database refused: as any that failed, or if even that is refused, its body
    /// alone.
    fn record_failure(&mut self, incoming: &Incoming, report: &Report) -> Result<Vec<Report>, Failed> {
        match self.commit_one(report, |batch, clock| record_failed(batch, clock, incoming, report)) {
            Err(Failed { error, uncertain: None }) if error.class() != ErrorClass::Lost => {
                tracing::warn!(%error, "a failed message is kept without its line in the effect log");
                let reason = report.reason.as_deref().unwrap_or_default();
                let write = |batch: &mut Batch<'_>, clock: &mut Clock| {
                    reject_undecodable(batch.message(clock.now()), incoming, reason).map(drop)
                };
                self.commit_one(report, write)
            }
            recorded => recorded,
        }
    }

    fn commit_one(
        &mut self,
        report: &Report,
        write: impl FnOnce(&mut Batch<'_>, &mut Clock) -> Result<(), SessionError>,
    ) -> Result<Vec<Report>, Failed> {
        let mut batch = self.session.begin(&Subjects::default())?;
        write(&mut batch, &mut self.clock)?;
        commit(batch.flush()?, vec![report.clone()])
    }
}

fn commit(flushed: Flushed<'_>, reports: Vec<Report>) -> Result<Vec<Report>, Failed> {
    match flushed.commit() {
        Ok(()) => Ok(reports),
        Err(CommitError { error, uncertain }) => {
            Err(Failed { error, uncertain: uncertain.map(|commit| Uncertain { commit, reports }) })
        }
    }
}

fn unavailable(error: SessionError) -> Unavailable {
    if error.class() == ErrorClass::Lost { Unavailable::Lost(error) } else { Unavailable::Unwilling(error) }
}

fn record_failed(
    batch: &mut Batch<'_>,
    clock: &mut Clock,
    incoming: &Incoming,
    report: &Report,
) -> Result<(), SessionError> {
    let at = clock.now();
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
    others: Others,
    work: impl FnOnce(Batch<'_>, &mut PhaseTimes) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let mut subjects = Subjects { alone: others == Others::Wait, ..announced.subjects() };
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
    let begin = Stopwatch::now();
    let done = work();
    times.add_since(phase, begin);
    done
}

fn process_one(
    batch: &mut Batch<'_>,
    rules: Rules,
    clock: &mut Clock,
    incoming: &Incoming,
) -> Result<Report, SessionError> {
    let started = clock.now();
    let message = match &incoming.message {
        Ok(message) => message,
        Err(error) => return reject_undecodable(batch.message(started), incoming, &error.to_string()),
    };
    let stopwatch = Stopwatch::now();
    let report = apply(batch.message(started), rules, message)?;
    let timing = Timing { started, ended: clock.now().max(started), took: stopwatch.elapsed() };
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
