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

use postgres::{CancelToken, NoTls};

use super::{
    transport::Transport,
    wire::{kinds, read_message},
};

/// A message of a client: its type and text.
pub(super) type Message = (u8, Vec<u8>);

/// Shared by the thread that answers a client and the one that reads from it meanwhile.
#[derive(Default)]
pub(super) struct Interrupt {
    /// Whether the running request is to end; read for each row.
    asked: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Ends what runs on PostgreSQL.
    running: Option<CancelToken>,
    /// Attentions that no answer has acknowledged.
    unanswered: usize,
    is_over: bool,
}

impl Interrupt {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on an interruption ends what runs on PostgreSQL.
    pub(super) fn begin(&self, token: CancelToken) {
        self.state().running = Some(token);
    }

    /// Nothing runs on PostgreSQL any more.
    pub(super) fn end(&self) {
        self.state().running = None;
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
        if let Some(token) = &state.running {
            // A query that has ended by itself needs no end.
            let _ = token.cancel_query(NoTls);
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
