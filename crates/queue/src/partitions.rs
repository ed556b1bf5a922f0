//! The partitions of core's messages, as the broker keeps them.
//!
//! An exchange of type `x-consistent-hash` gives each message to one of several queues by its routing key, so that all
//! messages of a key are in one queue, in order. Each queue gives its messages to one consumer at a time.
//!
//! Which queue gets a key is the broker's affair, and another one may get it after the broker was started again.

use emap_interchange::queues::{MOST_PARTITIONS, partition, partition_exchange};
use lapin::{
    Channel, ExchangeKind,
    options::{
        ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions,
        QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable},
};
use tokio::time::sleep;

use crate::{
    exchange::BrokerError,
    inspection::QueueState,
    transport::{
        BrokerConfig,
        amqp::{
            publish::{NEW_QUEUE_REST, exists},
            session::{Session, is_not_found, is_unknown_kind, patiently},
        },
        link::LinkError,
    },
};

/// The kind of the exchange.
const KIND: &str = "x-consistent-hash";

/// What to say of a broker that does not know the kind.
const PLUGIN_MISSING: &str = "the broker lacks a plugin that partitions need; on its host: rabbitmq-plugins enable rabbitmq_consistent_hash_exchange";

/// How many shares of the keys a queue gets; all the same.
const WEIGHT: &str = "1";

/// A connection that looks at the partitions and puts them in place. It neither sends messages nor takes any.
#[derive(Debug)]
pub struct Partitions {
    session: Session,
}

impl Partitions {
    /// Connects.
    ///
    /// # Errors
    /// When the broker cannot be reached within some seconds, or refuses the account.
    pub async fn connect(config: &BrokerConfig) -> Result<Self, BrokerError> {
        Ok(Self { session: patiently(Session::open(config, None)).await? })
    }

    /// What is in the queue of each partition that there is, whatever the settings say: in their order, from 0 on.
    ///
    /// Where a queue has neither messages nor consumers, nobody works on a message of it either: what is delivered and
    /// not settled is with a consumer, or waits again as soon as that is gone.
    ///
    /// # Errors
    /// When the connection is lost, or the account may not look.
    pub async fn states(&mut self) -> Result<Vec<QueueState>, BrokerError> {
        let look = async {
            // A channel of its own, which the first missing queue costs.
            let channel = self.channel().await?;
            let mut states = Vec::new();
            for number in 0..MOST_PARTITIONS {
                let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
                let found = channel.queue_declare(partition(number).into(), passive, FieldTable::default());
                match found.await {
                    Ok(found) => states.push(QueueState {
                        messages: found.message_count(),
                        consumers: found.consumer_count(),
                    }),
                    Err(error) if is_not_found(&error) => return Ok(states),
                    Err(error) => return Err(error.into()),
                }
            }
            channel.close(200, "done".into()).await?;
            Ok(states)
        };
        Ok(patiently(look).await?)
    }

    /// Whether messages are being divided among so many partitions.
    ///
    /// # Errors
    /// As [`states`](Self::states).
    pub async fn are_in_place(&mut self, partitions: u8) -> Result<bool, BrokerError> {
        let look = async {
            let channel = self.channel().await?;
            let passive = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
            let (name, kind) = (partition_exchange(partitions), ExchangeKind::Custom(KIND.to_owned()));
            match channel.exchange_declare(name.into(), kind, passive, FieldTable::default()).await {
                Ok(()) => {
                    channel.close(200, "done".into()).await?;
                    Ok(true)
                }
                Err(error) if is_not_found(&error) => Ok(false),
                Err(error) => Err(error.into()),
            }
        };
        Ok(patiently(look).await?)
    }

    /// Whether there is a queue of this name.
    ///
    /// # Errors
    /// As [`states`](Self::states).
    pub async fn has_queue(&mut self, queue: &str) -> Result<bool, BrokerError> {
        Ok(patiently(exists(&self.session.connection, queue)).await?)
    }

    /// Messages are divided no more, so that what was divided is processed, and [`put_in_place`](Self::put_in_place) can
    /// follow. All who look see it.
    ///
    /// # Errors
    /// When the connection is lost, or the account may not delete.
    pub async fn take_away(&mut self) -> Result<(), BrokerError> {
        let delete = async {
            let channel = self.channel().await?;
            for partitions in 1..=MOST_PARTITIONS {
                let options = ExchangeDeleteOptions::default();
                channel.exchange_delete(partition_exchange(partitions).into(), options).await?;
            }
            channel.close(200, "done".into()).await?;
            Ok(())
        };
        Ok(patiently(delete).await?)
    }

    /// Divides messages among so many partitions from now on; none: not at all, and no queue of a partition is left.
    /// Whoever calls this has [taken away](Self::take_away) what was in place, and has seen since then that no queue of a
    /// partition has messages or consumers.
    ///
    /// # Errors
    /// When the connection is lost, the broker lacks the plugin, a queue that is to go is in use, or the account may not
    /// declare. What is done then may be in part.
    pub async fn put_in_place(&mut self, partitions: u8) -> Result<(), BrokerError> {
        let there = u8::try_from(self.states().await?.len()).unwrap_or(MOST_PARTITIONS);
        patiently(async {
            let channel = self.channel().await?;
            // The last first: whoever looks counts from 0.
            for surplus in (partitions..there).rev() {
                let options = QueueDeleteOptions { if_unused: true, if_empty: true, nowait: false };
                channel.queue_delete(partition(surplus).into(), options).await?;
            }
            if partitions > 0 {
                declare(&channel, partitions).await?;
            }
            Ok(())
        })
        .await?;
        if partitions > there {
            // As with every new queue.
            sleep(NEW_QUEUE_REST).await;
        }
        Ok(())
    }

    async fn channel(&mut self) -> Result<Channel, LinkError> {
        Ok(self.session.connection.create_channel().await?)
    }

    /// Closes the connection in order.
    pub async fn close(self) {
        self.session.close().await;
    }
}

/// Declares queues and exchange; changes nothing where they are there.
async fn declare(channel: &Channel, partitions: u8) -> Result<(), LinkError> {
    for number in 0..partitions {
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let mut arguments = FieldTable::default();
        arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        channel.queue_declare(partition(number).into(), durable, arguments).await?;
    }
    let exchange = partition_exchange(partitions);
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let kind = ExchangeKind::Custom(KIND.to_owned());
    let declared = channel.exchange_declare(exchange.as_str().into(), kind, durable, FieldTable::default());
    declared.await.map_err(|error| {
        if is_unknown_kind(&error) { LinkError::Unable(PLUGIN_MISSING) } else { error.into() }
    })?;
    for name in (0..partitions).map(partition) {
        let options = QueueBindOptions::default();
        let bound = channel.queue_bind(
            name.into(),
            exchange.as_str().into(),
            WEIGHT.into(),
            options,
            FieldTable::default(),
        );
        bound.await?;
    }
    Ok(())
}
