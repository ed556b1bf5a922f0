//! `/healthcheck`: whether the database answers and which revision it has. Answers are used again for a while.

use std::time::Duration;

use chrono::Utc;
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::timeout};

use crate::store::{Database, StoreError};

const AFTER_PASS: f64 = 27.0;
const AFTER_FAILURE: f64 = 9.0;
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(QueryableByName)]
struct Revision {
    #[diesel(sql_type = Text)]
    version_num: String,
}

/// The last results.
#[derive(Default)]
pub(super) struct HealthCheck {
    results: Mutex<[Option<CheckResult>; 2]>,
}

#[derive(Clone)]
struct CheckResult {
    checker: &'static str,
    output: String,
    passed: bool,
    timestamp: f64,
    expires: f64,
}

impl HealthCheck {
    /// Whether everything passed, and the body that says so.
    pub(super) async fn run(&self, database: &Database) -> (bool, Value) {
        let mut results = self.results.lock().await;
        let checkers = ["database_connectivity_test", "database_version_test"];
        let mut shown = Vec::new();
        for (checker, known) in checkers.into_iter().zip(results.iter_mut()) {
            let now = seconds();
            if known.as_ref().is_none_or(|known| known.expires <= now) {
                *known = Some(check(checker, database).await);
            }
            shown.extend(known.clone());
        }
        let passed = shown.iter().all(|result| result.passed);
        let results: Vec<Value> = shown.iter().map(CheckResult::to_json).collect();
        let body = json!({
            "hostname": rustix::system::uname().nodename().to_string_lossy(),
            "status": if passed { "success" } else { "failure" },
            "timestamp": seconds(),
            "results": results,
        });
        (passed, body)
    }
}

impl CheckResult {
    fn to_json(&self) -> Value {
        json!({
            "checker": self.checker,
            "output": self.output,
            "passed": self.passed,
            "timestamp": self.timestamp,
            "expires": self.expires,
        })
    }
}

async fn check(checker: &'static str, database: &Database) -> CheckResult {
    let asked = database.run(move |connection| {
        if checker == "database_connectivity_test" {
            connection.batch_execute("SELECT 1")?;
            return Ok("Database ok".to_owned());
        }
        let revisions: Vec<Revision> =
            sql_query("SELECT version_num::text FROM alembic_version").load(connection)?;
        let revision =
            revisions.into_iter().next().map_or_else(|| "unknown".to_owned(), |row| row.version_num);
        Ok(format!("Database version: {revision}"))
    });
    let answer = timeout(PATIENCE, asked).await.unwrap_or(Err(StoreError::Busy));
    let timestamp = seconds();
    match answer {
        Ok(output) => {
            CheckResult { checker, output, passed: true, timestamp, expires: timestamp + AFTER_PASS }
        }
        Err(error) => CheckResult {
            checker,
            output: error.to_string(),
            passed: false,
            timestamp,
            expires: timestamp + AFTER_FAILURE,
        },
    }
}

fn seconds() -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "microseconds since 1970 fit for centuries")]
    let microseconds = Utc::now().timestamp_micros() as f64;
    microseconds / 1e6
}
