//! What the two doors (HTTP and MLLP) share: everything that a message or a request needs.

use std::sync::Arc;

use chrono::Utc;
use emap_hl7::AckLevel;
use emap_service::Health;
use metrics::counter;
use serde_json::Value;
use tokio::{
    sync::{Notify, Semaphore, oneshot},
    task::spawn_blocking,
};
use uuid::Uuid;

use crate::{
    new_message::NewMessage,
    oru::{self, OruError},
    outside::CallError,
    patients::Identifiers,
    receipt::{self, Hopeless, Reading, Receipt},
    room::Room,
    sending::{self, Attempt, Sender},
    settings::ConnectorSettings,
    store::{
        Database, StoreError,
        deliveries::{self, Outbound},
        messages,
        receiving::{Outcome, Receiving},
    },
    trustomer::Trustomer,
};

/// Requests that call other services at a time.
const CALLS: usize = 32;

/// Everything; shared by all tasks.
pub(crate) struct Service {
    /// What is set.
    pub(crate) settings: ConnectorSettings,
    /// What works.
    pub(crate) health: Health,
    /// Stored messages.
    pub(crate) database: Database,
    /// The way in.
    pub(crate) receiving: Receiving,
    /// Memory for what comes in.
    pub(crate) room: Room,
    /// The way out.
    pub(crate) sender: Sender,
    /// The hospital's configuration.
    pub(crate) trustomer: Trustomer,
    /// Notified when a document is to be sent.
    pub(crate) documents: Arc<Notify>,
    calls: Arc<Semaphore>,
}

/// Why a set of observations was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendFailure {
    /// It makes no message.
    #[error(transparent)]
    Request(#[from] OruError),
    /// Another service is in the way.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The database is in the way.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The message that has its control id came from the hospital.
    #[error("the control id of the message belongs to another message")]
    Taken,
}

impl Service {
    /// Puts the parts together.
    pub(crate) fn new(
        settings: ConnectorSettings,
        health: Health,
        database: Database,
        receiving: Receiving,
        sender: Sender,
        trustomer: Trustomer,
    ) -> Self {
        let (documents, calls) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(CALLS)));
        let room = Room::default();
        Self { settings, health, database, receiving, room, sender, trustomer, documents, calls }
    }

    /// Reads a message that came in.
    ///
    /// # Errors
    /// When it cannot be answered.
    pub(crate) fn read(
        &self,
        (content, uuid, actor): (&str, &str, &str),
        level: AckLevel,
        door: &'static str,
    ) -> Result<Receipt, Hopeless> {
        let reading = Reading { zone: self.settings.zone, for_ids: self.settings.ids.is_some() };
        let read = reading.receipt((content, uuid, actor), level, Utc::now());
        let outcome = match &read {
            Ok(receipt) => receipt.refusal.as_ref().map_or("accepted", crate::refusal::Refusal::name),
            Err(_) => "unreadable",
        };
        counter!("emap_connector_received_total", "door" => door, "outcome" => outcome).increment(1);
        let mut receipt = read?;
        if let Some(refusal) = &receipt.refusal {
            tracing::info!(uuid, reason = refusal.name(), "a message was not accepted");
        }
        if self.settings.broker.is_none() {
            receipt.actions = None;
        }
        Ok(receipt)
    }

    /// Stores a message that was read.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn store(&self, receipt: Receipt, request_id: &str) -> Outcome {
        self.receiving.store(receipt, request_id.to_owned()).await
    }

    /// Hands over a message that was read; its outcome comes later.
    pub(crate) async fn hand_over(&self, receipt: Receipt, request_id: &str) -> oneshot::Receiver<Outcome> {
        self.receiving.hand_over(receipt, request_id.to_owned()).await
    }

    /// Stores a text that is no message.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn store_unreadable(
        &self,
        uuid: &str,
        actor: &str,
        content: &str,
    ) -> Result<(), StoreError> {
        let [uuid, actor, content] = [uuid, actor, content].map(str::to_owned);
        let message = NewMessage { uuid, actor, content, ..NewMessage::default() };
        self.database.run(move |connection| messages::insert_unreadable(connection, &message)).await
    }

    /// Makes a message of a set of observations, stores it and sends it. A set that was delivered before is not sent again.
    ///
    /// # Errors
    /// When no message can be made, or it is not delivered yet.
    pub(crate) async fn send_observations(
        self: &Arc<Self>,
        data: Value,
        actor: String,
        request_id: String,
    ) -> Result<(), SendFailure> {
        let turn = Arc::clone(&self.calls).acquire_owned().await;
        let this = Arc::clone(self);
        let done = spawn_blocking(move || {
            let _turn = turn;
            this.send_observations_here(&data, actor, request_id)
        });
        done.await.unwrap_or_else(|_| Err(CallError::Unavailable("the work was cut short".to_owned()).into()))
    }

    fn send_observations_here(
        &self,
        data: &Value,
        actor: String,
        request_id: String,
    ) -> Result<(), SendFailure> {
        let configuration = self.trustomer.configuration(&request_id)?;
        if !oru::Configuration::is_enabled(&configuration)? {
            return Ok(());
        }
        let parts = oru::Parts::of(data)?;
        let made =
            parts.message(&oru::Configuration::read(&configuration)?, self.settings.zone, Utc::now())?;
        if made.text.contains('\0') {
            return Err(OruError::Value("a text contains a NUL character".to_owned()).into());
        }
        crate::transformer::check(&self.settings.transformer)
            .map_err(|error| CallError::Unavailable(error.to_string()))?;
        let outbound = outbound(&made.text, self.settings.zone, actor, request_id)?;
        let uuid = self.database.run_here(|connection| deliveries::add(connection, &outbound))?;
        match self.sender.attempt(&uuid)? {
            Attempt::Delivered => Ok(()),
            // Whoever sends a set again while it waits learns that it waits, whatever the receiver has to say this time.
            Attempt::Failed(error) if uuid != outbound.uuid => {
                Err(CallError::Unavailable(error.to_string()).into())
            }
            Attempt::Failed(error) => Err(error.into()),
            Attempt::NotOurs => self.state_of(&uuid, &outbound.correlation_id),
        }
    }

    /// What is to be said about a set that was stored before and cannot be claimed now.
    fn state_of(&self, uuid: &str, request_id: &str) -> Result<(), SendFailure> {
        let known = self.database.run_here(|connection| messages::by_uuid(connection, uuid))?;
        match known {
            Some(known) if known.src_description.as_deref() != Some("dhos") => Err(SendFailure::Taken),
            Some(known) if known.is_processed => Ok(()),
            _ => {
                // Should the note have been lost, the message is sent all the same.
                self.database.run_here(|connection| {
                    deliveries::note(connection, uuid, sending::HOSPITAL, request_id)
                })?;
                Err(CallError::Unavailable("the message waits for its delivery".to_owned()).into())
            }
        }
    }

    /// Stores a document and has it sent. Waits a little for the first attempt, whatever comes of it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn send_document(
        self: &Arc<Self>,
        content: String,
        actor: String,
        request_id: String,
    ) -> Result<(), StoreError> {
        let now = Utc::now();
        let outbound = Outbound {
            uuid: Uuid::new_v4().to_string(),
            actor,
            destination: sending::MIRTH,
            content,
            message_type: None,
            sent_at: chrono::DateTime::from_timestamp_millis(now.timestamp_millis())
                .map(|now| now.naive_utc()),
            control_id: None,
            identifiers: "null".to_owned(),
            correlation_id: request_id,
        };
        let uuid = self.database.run(move |connection| deliveries::add(connection, &outbound)).await?;
        let (sender, key) = (self.sender.clone(), uuid);
        let turn = Arc::clone(&self.calls).acquire_owned().await;
        let attempt = spawn_blocking(move || {
            let _turn = turn;
            sender.attempt(&key)
        });
        // It goes on in any case, and is repeated in the background.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(5), attempt).await;
        Ok(())
    }
}

/// The row of a message that goes out: what is stored is read from its text.
fn outbound(
    text: &str,
    zone: chrono_tz::Tz,
    actor: String,
    correlation_id: String,
) -> Result<Outbound, OruError> {
    let unreadable = |_| OruError::Value("the message that was made cannot be read".to_owned());
    let message = emap_hl7::Positional::parse(text).map_err(unreadable)?;
    let sent_at = receipt::sent_at(&message, zone)
        .map_err(|_| OruError::Value("'outgoing_timestamp_format' gives no time of HL7".to_owned()))?;
    Ok(Outbound {
        uuid: Uuid::new_v4().to_string(),
        actor,
        destination: sending::HOSPITAL,
        content: text.to_owned(),
        message_type: Some(message.raw("MSH", 9).to_owned()),
        sent_at,
        control_id: message.get("MSH", 10).map(std::borrow::Cow::into_owned),
        identifiers: Identifiers::of(&message).unwrap_or_default().to_json(),
        correlation_id,
    })
}
