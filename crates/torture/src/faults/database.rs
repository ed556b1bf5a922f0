//! Faults of the PostgreSQL servers.

use std::{thread::sleep, time::Duration};

use anyhow::Context;
use emap_local_services::postgres::Server;
use emap_test_support::faults::{postgres::SqlState, server::postgres::Database};
use fastrand::Rng;

use super::outcome::Outcome;
use crate::{
    kinds::What,
    roles::DAEMON,
    servers::{CONSUMER_TIMEOUT, STAR},
    site::Site,
};

/// Tables of the star that a fault may be about: of every family, and what the programs keep for themselves.
const TABLES: [&str; 12] = [
    "core_demographic",
    "etl_ids_progress",
    "etl_ids_reject",
    "etl_message_reject",
    "etl_per_message_logging",
    "hospital_visit",
    "lab_order",
    "lab_result",
    "location_visit",
    "mrn",
    "patient_condition",
    "visit_observation",
];
const RIGHTS: [&str; 3] = ["INSERT", "UPDATE", "SELECT"];
/// How much longer than the broker waits for deliveries to be settled.
const TOO_LATE_BY: Duration = Duration::from_secs(2);
/// A port that another program had for a moment is free again soon.
const START_ATTEMPTS: usize = 10;
const START_PAUSE: Duration = Duration::from_millis(500);

/// The server of the message store, which the daemons only read.
pub(super) fn of_store(site: &Site<'_>, what: What, lasts: Duration) -> anyhow::Result<Outcome> {
    let (server, database) = (&site.servers.store, site.servers.store_faults(site.names));
    let lasting = match what {
        What::RevokeRight => database.revoked("SELECT", "ids.tbl_ids_master", DAEMON),
        What::RenameTable => database.table_gone("ids", "tbl_ids_master"),
        What::LockTable => database.locked("ids.tbl_ids_master"),
        _ => return of_any(server, &database, what, lasts),
    };
    sleep(lasts);
    lasting.end();
    Ok(Outcome::Happened)
}

/// The server of the star.
pub(super) fn of_star(
    site: &Site<'_>,
    what: What,
    lasts: Duration,
    random: &mut Rng,
) -> anyhow::Result<Outcome> {
    let (server, database) = (&site.servers.star, site.servers.star_faults(site.names));
    let name = TABLES[random.usize(..TABLES.len())];
    let table = format!("{STAR}.{name}");
    let lasting = match what {
        What::DiskFull => {
            if let Some(disk) = site.servers.disk() {
                disk.fill()?;
                sleep(lasts);
                disk.make_room()?;
                return Ok(Outcome::Happened);
            }
            database.refusing(&table, SqlState::DISK_FULL)
        }
        What::DiskBroken => database.refusing(&table, SqlState::IO_ERROR),
        What::RevokeRight => database.revoked(RIGHTS[random.usize(..RIGHTS.len())], &table, DAEMON),
        What::RenameTable => database.table_gone(STAR, name),
        What::LockTable => database.locked(&table),
        What::ReadOnly => {
            let lasting = database.read_only();
            database.end_sessions();
            lasting
        }
        What::LateSettling => {
            let locked = database.locked("star.etl_per_message_logging");
            sleep(CONSUMER_TIMEOUT + TOO_LATE_BY);
            locked.end();
            return Ok(Outcome::Happened);
        }
        _ => return of_any(server, &database, what, lasts),
    };
    sleep(lasts);
    lasting.end();
    Ok(Outcome::Happened)
}

fn of_any(server: &Server, database: &Database, what: What, lasts: Duration) -> anyhow::Result<Outcome> {
    match what {
        What::Stop => server.stop()?,
        What::Crash => server.crash()?,
        What::EndSessions => {
            database.end_sessions();
            return Ok(Outcome::Happened);
        }
        What::ConnectionsTaken => {
            let taken = database.all_connections_taken_from(DAEMON);
            sleep(lasts);
            taken.end();
            return Ok(Outcome::Happened);
        }
        What::StatementTimeout | What::NoConnections => {
            let lasting = match what {
                What::StatementTimeout => database.statement_timeout(1),
                _ => database.no_more_connections(),
            };
            // Sessions that have begun keep their settings and their places.
            database.end_sessions();
            sleep(lasts);
            lasting.end();
            return Ok(Outcome::Happened);
        }
        _ => return Ok(Outcome::NoOccasion("no fault of this server")),
    }
    sleep(lasts);
    start_again(|| server.start_again()).context("PostgreSQL")?;
    Ok(Outcome::Happened)
}

/// Starts a server that was stopped.
///
/// # Errors
/// Those of the last attempt.
pub(super) fn start_again<E>(start: impl Fn() -> Result<(), E>) -> Result<(), E> {
    for _ in 1..START_ATTEMPTS {
        if start().is_ok() {
            return Ok(());
        }
        sleep(START_PAUSE);
    }
    start()
}
