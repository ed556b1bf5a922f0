//! When the connector, the reader and core got on.

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

use crate::{
    kinds::Lane,
    servers::{Names, Servers, connect},
};

const LOOK: Duration = Duration::from_millis(50);
const CORE: &str = "SELECT max(id) AS number FROM star.etl_per_message_logging";
const READER: &str = "SELECT max(last_processed_ids_unid)::bigint AS number FROM star.etl_ids_progress";

/// Instants at which a daemon was seen to have got on, the earliest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Advances {
    connector: Vec<Instant>,
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
        let all = [&self.connector, &self.reader, &self.core].into_iter().zip(lane.holds_up());
        let held_up = all.filter(|(_, is_held_up)| *is_held_up);
        held_up
            .map(|(advances, _)| next(advances))
            .try_fold(Duration::ZERO, |longest, next| Some(longest.max(next?)))
    }
}

/// Asks the star again and again how far both are.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    advances: Advances,
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
        let mut kept = None;
        while !stop.load(Ordering::Relaxed) {
            if kept.is_none() {
                kept = connect(&servers.star, names.star).ok();
            }
            if let Some(connection) = &mut kept
                && self.look(connection).is_err()
            {
                kept = None;
            }
            sleep(LOOK);
        }
    }

    fn look(&self, connection: &mut PgConnection) -> QueryResult<()> {
        let mut number = |query: &str| -> QueryResult<Option<i64>> {
            Ok(sql_query(query).get_result::<Number>(connection)?.number)
        };
        let core = number(CORE)?;
        self.change(|seen, now| {
            if core.is_some() && core != seen.core {
                (seen.core, ()) = (core, seen.advances.core.push(now));
            }
        });
        let reader = number(READER)?;
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

    /// How long the reader and core have not got on.
    pub(crate) fn standing_still(&self) -> (Option<Duration>, Option<Duration>) {
        let advances = self.advances(Vec::new());
        let since = |advances: &[Instant]| advances.last().map(Instant::elapsed);
        (since(&advances.reader), since(&advances.core))
    }
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
        let advances = Advances { connector: at(&[3]), reader: at(&[1, 2, 9]), core: at(&[1, 4]) };
        let from = begin + Duration::from_secs(2);
        let recovery = |lane| advances.recovery(lane, from).map(|time| time.as_secs());
        assert_eq!(recovery(Lane::Reader), Some(7));
        assert_eq!(recovery(Lane::Core), Some(2));
        assert_eq!(recovery(Lane::Broker), Some(7));
        assert_eq!(recovery(Lane::SendLine), Some(1));
        assert_eq!(recovery(Lane::Store), Some(7));
        assert_eq!(advances.recovery(Lane::Core, begin + Duration::from_secs(5)), None);
    }
}
