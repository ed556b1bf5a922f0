//! A warehouse with many values in one window.

use anyhow::Context;
use emap_local_services::sql_server::{Database, Encryption, Server};

use crate::site::Site;

/// Bounds of the window: an hour.
pub(super) const WINDOW: (&str, &str) = ("2021-05-01T00:00:00Z", "2021-05-01T01:00:00Z");

/// The tables that hoover asks for flowsheet values.
const SCHEMA: &str = include_str!("../../../../../test-files/caboodle/01_schema.sql");
const FEW_ROWS: &str = "
    INSERT INTO dbo.wh_load_status (loaded_until_utc) VALUES ('2021-08-01T00:00:00.000')
    GO
    INSERT INTO dbo.wh_person (person_key, version, hospital_number, nhs_number, is_latest)
    VALUES (1, 1, 'MRN1', '1111111111', 1)
    GO
    INSERT INTO dbo.wh_visit (visit_key, person_key, visit_number) VALUES (901, 1, 'V901')
    GO
    INSERT INTO dbo.wh_chart_row
    (row_code, row_name, display_name, value_kind, unit, row_description, created_at_utc, updated_at_utc) VALUES
    ('5', 'TEMP', 'Temperature', 'Numeric Type', 'C', '', '2019-01-01T00:00:00.000', '2019-01-01T00:00:00.000'),
    ('7', 'LAST FIT', 'Last fit', 'Date', '', '', '2019-01-01T00:00:00.000', '2019-01-01T00:00:00.000'),
    ('2281', 'FEED', 'Feed', 'Time', '', '', '2019-01-01T00:00:00.000', '2019-01-01T00:00:00.000')
    GO
";

/// It, in the stand-in for SQL Server, until it is dropped.
pub(super) struct Warehouse {
    server: Server,
    database: Database,
}

impl Warehouse {
    /// With so many values, evenly over the window.
    pub(super) fn with(site: &Site, values: u64) -> anyhow::Result<Self> {
        let server = Server::start_on(site.postgres(), Encryption::None)?;
        let database = server.replace_database("bench_warehouse")?;
        database.run_script(SCHEMA)?;
        database.run_script(FEW_ROWS)?;
        // So many rows are too much for scripts.
        let rows = format!(
            "INSERT INTO dbo.wh_chart_value
             SELECT n, 901, CASE n % 3 WHEN 0 THEN '5' WHEN 1 THEN '2281' ELSE '7' END,
                    CASE n % 3 WHEN 0 THEN '36.6' WHEN 1 THEN '12:30' ELSE '2021-02-28' END,
                    CASE n % 3 WHEN 0 THEN 36.6 END, CASE n % 3 WHEN 2 THEN date '2021-02-28' END, NULL,
                    timestamp '2020-03-01T10:00:00.250', timestamp '2021-05-01' + n * interval '1 hour' / ({values} + 1)
             FROM generate_series(1, {values}) AS n;
             ANALYZE dbo.wh_chart_value"
        );
        database.run_on_postgres(&rows).context("the values of the warehouse")?;
        Ok(Self { server, database })
    }

    pub(super) fn jdbc_url(&self) -> String {
        self.server.jdbc_url(self.database.name())
    }
}
