//! Removing rows that are older than they are to be kept, a few at a time.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    dsl::sql,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};

/// A table whose rows are kept for a time.
#[derive(Debug, Clone, Copy)]
pub struct OldRows {
    /// Name of the table.
    pub table: &'static str,
    /// Its primary key.
    pub key: &'static str,
    /// The column with a row's time, which has an index. Rows without one are kept.
    pub time: &'static str,
    /// Whether that column is of the type `timestamp` and holds UTC; else it is of the type `timestamptz`.
    pub is_utc: bool,
    /// True of rows that are still to be dealt with; their removal is counted apart.
    pub open: &'static str,
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
pub struct Removed {
    /// Rows removed.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
    /// Those of them that were still to be dealt with.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// Time of the latest of them, as the server writes it: the next are not older.
    #[diesel(sql_type = Nullable<Text>)]
    pub latest: Option<String>,
}

impl OldRows {
    /// Whether the schema of the search path has the table.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn exist(&self, connection: &mut PgConnection) -> QueryResult<bool> {
        let present = sql::<Bool>("to_regclass(").bind::<Text, _>(self.table).sql(") IS NOT NULL");
        diesel::select(present).get_result(connection)
    }

    /// Removes the oldest rows from before `before` (as PostgreSQL reads a `timestamptz`), at most so many. `latest` is
    /// what the step before gave: the search begins there and not among what was removed already.
    ///
    /// # Errors
    /// When the connection is lost, the right is missing, or a row is locked too long.
    pub fn remove_some(
        &self,
        connection: &mut PgConnection,
        before: &str,
        latest: Option<&str>,
        limit: u32,
    ) -> QueryResult<Removed> {
        let Self { table, key, time, is_utc, open } = self;
        let (zone, time_type) =
            if *is_utc { (" AT TIME ZONE 'UTC'", "timestamp") } else { ("", "timestamptz") };
        let begin = latest.map_or(String::new(), |_| format!("AND {time} >= $3::{time_type}"));
        let statement = sql_query(format!(
            "WITH gone AS (
                 DELETE FROM {table} WHERE {key} = ANY (ARRAY(
                     SELECT {key} FROM {table} WHERE {time} < ($1::timestamptz){zone} {begin}
                     ORDER BY {time} LIMIT $2))
                 RETURNING {time} AS time, ({open}) AS open)
             SELECT count(*) AS rows, count(*) FILTER (WHERE open) AS open, max(time)::text AS latest FROM gone"
        ));
        let statement = statement.bind::<Text, _>(before).bind::<BigInt, _>(i64::from(limit));
        match latest {
            Some(latest) => statement.bind::<Text, _>(latest).get_result(connection),
            None => statement.get_result(connection),
        }
    }
}
