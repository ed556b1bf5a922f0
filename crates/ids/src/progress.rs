//! How far the reader has got, what it has passed, and what it could not convert: tables `etl_ids_progress`,
//! `etl_ids_gap` and `etl_ids_reject`.

mod gap_table;
mod gaps;
mod one_reader;
mod reject;
mod tables;

pub use self::{
    gaps::{Gap, GapChange, OpenGaps},
    one_reader::{OtherReader, Place},
    reject::{OLD_REJECTS, Reject},
    tables::migrate,
};

use chrono::{DateTime, Utc};
use diesel::{
    Connection, OptionalExtension, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    pg::data_types::PgTimestamp,
    sql_query,
    sql_types::{BigInt, Nullable, Timestamptz},
};
use emap_postgres::Stop;

use crate::{
    connection::{Address, DEFAULT_ZONE},
    error::IdsError,
    row::instant,
};

/// The reader's position: this row and all before it have been dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Number of the last row dealt with (`last_processed_ids_unid`); -1 before the first.
    pub unid: i64,
    /// Time of its message (`last_processed_message_datetime`).
    pub message_datetime: Option<DateTime<Utc>>,
    /// When that was (`last_processing_datetime`).
    pub processed_at: Option<DateTime<Utc>>,
}

/// What a reader has dealt with since it last saved.
#[derive(Debug, Clone, Copy, Default)]
pub struct Advance<'a> {
    /// Its new position; `None`: as before.
    pub progress: Option<&'a Progress>,
    /// Rows on the way there that could not be converted.
    pub rejects: &'a [Reject],
    /// What became of gaps on the way there, in this order.
    pub gaps: &'a [GapChange],
}

/// The three tables in one schema, created when missing.
pub struct ProgressStore {
    address: Address,
    connection: PgConnection,
}

impl ProgressStore {
    /// Connects; creates the schema, the tables and missing columns. Nothing is ever dropped.
    ///
    /// # Errors
    /// When the database is not reachable or something is missing that may not be created.
    pub fn connect(url: &str, schema: &str) -> Result<Self, IdsError> {
        Self::connect_until(url, schema, &|| false)
    }

    /// The same as long as `is_stopped` gives false: if something is missing, it may have to wait for others to create
    /// it.
    ///
    /// # Errors
    /// Also when `is_stopped` gave true.
    pub fn connect_until(
        url: &str,
        schema: &str,
        is_stopped: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, IdsError> {
        let address = Address::new(url, schema, DEFAULT_ZONE, false)?;
        let mut connection = address.connect()?;
        tables::ensure(&mut connection, schema, Stop::when(is_stopped, address.config()))?;
        Ok(Self { address, connection })
    }

    /// Opens a new connection in place of a lost one.
    ///
    /// # Errors
    /// While the database is not reachable.
    pub fn reconnect(&mut self) -> Result<(), IdsError> {
        self.connection = self.address.connect()?;
        Ok(())
    }

    /// The saved position; `None` when no reader has ever started.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn load(&mut self) -> Result<Option<Progress>, IdsError> {
        let query = sql_query(
            "SELECT last_processed_ids_unid::int8 AS unid, last_processed_message_datetime AS message_datetime,
                    last_processing_datetime AS processed_at FROM etl_ids_progress WHERE id = 0",
        );
        Ok(query.get_result::<ProgressRow>(&mut self.connection).optional()?.map(Progress::from))
    }

    /// The gaps whose rows may still come, after a start at this position. Removes from the table what is too old, and
    /// what lies above the position, as it will be read anyway; everything if there is no position.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn load_gaps(&mut self, position: Option<i64>) -> Result<OpenGaps, IdsError> {
        self.connection.transaction(|connection| gap_table::load(connection, position, Utc::now()))
    }

    /// Takes the place of the one reader of these tables, for as long as this connection lives: a session lock, which
    /// the server frees when the connection ends, and within a minute when our host vanishes. After
    /// [`ProgressStore::reconnect`] it is to be taken again. `name` is what others read about us; no other reader has the
    /// same. ASCII, at most 63 characters.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn take_place(&mut self, name: &str) -> Result<Place, IdsError> {
        one_reader::take(&mut self.connection, self.address.schema(), name)
    }

    /// Whether the server answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&mut self) -> Result<(), IdsError> {
        Ok(self.connection.batch_execute("SELECT 1")?)
    }

    /// Saves the rejects and then the position, in one transaction, so that progress never passes a reject that is
    /// not on record.
    ///
    /// # Errors
    /// When the connection is lost; then nothing is saved.
    pub fn save(&mut self, progress: &Progress, rejects: &[Reject]) -> Result<(), IdsError> {
        self.advance(&Advance { progress: Some(progress), rejects, gaps: &[] })
    }

    /// Saves everything in one transaction. The same again does no harm.
    ///
    /// # Errors
    /// When the connection is lost; then nothing is saved, or its answer was lost and everything is.
    pub fn advance(&mut self, advance: &Advance) -> Result<(), IdsError> {
        self.connection.transaction(|connection| {
            reject::record(connection, advance.rejects)?;
            gap_table::apply(connection, advance.gaps, Utc::now())?;
            advance.progress.map_or(Ok(()), |progress| save_position(connection, progress))
        })
    }

    /// Records rejects; the same row again replaces its reason.
    ///
    /// # Errors
    /// When the connection is lost; then none is recorded.
    pub fn record_rejects(&mut self, rejects: &[Reject]) -> Result<(), IdsError> {
        self.advance(&Advance { rejects, ..Advance::default() })
    }

    /// Rejects after `after_unid` that have not been published since, by rising number, at most `limit`.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn open_rejects(&mut self, after_unid: i64, limit: u32) -> Result<Vec<Reject>, IdsError> {
        reject::open(&mut self.connection, after_unid, limit)
    }

    /// Notes that these rows have been published after all.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn mark_replayed(&mut self, unids: &[i64], at: DateTime<Utc>) -> Result<(), IdsError> {
        reject::mark_replayed(&mut self.connection, unids, at)
    }
}

fn save_position(connection: &mut PgConnection, progress: &Progress) -> Result<(), IdsError> {
    sql_query(
        "INSERT INTO etl_ids_progress (id, last_processed_ids_unid, last_processed_message_datetime,
                                       last_processing_datetime)
         VALUES (0, $1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET last_processed_ids_unid = excluded.last_processed_ids_unid,
             last_processed_message_datetime = excluded.last_processed_message_datetime,
             last_processing_datetime = excluded.last_processing_datetime",
    )
    .bind::<BigInt, _>(progress.unid)
    .bind::<Nullable<Timestamptz>, _>(progress.message_datetime)
    .bind::<Nullable<Timestamptz>, _>(progress.processed_at)
    .execute(connection)?;
    Ok(())
}

#[derive(QueryableByName)]
struct ProgressRow {
    #[diesel(sql_type = BigInt)]
    unid: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    message_datetime: Option<PgTimestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    processed_at: Option<PgTimestamp>,
}

impl From<ProgressRow> for Progress {
    fn from(row: ProgressRow) -> Self {
        Self {
            unid: row.unid,
            message_datetime: row.message_datetime.and_then(instant),
            processed_at: row.processed_at.and_then(instant),
        }
    }
}
