//! The connector's outbox: a journal of what was ever in it, and a queue for what it publishes.

use anyhow::Context;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use emap_local_services::postgres;
use emap_test_support::faults::ledger::{actions::Actions, queues};

/// Where the connector publishes.
const EXCHANGE: &str = "dhos";
const ROUTING_KEY: &str = "dhos.#";
/// What the platform's services would take.
const QUEUE: &str = "actions";

/// Written within the transactions that fill and empty the outbox, with rights of its own.
const JOURNAL: &str = "
    CREATE SCHEMA torture;
    CREATE TABLE torture.outbox (
        id bigint PRIMARY KEY, message_uuid text NOT NULL, is_removed boolean NOT NULL DEFAULT false);
    CREATE FUNCTION torture.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO torture.outbox (id, message_uuid) VALUES (NEW.id, NEW.message_uuid);
        ELSE
            UPDATE torture.outbox SET is_removed = true WHERE id = OLD.id;
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER note AFTER INSERT OR DELETE ON public.connector_outbox
        FOR EACH ROW EXECUTE FUNCTION torture.note()";
const STORED: &str = "SELECT message_uuid FROM torture.outbox ORDER BY id";
/// Accepted messages whose like have actions. What has none is told by the others of its type.
const WITHOUT: &str = "WITH accepted AS (
        SELECT message.uuid AS message_uuid, message_type, noted.id FROM public.hl7_message AS message
          LEFT JOIN torture.outbox AS noted ON noted.message_uuid = message.uuid WHERE ack LIKE '%MSA|AA|%')
    SELECT message_uuid FROM accepted WHERE id IS NULL
       AND message_type IN (SELECT message_type FROM accepted WHERE id IS NOT NULL)";

/// Rows that have left the outbox.
pub(crate) const REMOVED: &str = "SELECT count(*) AS number FROM torture.outbox WHERE is_removed";
/// Rows that are in it.
pub(crate) const WAITING: &str = "SELECT count(*) AS number FROM torture.outbox WHERE NOT is_removed";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    message_uuid: String,
}

/// Makes the queue for what the connector publishes.
///
/// # Errors
/// The broker's answer.
pub(crate) fn listen(url: &str) -> anyhow::Result<()> {
    runtime()?.block_on(queues::listen(url, QUEUE, EXCHANGE, ROUTING_KEY)).context("the queue of actions")
}

/// From now on every row of the outbox is noted. The connector must have made its tables.
///
/// # Errors
/// The server's answer.
pub(crate) fn keep_journal(server: &postgres::Server, database: &str) -> anyhow::Result<()> {
    server.query(database, JOURNAL)?;
    Ok(())
}

/// Compares the journal, in the connector's database, with what was published, at the broker of this URL; also gives the
/// accepted messages that should have had a row and had none.
///
/// # Errors
/// A server's answer.
pub(crate) fn account(url: &str, connection: &mut PgConnection) -> anyhow::Result<(Actions, Vec<String>)> {
    let published = runtime()?.block_on(queues::bodies(url, QUEUE)).context("the queue of actions")?;
    let stored = uuids(connection, STORED)?;
    Ok((Actions::of(&stored, &published), uuids(connection, WITHOUT)?))
}

fn uuids(connection: &mut PgConnection, query: &str) -> anyhow::Result<Vec<String>> {
    Ok(sql_query(query).load::<Row>(connection)?.into_iter().map(|row| row.message_uuid).collect())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
