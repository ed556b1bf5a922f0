//! What ends a running request before its time: the client's attention, or the end of its connection.

use std::{
    io::BufReader,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    time::Duration,
};

use postgres::Client;

use super::{
    transport::Transport,
    wire::{kinds, read_message},
};

/// A message of a client: its type and text.
pub(super) type Message = (u8, Vec<u8>);

/// From one cancellation of a statement to the next.
const AGAIN: Duration = Duration::from_millis(5);

/// Shared by the thread that answers a client, the one that reads from it meanwhile, and the one that ends statements.
#[derive(Default)]
pub(super) struct Interrupt {
    /// Whether the running request is to end; read for each row.
    asked: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether PostgreSQL has a statement, or is about to get it, that may be ended.
    is_running: bool,
    /// Nobody wants the rest of what runs.
    is_given_up: bool,
    /// Attentions that no answer has acknowledged.
    unanswered: usize,
    /// The client has gone.
    is_over: bool,
    /// The session has ended.
    is_finished: bool,
}

impl Interrupt {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A statement begins, and an interruption may end it; `false` if it must not begin, as there was one.
    pub(super) fn begin(&self) -> bool {
        let mut state = self.state();
        state.is_running = !self.is_asked();
        state.is_given_up = false;
        state.is_running
    }

    /// The statement has ended: what comes next on the connection to PostgreSQL is left alone.
    pub(super) fn end(&self) {
        self.state().is_running = false;
        self.changed.notify_all();
    }

    /// The rest of the statement's result is not wanted.
    pub(super) fn give_up(&self) {
        self.state().is_given_up = true;
        self.changed.notify_all();
    }

    /// Nothing will run any more.
    pub(super) fn finish(&self) {
        self.state().is_finished = true;
        self.changed.notify_all();
    }

    /// Whether the running request is to end.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Waits, until an interruption at most.
    pub(super) fn pause(&self, time: Duration) {
        let goes_on = |state: &mut State| state.unanswered == 0 && !state.is_over;
        drop(self.changed.wait_timeout_while(self.state(), time, goes_on));
    }

    /// How many attentions came since the last answer; the next request runs undisturbed.
    pub(super) fn take(&self) -> usize {
        let mut state = self.state();
        self.asked.store(state.is_over, Ordering::SeqCst);
        std::mem::take(&mut state.unanswered)
    }

    fn now(&self, note: impl FnOnce(&mut State)) {
        let mut state = self.state();
        note(&mut state);
        self.asked.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    fn is_to_end(&self, state: &State) -> bool {
        state.is_running && (state.is_given_up || self.is_asked())
    }

    /// Ends statements that are to end, until the session has ended. `backend`: the session's process of PostgreSQL.
    ///
    /// A cancellation has no effect when PostgreSQL has not begun the statement, or is between two of the messages that
    /// it is made of; so it is repeated until the statement has ended. It is sent under the lock, which whoever runs
    /// statements takes when one ends: none that comes later can be meant. `pg_cancel_backend` answers after the signal,
    /// and PostgreSQL drops a signal that arrives while nothing runs.
    pub(super) fn end_statements(&self, backend: i32, connect: impl Fn() -> Option<Client>) {
        let mut canceller = None;
        let mut state = self.state();
        loop {
            let rests = |state: &mut State| !state.is_finished && !self.is_to_end(state);
            state = self.changed.wait_while(state, rests).unwrap_or_else(PoisonError::into_inner);
            if state.is_finished {
                return;
            }
            if canceller.is_none() {
                drop(state);
                canceller = connect();
                state = self.state();
            }
            if let Some(client) = &mut canceller
                && self.is_to_end(&state)
                && client.execute("SELECT pg_cancel_backend($1)", &[&backend]).is_err()
            {
                canceller = None;
            }
            let goes_on = |state: &mut State| !state.is_finished && self.is_to_end(state);
            let waited = self.changed.wait_timeout_while(state, AGAIN, goes_on);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Reads while requests run, so that the client can interrupt them.
pub(super) fn listen(mut reader: BufReader<Transport>, interrupt: &Interrupt, sender: &Sender<Message>) {
    while let Ok(Some(message)) = read_message(&mut reader) {
        if message.0 == kinds::ATTENTION {
            interrupt.now(|state| state.unanswered += 1);
        }
        if sender.send(message).is_err() {
            return;
        }
    }
    interrupt.now(|state| state.is_over = true);
}
