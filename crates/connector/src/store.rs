//! The connector's own database: messages, what is to be published, what is to be sent.
//!
//! * [`Database`]: opens connections that are migrated and ready, a few at a time for requests
//! * [`receiving`]: the one transaction that stores messages, in groups
//! * [`messages`]: questions about stored messages
//! * [`outbox`], [`deliveries`]: what is on its way

mod access;
pub(crate) mod deliveries;
mod error;
pub(crate) mod messages;
pub(crate) mod outbox;
pub(crate) mod receiving;

pub(crate) use self::{
    access::{Database, migrate},
    error::StoreError,
};
