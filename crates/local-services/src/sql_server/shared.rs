//! What all sessions share.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::faults::Faults;

/// User and password that may log in.
pub const LOGIN: (&str, &str) = ("sa", "Stand-in-1");

/// What all sessions share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) faults: Faults,
    running: AtomicU32,
    pub(super) most_running: AtomicU32,
    pub(super) logins: AtomicU32,
    pub(super) stopped: AtomicBool,
}

impl Shared {
    pub(super) fn begin(&self) {
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_running.fetch_max(running, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }
}
