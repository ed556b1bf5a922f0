//! The private servers of the bench, and a message store full of the stream.

use std::time::Instant;

use anyhow::Context;
use diesel::{Connection, PgConnection};
use emap_ids::{IdsStore, NewRow};
use emap_local_services::{postgres, rabbitmq};
use emap_queue::{BrokerConfig, Transport};

use super::stream::{HospitalStream, StreamSettings, Told};
use crate::output::line;

const DATABASE: &str = "bench";
/// Schema of the message store.
pub(super) const IDS_SCHEMA: &str = "ids";
/// Rows appended in one go.
const APPENDED: usize = 2000;

pub(super) struct Site {
    postgres: postgres::Server,
    rabbitmq: rabbitmq::Server,
    pub(super) stream: StreamSettings,
    pub(super) content: Content,
}

/// What the message store holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Content {
    pub(super) hl7_messages: u64,
    /// The interchange messages they give. The reader gives some less: infections are told once.
    pub(super) told: Told,
}

impl Site {
    /// Starts PostgreSQL with its default durability and RabbitMQ, and fills the store.
    pub(super) fn start(stream: StreamSettings) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let durability = postgres::Durability::Full;
        let postgres = postgres::Server::start(postgres::Options { durability, ..Default::default() })?;
        let rabbitmq = rabbitmq::Server::start(rabbitmq::Options::default())?;
        postgres.create_database(DATABASE)?;
        line(format_args!(
            "Private PostgreSQL and RabbitMQ ready after {:.1} s",
            begin.elapsed().as_secs_f64()
        ));
        let mut site = Self { postgres, rabbitmq, stream, content: Content::default() };
        site.content = site.fill_store().context("the message store")?;
        Ok(site)
    }

    fn fill_store(&self) -> anyhow::Result<Content> {
        let (begin, url) = (Instant::now(), self.url());
        emap_ids::migrate(&url, IDS_SCHEMA)?;
        let mut store = IdsStore::connect(&url, IDS_SCHEMA)?;
        let mut content = Content::default();
        let mut stream = HospitalStream::new(self.stream).map(|message| {
            content.hl7_messages += 1;
            content.told += message.told;
            NewRow {
                message_type: Some(message.trigger.to_owned()),
                sender_application: Some(message.sender.to_owned()),
                message_datetime: Some(message.at),
                persist_datetime: Some(message.stored),
                hl7_message: Some(message.text),
                ..NewRow::default()
            }
        });
        loop {
            let rows: Vec<NewRow> = stream.by_ref().take(APPENDED).collect();
            if rows.is_empty() {
                break;
            }
            store.append_batch(&rows)?;
        }
        let (seconds, count) = (begin.elapsed().as_secs_f64(), content.hl7_messages);
        line(format_args!("Message store filled with {count} HL7 messages in {seconds:.1} s"));
        self.sql("VACUUM ANALYZE ids.tbl_ids_master")?;
        self.sql("CHECKPOINT")?;
        Ok(content)
    }

    pub(super) fn url(&self) -> String {
        self.postgres.database_url(DATABASE)
    }

    pub(super) fn sql(&self, statement: &str) -> anyhow::Result<()> {
        self.postgres.query(DATABASE, statement)?;
        Ok(())
    }

    pub(super) fn connect(&self) -> anyhow::Result<PgConnection> {
        PgConnection::establish(&self.url()).context("the bench database")
    }

    /// An empty virtual host of the broker.
    pub(super) fn fresh_broker(&self) -> anyhow::Result<BrokerConfig> {
        let virtual_host = self.rabbitmq.fresh_virtual_host()?;
        Ok(BrokerConfig {
            host: self.rabbitmq.host().to_owned(),
            port: self.rabbitmq.port(),
            virtual_host,
            ..BrokerConfig::default()
        })
    }

    /// Long enough that no queue of the bench is ever full.
    pub(super) fn queue_length(&self) -> u32 {
        u32::try_from(self.content.told.total() + 1000).unwrap_or(u32::MAX)
    }
}

/// The transport to a broker.
pub(super) fn over(broker: BrokerConfig) -> Transport {
    Transport::Amqp(broker)
}
