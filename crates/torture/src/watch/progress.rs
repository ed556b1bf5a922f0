//! When the connector, its publishing, the reader and core got on.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Nullable},
};
use emap_local_services::postgres;

use crate::{
    kinds::Lane,
    outbox,
    servers::{Names, Servers, connect},
};

const LOOK: Duration = Duration::from_millis(50);
const CORE: &str = "SELECT max(id) AS number FROM star.etl_per_message_logging";
const READER: &str = "SELECT max(last_processed_ids_unid)::bigint AS number FROM star.etl_ids_progress";

/// Instants at which a daemon was seen to have got on, the earliest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Advances {
    connector: Vec<Instant>,
    actions: Vec<Instant>,
    reader: Vec<Instant>,
    core: Vec<Instant>,
}

impl Advances {
    /// How long after that instant all that a fault of this lane holds up had got on; none if it never had.
    pub(crate) fn recovery(&self, lane: Lane, from: Instant) -> Option<Duration> {
        let next = |advances: &[Instant]| {
            let later = advances.partition_point(|at| *at <= from);
            advances.get(later).map(|at| *at - from)
        };
        let all = [&self.connector, &self.actions, &self.reader, &self.core].into_iter().zip(lane.holds_up());
        let held_up = all.filter(|(_, is_held_up)| *is_held_up);
        held_up
            .map(|(advances, _)| next(advances))
            .try_fold(Duration::ZERO, |longest, next| Some(longest.max(next?)))
    }
}

/// Asks the databases again and again how far all are.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    advances: Advances,
    removed: Option<i64>,
    /// Rows of the outbox.
    waiting: i64,
    reader: Option<i64>,
    core: Option<i64>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

impl Progress {
    /// Looks until it is to stop.
    pub(crate) fn watch(&self, servers: &Servers, names: &Names, stop: &AtomicBool) {
        again_and_again((&servers.star, names.star), stop, |connection| self.look(connection));
    }

    /// The same for the connector's outbox.
    pub(crate) fn watch_outbox(&self, servers: &Servers, names: &Names, stop: &AtomicBool) {
        again_and_again((&servers.store, names.connector), stop, |connection| {
            let removed = number(connection, outbox::REMOVED)?;
            let waiting = number(connection, outbox::WAITING)?.unwrap_or_default();
            self.change(|seen, now| {
                seen.waiting = waiting;
                if removed != seen.removed {
                    (seen.removed, ()) = (removed, seen.advances.actions.push(now));
                }
            });
            Ok(())
        });
    }

    fn look(&self, connection: &mut PgConnection) -> QueryResult<()> {
        let core = number(connection, CORE)?;
        self.change(|seen, now| {
            if core.is_some() && core != seen.core {
                (seen.core, ()) = (core, seen.advances.core.push(now));
            }
        });
        let reader = number(connection, READER)?;
        self.change(|seen, now| {
            if reader.is_some() && reader != seen.reader {
                (seen.reader, ()) = (reader, seen.advances.reader.push(now));
            }
        });
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Seen, Instant)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
    }

    /// The reader's position; none before the first.
    pub(crate) fn position(&self) -> Option<i64> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).reader
    }

    /// When each got on. `connector`: when messages were acknowledged.
    pub(crate) fn advances(&self, connector: Vec<Instant>) -> Advances {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Advances { connector, ..seen.advances.clone() }
    }

    /// Whether there is something in the outbox.
    pub(crate) fn actions_wait(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).waiting > 0
    }

    /// How long the connector's publishing, the reader and core have not got on.
    pub(crate) fn standing_still(&self) -> [Option<Duration>; 3] {
        let Advances { actions, reader, core, .. } = self.advances(Vec::new());
        [actions, reader, core].map(|advances| advances.last().map(Instant::elapsed))
    }
}

/// Asks over a connection that is made anew when it is lost.
fn again_and_again(
    (server, database): (&postgres::Server, &str),
    stop: &AtomicBool,
    mut look: impl FnMut(&mut PgConnection) -> QueryResult<()>,
) {
    let mut kept = None;
    while !stop.load(Ordering::Relaxed) {
        if kept.is_none() {
            kept = connect(server, database).ok();
        }
        if let Some(connection) = &mut kept
            && look(connection).is_err()
        {
            kept = None;
        }
        sleep(LOOK);
    }
}

fn number(connection: &mut PgConnection, query: &str) -> QueryResult<Option<i64>> {
    Ok(sql_query(query).get_result::<Number>(connection)?.number)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Advances;
    use crate::kinds::Lane;

    #[test]
    fn what_a_fault_holds_up_has_recovered_when_all_of_it_got_on() {
        let begin = Instant::now();
        let at =
            |seconds: &[u64]| seconds.iter().map(|second| begin + Duration::from_secs(*second)).collect();
        let advances =
            Advances { connector: at(&[3]), actions: at(&[2, 5]), reader: at(&[1, 2, 9]), core: at(&[1, 4]) };
        let from = begin + Duration::from_secs(2);
        let recovery = |lane| advances.recovery(lane, from).map(|time| time.as_secs());
        assert_eq!(recovery(Lane::Reader), Some(7));
        assert_eq!(recovery(Lane::Core), Some(2));
        assert_eq!(recovery(Lane::Broker), Some(7));
        assert_eq!(recovery(Lane::SendLine), Some(1));
        assert_eq!(recovery(Lane::ActionsLine), Some(3));
        assert_eq!(recovery(Lane::Store), Some(7));
        assert_eq!(advances.recovery(Lane::Core, begin + Duration::from_secs(5)), None);
    }
}
