//! What is going on when nothing goes on.

use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::postgres;
use emap_test_support::faults::{process::get, server::rabbitmq::queue_length};

use crate::{databases::Databases, output::line, site::Site};

/// Who waits for whom. The text of a statement is the program's, its values stand elsewhere.
const SESSIONS: &str =
    "SELECT pid, usename, state, wait_event_type, wait_event, pg_blocking_pids(pid) AS waits_for,
        date_trunc('second', clock_timestamp() - state_change) AS since, left(query, 60) AS query
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid";

/// Prints sessions, queues and health.
pub(crate) fn print(site: &Site<'_>) {
    line("\nstuck:");
    if site.names.databases == Databases::Two {
        sessions("connector", &site.servers.store, site.names.connector);
    }
    sessions("store", &site.servers.store, site.names.store);
    sessions("star", &site.servers.star, site.names.star);
    match queue_length(&site.servers.broker, &site.names.virtual_host, HL7_QUEUE) {
        Some((ready, taken)) => line(format_args!("queue: {ready} messages wait, {taken} are taken")),
        None => line("queue: not there"),
    }
    for daemon in [site.connector, site.reader, site.core] {
        match get(daemon.port(), "/health/ready") {
            Some(answer) => line(format_args!("{}: {}", daemon.name, answer.body)),
            None => line(format_args!("{} does not answer", daemon.name)),
        }
    }
}

fn sessions(name: &str, server: &postgres::Server, database: &str) {
    match server.table(database, SESSIONS) {
        Ok(table) => line(format_args!("{name}:\n{table}")),
        Err(error) => line(format_args!("{name}: {error}")),
    }
}
