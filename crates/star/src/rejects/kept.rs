//! The rejects that are kept, and which of them are meant.

use diesel::{PgConnection, prelude::*};

use crate::{
    connection::connect,
    error::SessionError,
    rows::{EtlMessageReject, EtlMessageRejectId, etl_message_reject::dsl},
    value::Instant,
};

/// Which rejects are meant; with every default, all that were never sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RejectFilter {
    /// Only messages of this type, named in full.
    pub message_type: Option<String>,
    /// Only messages with this identifier of their source.
    pub source_id: Option<String>,
    /// Only messages from this queue.
    pub queue: Option<String>,
    /// Also those that were sent again before.
    pub again: bool,
}

/// The rejects of a star database.
pub struct Rejects {
    pub(super) connection: PgConnection,
}

impl Rejects {
    /// Opens a connection to the database whose star tables are in this schema.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses the user.
    pub fn connect(url: &str, schema: &str) -> Result<Self, SessionError> {
        Ok(Self { connection: connect(url, schema)? })
    }

    /// The database answers.
    pub fn is_alive(&mut self) -> bool {
        emap_postgres::is_alive(&mut self.connection)
    }

    /// Primary keys of the rejects that are meant and whose bodies were not removed, in the order of rejection. Not a range of keys or times: processes
    /// draw keys in blocks and have clocks of their own, so that none would hold these and no later ones.
    pub fn ids(&mut self, filter: &RejectFilter) -> Result<Vec<EtlMessageRejectId>, SessionError> {
        let kept = dsl::etl_message_reject.filter(dsl::body.ne(""));
        let mut query = kept.select(dsl::etl_message_reject_id).into_boxed();
        if let Some(message_type) = &filter.message_type {
            query = query.filter(dsl::message_type.eq(message_type));
        }
        if let Some(source_id) = &filter.source_id {
            query = query.filter(dsl::source_id.eq(source_id));
        }
        if let Some(queue) = &filter.queue {
            query = query.filter(dsl::queue.eq(queue));
        }
        if !filter.again {
            query = query.filter(dsl::replayed_at.is_null());
        }
        Ok(query.order((dsl::rejected_at, dsl::etl_message_reject_id)).load(&mut self.connection)?)
    }

    /// The rejects with these primary keys as far as they are still there, in the order of rejection.
    pub fn load(&mut self, ids: &[EtlMessageRejectId]) -> Result<Vec<EtlMessageReject>, SessionError> {
        let query = dsl::etl_message_reject.filter(dsl::etl_message_reject_id.eq_any(ids));
        Ok(query.order((dsl::rejected_at, dsl::etl_message_reject_id)).load(&mut self.connection)?)
    }

    /// Notes that these were sent again.
    pub fn mark_replayed(&mut self, ids: &[EtlMessageRejectId], at: Instant) -> Result<(), SessionError> {
        let these = dsl::etl_message_reject.filter(dsl::etl_message_reject_id.eq_any(ids));
        diesel::update(these).set(dsl::replayed_at.eq(at)).execute(&mut self.connection)?;
        Ok(())
    }
}
