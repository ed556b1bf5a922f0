//! How a program publishes.

use std::{num::NonZeroU32, time::Duration};

use emap_queue::PublisherSettings;

use super::{
    error::SettingsError,
    key::{Group, Key},
    loaded::Settings,
};

/// `RABBITMQ_QUEUE_LENGTH`: messages that a queue holds before the broker refuses more.
pub const QUEUE_LENGTH: Key<NonZeroU32> = Key::new(
    "rabbitmq.queue.length",
    || count(PublisherSettings::default().queue_length as usize),
    "most messages kept in the queue",
);
const MAX_BATCHES: Key<NonZeroU32> = Key::new(
    "rabbitmq.max.batches",
    || count(PublisherSettings::default().max_batches),
    "batches that may wait to be sent",
);
const MAX_IN_TRANSIT: Key<NonZeroU32> = Key::new(
    "rabbitmq.max.intransit",
    || count(PublisherSettings::default().max_in_transit),
    "messages that may be unconfirmed",
);
const MAX_MESSAGE_BYTES: Key<NonZeroU32> = Key::new(
    "rabbitmq.max.message.bytes",
    || count(PublisherSettings::default().max_message_bytes),
    "bytes of the largest message that is sent; larger ones are rejected",
);
const RETRY_INITIAL: Key<Duration> = Key::new(
    "rabbitmq.retry.delay.initial",
    || PublisherSettings::default().retry_initial,
    "first retry delay in seconds",
);
const RETRY_MAXIMUM: Key<Duration> = Key::new(
    "rabbitmq.retry.delay.maximum",
    || PublisherSettings::default().retry_maximum,
    "longest retry delay in seconds",
);

/// `RABBITMQ_QUEUE_LENGTH`, `_MAX_BATCHES`, `_MAX_INTRANSIT`, `_MAX_MESSAGE_BYTES`, `_RETRY_DELAY_INITIAL`, `_RETRY_DELAY_MAXIMUM`.
pub const KEYS: Group =
    &[&QUEUE_LENGTH, &MAX_BATCHES, &MAX_IN_TRANSIT, &MAX_MESSAGE_BYTES, &RETRY_INITIAL, &RETRY_MAXIMUM];

/// Reads how `queue` is filled.
///
/// # Errors
/// When a value is not a number, or a count is 0.
pub fn from_settings(settings: &Settings, queue: &str) -> Result<PublisherSettings, SettingsError> {
    Ok(PublisherSettings {
        queue: queue.to_owned(),
        queue_length: settings.get(&QUEUE_LENGTH)?.get(),
        max_batches: settings.get(&MAX_BATCHES)?.get() as usize,
        max_in_transit: settings.get(&MAX_IN_TRANSIT)?.get() as usize,
        max_message_bytes: settings.get(&MAX_MESSAGE_BYTES)?.get() as usize,
        retry_initial: settings.get(&RETRY_INITIAL)?,
        retry_maximum: settings.get(&RETRY_MAXIMUM)?,
        ..PublisherSettings::default()
    })
}

/// A default of the publisher as a count.
fn count(default: usize) -> NonZeroU32 {
    u32::try_from(default).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::loaded::tests::loaded;

    fn read(name: &str, value: &str) -> Result<PublisherSettings, SettingsError> {
        from_settings(&loaded(&[KEYS], &[(name, value)]), "a queue")
    }

    #[test]
    fn defaults_are_those_of_the_publisher() {
        let expected = PublisherSettings { queue: "a queue".to_owned(), ..PublisherSettings::default() };
        assert_eq!(read("RABBITMQ_MAX_BATCHES", "").unwrap(), expected);
        assert_eq!((expected.max_batches, expected.max_in_transit), (5, 1000));
        assert_eq!(expected.retry_maximum, Duration::from_secs(600));
    }

    #[test]
    fn a_count_is_at_least_one() {
        let error = read("RABBITMQ_MAX_INTRANSIT", "0").unwrap_err();
        assert!(error.to_string().starts_with("set RABBITMQ_MAX_INTRANSIT to"), "{error}");
        let error = read("RABBITMQ_QUEUE_LENGTH", "many").unwrap_err().to_string();
        let expected = "set RABBITMQ_QUEUE_LENGTH to a whole number from 1 to 4294967295 (it is \"many\")";
        assert_eq!(error, expected);
    }
}
