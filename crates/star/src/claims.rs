//! Which partition of the messages a process may work on: locks that live as long as the session that commits.
//!
//! Whatever a session commits while it holds the lock of a partition is committed by the only process that may work on
//! that partition, without any clock or lease. The server releases a session's locks when its last transaction is over.

use diesel::{
    OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Bool, Integer, SmallInt, Text},
};
use emap_postgres::advisory::is_held;

use crate::{error::SessionError, session::Session};

/// A session of the database server, which does not mistake another one for it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SessionId {
    /// Process id at the server.
    #[diesel(sql_type = Integer)]
    pid: i32,
    /// When it began.
    #[diesel(sql_type = Text)]
    since: String,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The lock that all take who take part, as an expression; `$1` is the schema.
const MEMBERS: &str = "hashtextextended('emap core member ' || $1, 0)";

/// The lock of one partition; `$1` is the schema, `$2` the partition's number.
const PARTITION: &str = "hashtextextended('emap core partition ' || $2 || ' of ' || $1, 0)";

impl Session {
    /// Who this session is at the server; none in memory.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub fn id(&mut self) -> Result<Option<SessionId>, SessionError> {
        self.ask(None, |connection| {
            let query =
                "SELECT pid, backend_start::text AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()";
            Ok(sql_query(query).get_result(connection).optional()?)
        })
    }

    /// Ends a session of our own that was given up, if the server has not noticed yet: until then it keeps its locks.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn end_former(&mut self, former: &SessionId) -> Result<(), SessionError> {
        self.ask((), |connection| {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";
            sql_query(end)
                .bind::<Integer, _>(former.pid)
                .bind::<Text, _>(&former.since)
                .execute(connection)?;
            Ok(())
        })
    }

    /// Takes part in sharing out the partitions of a schema, until [`leave`](Self::leave) or the end of the session. Not
    /// to be called twice.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn join(&mut self, schema: &str) -> Result<(), SessionError> {
        self.ask((), |connection| {
            let lock = sql_query(format!("SELECT pg_advisory_lock_shared({MEMBERS})"));
            lock.bind::<Text, _>(schema).execute(connection)?;
            Ok(())
        })
    }

    /// Takes no part any more.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn leave(&mut self, schema: &str) -> Result<(), SessionError> {
        self.ask((), |connection| {
            let unlock = sql_query(format!("SELECT pg_advisory_unlock_shared({MEMBERS})"));
            unlock.bind::<Text, _>(schema).execute(connection)?;
            Ok(())
        })
    }

    /// How many take part, this session included.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn members(&mut self, schema: &str) -> Result<usize, SessionError> {
        self.ask(1, |connection| {
            let count = sql_query(format!(
                "SELECT count(DISTINCT locks.pid) AS count FROM pg_locks AS locks WHERE {}",
                is_held(MEMBERS)
            ));
            let Count { count } = count.bind::<Text, _>(schema).get_result(connection)?;
            Ok(usize::try_from(count).unwrap_or(1))
        })
    }

    /// Takes a partition, which this session does not have; false if another session has it.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn try_claim(&mut self, schema: &str, partition: u8) -> Result<bool, SessionError> {
        self.ask(true, |connection| lock(connection, "pg_try_advisory_lock", schema, partition))
    }

    /// Lets a partition go.
    ///
    /// # Errors
    /// As [`id`](Self::id).
    pub fn unclaim(&mut self, schema: &str, partition: u8) -> Result<(), SessionError> {
        self.ask((), |connection| lock(connection, "pg_advisory_unlock", schema, partition).map(drop))
    }

    /// The answer of the database; `alone` is the one in memory.
    fn ask<T>(
        &mut self,
        alone: T,
        question: impl FnOnce(&mut PgConnection) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        self.connection().map_or(Ok(alone), question)
    }
}

fn lock(
    connection: &mut PgConnection,
    function: &str,
    schema: &str,
    partition: u8,
) -> Result<bool, SessionError> {
    let query = sql_query(format!("SELECT {function}({PARTITION}) AS answer"));
    let query = query.bind::<Text, _>(schema).bind::<SmallInt, _>(i16::from(partition));
    Ok(query.get_result::<Answer>(connection)?.answer)
}

#[cfg(test)]
mod tests {
    use emap_test_support::database::{Database, fresh};

    use super::*;

    fn session(database: &Database) -> Session {
        Session::on_database(database.connection()).unwrap()
    }

    #[test]
    fn a_partition_is_of_one_session_until_that_lets_it_go_or_ends() {
        let database = fresh();
        let (mut one, mut other) = (session(&database), session(&database));
        assert!(one.try_claim("star", 3).unwrap());
        assert!(!other.try_claim("star", 3).unwrap());
        assert!(other.try_claim("star", 4).unwrap());
        assert!(other.try_claim("another", 3).unwrap(), "another schema has partitions of its own");
        one.unclaim("star", 3).unwrap();
        assert!(other.try_claim("star", 3).unwrap());
        let former = other.id().unwrap().unwrap();
        one.end_former(&SessionId { since: "another time".to_owned(), ..former.clone() }).unwrap();
        assert!(other.is_alive());
        one.end_former(&former).unwrap();
        let mut tries = 0;
        while !one.try_claim("star", 3).unwrap() {
            tries += 1;
            assert!(tries < 1000, "the session does not end");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    #[test]
    fn members_are_counted_by_schema() {
        let database = fresh();
        let (mut one, mut other) = (session(&database), session(&database));
        one.join("star").unwrap();
        other.join("star").unwrap();
        assert_eq!(one.members("star").unwrap(), 2);
        assert_eq!(one.members("another").unwrap(), 0);
        other.leave("star").unwrap();
        assert_eq!(one.members("star").unwrap(), 1);
    }
}
