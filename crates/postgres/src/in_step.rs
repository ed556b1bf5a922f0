//! Statements and answers that have got out of step.
//!
//! In an extended query, a failed COPY may be answered twice: libpq sends a Sync with the statement and another one
//! after the data, and a server that fails before it reads the first, as a trigger or a cancellation can make it, answers
//! both. The second answer is then taken for that of the next statement, whose own is taken for that of the one after: a
//! ROLLBACK, or even a COMMIT, would seem to have succeeded because the statement before it has.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread::sleep,
    time::Duration,
};

use diesel::{PgConnection, connection::SimpleConnection};

/// How often, and with which pauses, a statement is tried: a server that answers at all has answered by then.
const ATTEMPTS: usize = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// To be called after a failed COPY: reads answers that belong to no statement, until a statement gets its own. A
/// connection on which none does is ended.
pub fn get_in_step(connection: &mut PgConnection) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    for _ in 0..ATTEMPTS {
        // While no statement waits, what arrives is thrown away. A connection that is lost gives errors without end.
        if connection.notifications_iter().any(|notification| notification.is_err()) {
            return;
        }
        // No SQL: its error repeats it, in any language, in a failed transaction too, and changes nothing there.
        let word = format!("emap_in_step_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        // A second answer without content looks like a lost connection here, which says nothing either.
        match connection.batch_execute(&word) {
            Err(error) if error.to_string().contains(&word) => return,
            _ => sleep(PAUSE),
        }
    }
    // If it is not lost already. With any answer, no other statement gets one.
    let _ = connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())");
}
