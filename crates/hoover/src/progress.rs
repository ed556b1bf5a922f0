//! How far each data type has got: table `etl_hoover_progress`.

use chrono::{DateTime, Utc};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Bool, Nullable, Text, Timestamptz},
};
use emap_interchange::Instant;
use emap_postgres::schema;
use emap_service::DatabaseSettings;

const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS etl_hoover_progress (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        data_type varchar(255) NOT NULL,
        sub_id varchar(255) NOT NULL DEFAULT '',
        last_processed_datetime timestamptz NOT NULL,
        last_processed_id varchar(255),
        last_processing_datetime timestamptz NOT NULL,
        UNIQUE (data_type, sub_id)
    )";

/// How far one part of a data type has got.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct EtlHooverProgress {
    /// Name of the data type.
    #[diesel(sql_type = Text)]
    pub data_type: String,
    /// Part of it; empty if it has none.
    #[diesel(sql_type = Text)]
    pub sub_id: String,
    /// Windows: everything before it is published. Open-ended: the greatest known time that was seen.
    #[diesel(sql_type = Timestamptz)]
    pub last_processed_datetime: DateTime<Utc>,
    /// Id of the last record of the last batch that had any.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_processed_id: Option<String>,
    /// When this was written.
    #[diesel(sql_type = Timestamptz)]
    pub last_processing_datetime: DateTime<Utc>,
}

/// Why progress cannot be had or saved.
#[derive(Debug, thiserror::Error)]
pub enum ProgressError {
    /// The database is not there.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// It refused something.
    #[error("{0}")]
    Refused(#[from] diesel::result::Error),
}

/// The table in its schema, created when missing.
pub struct ProgressTable {
    settings: DatabaseSettings,
    connection: PgConnection,
}

impl ProgressTable {
    /// Connects, and creates schema and table as far as they are missing.
    ///
    /// # Errors
    /// When the database is not reachable, or something is missing that may not be created.
    pub fn connect(settings: &DatabaseSettings) -> Result<Self, ProgressError> {
        let mut connection = connect(settings)?;
        schema::ensure(&mut connection, &settings.schema)?;
        if !exists(&mut connection)? {
            connection.batch_execute(CREATE)?;
        }
        Ok(Self { settings: settings.clone(), connection })
    }

    /// Opens a new connection in place of a lost one.
    ///
    /// # Errors
    /// While the database is not reachable.
    pub fn reconnect(&mut self) -> Result<(), ProgressError> {
        self.connection = connect(&self.settings)?;
        Ok(())
    }

    /// All rows, by data type and part.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn load(&mut self) -> Result<Vec<EtlHooverProgress>, ProgressError> {
        let rows = sql_query(
            "SELECT data_type, sub_id, last_processed_datetime, last_processed_id, last_processing_datetime
             FROM etl_hoover_progress ORDER BY data_type, sub_id",
        );
        Ok(rows.load(&mut self.connection)?)
    }

    /// Saves progress; one that would go backwards is left as it is.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn save(&mut self, progress: &EtlHooverProgress) -> Result<(), ProgressError> {
        self.write(
            progress,
            "ON CONFLICT (data_type, sub_id) DO UPDATE SET
                 last_processed_datetime = excluded.last_processed_datetime,
                 last_processed_id = COALESCE(excluded.last_processed_id, etl_hoover_progress.last_processed_id),
                 last_processing_datetime = excluded.last_processing_datetime
             WHERE excluded.last_processed_datetime >= etl_hoover_progress.last_processed_datetime",
        )
    }

    /// Moves progress, backwards too.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn set(&mut self, data_type: &str, sub_id: &str, to: Instant) -> Result<(), ProgressError> {
        let progress = EtlHooverProgress {
            data_type: data_type.to_owned(),
            sub_id: sub_id.to_owned(),
            last_processed_datetime: to,
            last_processed_id: None,
            last_processing_datetime: Utc::now(),
        };
        self.write(
            &progress,
            "ON CONFLICT (data_type, sub_id) DO UPDATE SET
                 last_processed_datetime = excluded.last_processed_datetime,
                 last_processed_id = NULL,
                 last_processing_datetime = excluded.last_processing_datetime",
        )
    }

    fn write(&mut self, progress: &EtlHooverProgress, on_conflict: &str) -> Result<(), ProgressError> {
        let statement = sql_query(format!(
            "INSERT INTO etl_hoover_progress
                 (data_type, sub_id, last_processed_datetime, last_processed_id, last_processing_datetime)
             VALUES ($1, $2, $3, $4, $5) {on_conflict}"
        ));
        self.connection.transaction(|connection| {
            statement
                .bind::<Text, _>(&progress.data_type)
                .bind::<Text, _>(&progress.sub_id)
                .bind::<Timestamptz, _>(progress.last_processed_datetime)
                .bind::<Nullable<Text>, _>(progress.last_processed_id.as_deref())
                .bind::<Timestamptz, _>(progress.last_processing_datetime)
                .execute(connection)
        })?;
        Ok(())
    }
}

fn connect(settings: &DatabaseSettings) -> Result<PgConnection, ProgressError> {
    let unreachable = |error: diesel::ConnectionError| ProgressError::Unreachable(error.to_string());
    let mut connection = settings.config().connect().map_err(unreachable)?;
    schema::use_schema(&mut connection, &settings.schema)?;
    connection.batch_execute("SET client_min_messages TO warning")?;
    Ok(connection)
}

/// A role that may not create tables may use one that is there.
fn exists(connection: &mut PgConnection) -> Result<bool, diesel::result::Error> {
    #[derive(QueryableByName)]
    struct Exists {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let query = sql_query("SELECT to_regclass('etl_hoover_progress') IS NOT NULL AS found");
    Ok(query.get_result::<Exists>(connection)?.found)
}
