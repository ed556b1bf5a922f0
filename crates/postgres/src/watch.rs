//! A thread that ends connections whose server does not answer in time.

use std::{
    collections::BTreeMap,
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::socket::Mark;

/// A connection that is still waiting after it was shut down is shut down again: libpq may have gone on to the next of
/// several hosts.
const AGAIN: Duration = Duration::from_secs(1);

static WATCH: Watch = Watch { state: Mutex::new(State::new()), changed: Condvar::new() };

/// All connections of the process.
struct Watch {
    state: Mutex<State>,
    /// The thread has to wake up earlier than it thought.
    changed: Condvar,
}

struct State {
    connections: BTreeMap<u64, Watched>,
    opened: u64,
    is_running: bool,
    /// When the thread looks next; none: not before it is woken.
    next_look: Option<Instant>,
}

struct Watched {
    mark: Mark,
    /// When an answer must be here; none: nothing was asked, or there is no limit.
    due: Option<Instant>,
}

impl State {
    const fn new() -> Self {
        Self { connections: BTreeMap::new(), opened: 0, is_running: false, next_look: None }
    }

    /// Connections that have waited too long.
    fn overdue(&mut self, now: Instant) -> Vec<Mark> {
        let mut overdue = Vec::new();
        for watched in self.connections.values_mut() {
            if watched.due.is_some_and(|due| due <= now) {
                watched.due = Some(now + AGAIN);
                overdue.push(watched.mark);
            }
        }
        self.next_look = self.connections.values().filter_map(|watched| watched.due).min();
        overdue
    }
}

/// One connection's place in the watch. As the connection's instrumentation it sets the limit when a statement is sent,
/// and lifts it when the answer is complete.
#[derive(Debug)]
pub(crate) struct Watcher {
    id: u64,
    limit: Option<Duration>,
}

impl Watcher {
    /// Watches the connection that will have a socket with this mark. `limit`: longest wait for an answer.
    ///
    /// # Errors
    /// The operating system refuses a thread.
    pub(crate) fn of(mark: impl FnOnce(u64) -> Mark, limit: Option<Duration>) -> io::Result<Self> {
        let mut state = WATCH.state();
        if !state.is_running {
            thread::Builder::new().name("database-watch".to_owned()).spawn(|| WATCH.run())?;
            state.is_running = true;
        }
        state.opened += 1;
        let id = state.opened;
        state.connections.insert(id, Watched { mark: mark(id), due: None });
        Ok(Self { id, limit })
    }

    /// An answer is waited for, for so long; until [`answered`](Self::answered).
    pub(crate) fn asked(&self, limit: Duration) {
        let due = Instant::now() + limit;
        let mut state = WATCH.state();
        if let Some(watched) = state.connections.get_mut(&self.id) {
            watched.due = Some(due);
        }
        if state.next_look.is_none_or(|look| look > due) {
            state.next_look = Some(due);
            WATCH.changed.notify_one();
        }
    }

    /// Nothing is waited for.
    pub(crate) fn answered(&self) {
        if let Some(watched) = WATCH.state().connections.get_mut(&self.id) {
            watched.due = None;
        }
    }
}

impl Instrumentation for Watcher {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let Some(limit) = self.limit else { return };
        match event {
            InstrumentationEvent::StartQuery { .. } => self.asked(limit),
            InstrumentationEvent::FinishQuery { .. } => self.answered(),
            _ => {}
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        WATCH.state().connections.remove(&self.id);
    }
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            let overdue = state.overdue(now);
            if !overdue.is_empty() {
                drop(state);
                tracing::warn!(
                    connections = overdue.len(),
                    "a database does not answer, its connection is ended"
                );
                shut_down(&overdue);
                state = self.state();
                continue;
            }
            state = match state.next_look {
                Some(look) => {
                    let pause = look.saturating_duration_since(now);
                    self.changed.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// Ends every connection to a database that this process has or is just opening, also those that wait: the statement
/// fails as if the server had gone away. For a program that has to end.
pub fn end_all_connections() {
    let marks: Vec<Mark> = WATCH.state().connections.values().map(|watched| watched.mark).collect();
    shut_down(&marks);
}

fn shut_down(marks: &[Mark]) {
    for mark in marks {
        if let Err(error) = mark.shut_down() {
            tracing::error!(%error, "a connection to a database cannot be ended");
        }
    }
}
