//! The private servers of the bench, and a message store with all of a hospital's messages.

use std::time::Instant;

use anyhow::Context;
use diesel::{Connection, PgConnection};
use emap_hospital::{Amounts, Hospital, Settings};
use emap_ids::{IdsStore, NewRow};
use emap_local_services::{postgres, rabbitmq};
use emap_queue::{BrokerConfig, Transport};

use crate::output::line;

const DATABASE: &str = "bench";
/// Schema of the message store.
pub(crate) const IDS_SCHEMA: &str = "ids";
/// Rows appended in one go.
const APPENDED: usize = 2000;

pub(crate) struct Site {
    postgres: postgres::Server,
    rabbitmq: rabbitmq::Server,
    pub(crate) hospital: Settings,
    pub(crate) content: Content,
}

/// What the message store holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Content {
    pub(crate) hl7_messages: u64,
    /// The interchange messages they give. The reader gives some less: infections are passed on once.
    pub(crate) amounts: Amounts,
}

impl Site {
    /// Starts PostgreSQL with its default durability and RabbitMQ, and fills the store.
    pub(crate) fn start(hospital: Settings) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let durability = postgres::Durability::Full;
        let postgres = postgres::Server::start(postgres::Options { durability, ..Default::default() })?;
        let rabbitmq = rabbitmq::Server::start(rabbitmq::Options::default())?;
        postgres.create_database(DATABASE)?;
        line(format_args!(
            "Private PostgreSQL and RabbitMQ ready after {:.1} s",
            begin.elapsed().as_secs_f64()
        ));
        let mut site = Self { postgres, rabbitmq, hospital, content: Content::default() };
        site.content = site.fill_store().context("the message store")?;
        Ok(site)
    }

    fn fill_store(&self) -> anyhow::Result<Content> {
        let (begin, url) = (Instant::now(), self.url());
        emap_ids::migrate(&url, IDS_SCHEMA)?;
        let mut store = IdsStore::connect(&url, IDS_SCHEMA)?;
        let mut content = Content::default();
        let mut rows = Hospital::new(self.hospital).map(|arrival| {
            let event = arrival.event;
            content.hl7_messages += 1;
            content.amounts += event.amounts();
            NewRow {
                message_type: Some(event.trigger().to_owned()),
                sender_application: Some(event.sender().to_owned()),
                message_datetime: Some(event.at),
                persist_datetime: Some(arrival.stored),
                hl7_message: Some(event.hl7()),
                ..NewRow::default()
            }
        });
        loop {
            let block: Vec<NewRow> = rows.by_ref().take(APPENDED).collect();
            if block.is_empty() {
                break;
            }
            store.append_batch(&block)?;
        }
        let (seconds, count) = (begin.elapsed().as_secs_f64(), content.hl7_messages);
        line(format_args!("Message store filled with {count} HL7 messages in {seconds:.1} s"));
        self.sql("VACUUM ANALYZE ids.tbl_ids_master")?;
        self.sql("CHECKPOINT")?;
        Ok(content)
    }

    pub(crate) fn url(&self) -> String {
        self.postgres.database_url(DATABASE)
    }

    /// An empty database; gives its JDBC URL.
    pub(crate) fn fresh_database(&self, name: &str) -> anyhow::Result<String> {
        self.sql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        self.postgres.create_database(name)?;
        Ok(self.postgres.jdbc_url(name))
    }

    pub(crate) fn postgres(&self) -> &postgres::Server {
        &self.postgres
    }

    pub(crate) fn postgres_port(&self) -> u16 {
        self.postgres.port()
    }

    pub(crate) fn sql_in(&self, database: &str, statement: &str) -> anyhow::Result<()> {
        self.postgres.query(database, statement)?;
        Ok(())
    }

    /// The one number that a query gives.
    pub(crate) fn number_in(&self, database: &str, query: &str) -> anyhow::Result<u64> {
        let found = self.postgres.query(database, query)?;
        found.trim().parse().with_context(|| format!("{query}: {found}"))
    }

    pub(crate) fn sql(&self, statement: &str) -> anyhow::Result<()> {
        self.postgres.query(DATABASE, statement)?;
        Ok(())
    }

    /// The rows of a query, columns separated by `|`.
    pub(crate) fn rows(&self, query: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.postgres.query(DATABASE, query)?.lines().map(str::to_owned).collect())
    }

    /// Rows inserted and updated in the tables of a schema, as the server counted them when its clients left.
    pub(crate) fn rows_written(&self, schema: &str) -> anyhow::Result<u64> {
        let query = format!(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0) FROM pg_stat_user_tables WHERE schemaname = '{schema}'"
        );
        self.rows(&query)?.concat().parse().context("rows written")
    }

    pub(crate) fn connect(&self) -> anyhow::Result<PgConnection> {
        PgConnection::establish(&self.url()).context("the bench database")
    }

    /// An empty virtual host of the broker.
    pub(crate) fn fresh_broker(&self) -> anyhow::Result<BrokerConfig> {
        let virtual_host = self.rabbitmq.fresh_virtual_host()?;
        Ok(BrokerConfig {
            host: self.rabbitmq.host().to_owned(),
            port: self.rabbitmq.port(),
            virtual_host,
            ..BrokerConfig::default()
        })
    }

    /// Messages in a queue.
    pub(crate) fn depth(&self, virtual_host: &str, queue: &str) -> anyhow::Result<u64> {
        let listing =
            self.rabbitmq.control(&["-q", "list_queues", "-p", virtual_host, "name", "messages"])?;
        let messages = listing.lines().find_map(|line| line.strip_prefix(queue));
        messages.context("no such queue")?.trim().parse().context("depth of a queue")
    }

    /// Long enough that no queue of the bench is ever full.
    pub(crate) fn queue_length(&self) -> u32 {
        u32::try_from(self.content.amounts.total() + 1000).unwrap_or(u32::MAX)
    }
}

/// The transport to a broker.
pub(crate) fn over(broker: BrokerConfig) -> Transport {
    Transport::Amqp(broker)
}
