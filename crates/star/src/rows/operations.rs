//! What the pipeline did with each message.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::star_table::star_table;

star_table! {
    /// What became of one message that was taken from the queue: one row for each delivery.
    EtlPerMessageLogging(etl_per_message_logging, id): plain,
    columns {
        /// False when the message was processed or deliberately ignored, else true.
        error: Option<bool> => (Nullable<Bool>),
        /// Why it was not processed; null if it was.
        message: Option<String> => (Nullable<Text>),
        /// When what the message says was recorded or last changed, in UTC; null of descriptions of kinds and places,
        /// requests for consults, forms, opt-outs and values of devices.
        message_datetime: Option<NaiveDateTime> => (Nullable<Timestamp>),
        /// Full type name of the message, equal to its `@class`.
        message_type: Option<String> => (Nullable<Varchar>),
        /// Time it took to process, in nanoseconds; null unless processed.
        process_message_duration: Option<i64> => (Nullable<BigInt>),
        /// End of processing, in UTC.
        processing_end_time: Option<NaiveDateTime> => (Nullable<Timestamp>),
        /// Start of processing, in UTC.
        processing_start_time: Option<NaiveDateTime> => (Nullable<Timestamp>),
        /// Identifier the source gave to the message, for example its number in the message store.
        source_id: Option<String> => (Nullable<Varchar>),
        /// Technical details of the reason, set together with `message`.
        stack_trace: Option<String> => (Nullable<Text>),
    }
}

star_table! {
    /// A message that could not be processed, kept as it came so that it can be sent again.
    EtlMessageReject: plain,
    columns {
        /// Identifier the source gave to the message; null if the body could not be read.
        source_id: Option<String> => (Nullable<Text>),
        /// Full type name of the message; null if the body could not be read.
        message_type: Option<String> => (Nullable<Text>),
        /// Queue it was taken from.
        queue: String => (Text),
        /// Why it could not be processed; names fields and columns, never their values.
        reason: String => (Text),
        /// The message as it was received; empty once the data of its person was removed.
        body: String => (Text),
        /// When it was rejected.
        rejected_at: DateTime<Utc> => (Timestamptz),
        /// When it was last sent again; null if never.
        replayed_at: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
    }
}

star_table! {
    /// A number of a person whose data was removed, as long as bodies of rejected messages may still hold it.
    EtlPersonRemoval: plain,
    columns {
        /// A hospital number, an NHS number, or the number of a visit that was removed.
        number: String => (Text),
        /// Time of the message that removed the data: newer messages are not concerned.
        removed_datetime: DateTime<Utc> => (Timestamptz),
        /// When that message was processed.
        stored_from: DateTime<Utc> => (Timestamptz),
    }
}
