//! One reader for each progress row: a lock that lives as long as the connection that saves progress.

use std::fmt;

use diesel::{
    OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Integer, Nullable, Text},
};
use emap_postgres::advisory::is_held;

use crate::error::IdsError;

/// Whose the progress row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This connection's, for as long as it lives.
    Ours,
    /// Another reader's; `None`: that has just ended, or cannot be seen.
    Taken(Option<OtherReader>),
}

/// Another reader that has the progress row, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct OtherReader {
    /// Process id of its session at the server.
    #[diesel(sql_type = Integer)]
    pub pid: i32,
    /// `application_name` of its connection: what it calls itself.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Address that it connects from; `None`: unknown, or a local socket.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    /// When its session began, UTC.
    #[diesel(sql_type = Nullable<Text>)]
    pub since: Option<String>,
}

impl fmt::Display for OtherReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unnamed = if self.name.is_empty() { "without a name" } else { &self.name };
        write!(f, "{unnamed} (session {} of the database server", self.pid)?;
        if let Some(address) = &self.address {
            write!(f, ", from {address}")?;
        }
        if let Some(since) = &self.since {
            write!(f, ", since {since}")?;
        }
        f.write_str(")")
    }
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// The key of the lock as an expression; `$1` is the schema.
const KEY: &str = "hashtextextended('emap reader ' || $1, 0)";

/// Takes the lock, unless this connection has it already. The connection is called `name`, if it has no name yet.
///
/// A server process of the same name is our own from before the connection was lost, which the server has not noticed: it
/// is ended, and the next attempt succeeds.
pub(super) fn take(connection: &mut PgConnection, schema: &str, name: &str) -> Result<Place, IdsError> {
    sql_query(
        "SELECT set_config('application_name', $1, false) WHERE current_setting('application_name') = ''",
    )
    .bind::<Text, _>(name)
    .execute(connection)?;
    let try_lock = sql_query(format!("SELECT pg_try_advisory_lock({KEY}) AS locked"));
    if try_lock.bind::<Text, _>(schema).get_result::<Locked>(connection)?.locked {
        return Ok(Place::Ours);
    }
    let other = holder(connection, schema)?;
    if let Some(former) = other.as_ref().filter(|other| other.name == name) {
        sql_query("SELECT pg_terminate_backend($1)").bind::<Integer, _>(former.pid).execute(connection)?;
    }
    Ok(Place::Taken(other))
}

/// Who has the lock; `None` if by now nobody has.
fn holder(connection: &mut PgConnection, schema: &str) -> Result<Option<OtherReader>, IdsError> {
    let query = sql_query(format!(
        "SELECT activity.pid, coalesce(activity.application_name, '') AS name, host(activity.client_addr) AS address,
                to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"') AS since
           FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
          WHERE {}
          LIMIT 1",
        is_held(KEY)
    ));
    Ok(query.bind::<Text, _>(schema).get_result(connection).optional()?)
}
