//! Waiting for the database.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use emap_service::{Backoff, Component, Shutdown};

/// How often one who waits looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(100);

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum NotConnected<E> {
    /// The program shall stop.
    Stopped,
    /// It took too long; this is what went wrong last.
    TimeOver(E),
}

/// What `connect` gives, as soon as it succeeds. Blocks the thread, for `at_most` this long or else until the program
/// shall stop.
pub(crate) fn connected<T, E: Display>(
    health: &Component,
    shutdown: &Shutdown,
    at_most: Option<Duration>,
    connect: impl Fn() -> Result<T, E>,
) -> Result<T, NotConnected<E>> {
    let begin = Instant::now();
    let mut pauses = Backoff::seconds(1, 60);
    loop {
        let error = match connect() {
            Ok(connection) => {
                health.up();
                return Ok(connection);
            }
            Err(error) => error,
        };
        health.down(&error);
        let until = Instant::now() + pauses.next().unwrap_or(LOOK);
        if at_most.is_some_and(|limit| until > begin + limit) {
            return Err(NotConnected::TimeOver(error));
        }
        while Instant::now() < until {
            if shutdown.is_triggered() {
                return Err(NotConnected::Stopped);
            }
            std::thread::sleep(LOOK);
        }
    }
}
