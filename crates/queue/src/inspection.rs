//! Looking at queues without changing anything: for tools that people run.

use lapin::{options::QueueDeclareOptions, types::FieldTable};

use crate::{
    exchange::BrokerError,
    transport::{
        BrokerConfig,
        amqp::{
            publish::queue_arguments,
            session::{Session, is_not_found, is_precondition_failed, patiently},
        },
    },
};

/// What is in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueState {
    /// Messages that wait to be delivered; not those that are delivered and not yet settled.
    pub messages: u32,
    /// Programs that take messages from it.
    pub consumers: u32,
}

/// A connection that looks at queues.
#[derive(Debug)]
pub struct Inspection {
    session: Session,
}

impl Inspection {
    /// Connects.
    ///
    /// # Errors
    /// When the broker cannot be reached within some seconds, or refuses the account.
    pub async fn connect(config: &BrokerConfig) -> Result<Self, BrokerError> {
        Ok(Self { session: patiently(Session::open(config, None)).await? })
    }

    /// What is in a queue; none if there is no such queue.
    ///
    /// # Errors
    /// When the connection is lost, or the account may not look.
    pub async fn state(&self, queue: &str) -> Result<Option<QueueState>, BrokerError> {
        // A channel of its own, which a missing queue costs.
        let look = async {
            let channel = self.session.connection.create_channel().await?;
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            match channel.queue_declare(queue.into(), passive, FieldTable::default()).await {
                Ok(found) => {
                    let state =
                        QueueState { messages: found.message_count(), consumers: found.consumer_count() };
                    channel.close(200, "done".into()).await?;
                    Ok(Some(state))
                }
                Err(error) if is_not_found(&error) => Ok(None),
                Err(error) => Err(error.into()),
            }
        };
        Ok(patiently(look).await?)
    }

    /// Whether a queue that is there has the attributes with which all programs declare it, with at most `length`
    /// messages.
    ///
    /// # Errors
    /// When the connection is lost, or the account may not declare queues.
    pub async fn is_as_declared(&self, queue: &str, length: u32) -> Result<bool, BrokerError> {
        // The same declaration again changes nothing; another one is refused.
        let declare = async {
            let channel = self.session.connection.create_channel().await?;
            let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            match channel.queue_declare(queue.into(), durable, queue_arguments(length)).await {
                Ok(_) => {
                    channel.close(200, "done".into()).await?;
                    Ok(true)
                }
                Err(error) if is_precondition_failed(&error) => Ok(false),
                Err(error) => Err(error.into()),
            }
        };
        Ok(patiently(declare).await?)
    }

    /// Closes the connection in order.
    pub async fn close(self) {
        self.session.close().await;
    }
}
