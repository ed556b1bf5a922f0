//! Settings of the message broker.

use super::{Key, Settings, SettingsError};
use std::time::Duration;

/// Where RabbitMQ is and who we are to it.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerSettings {
    /// Host name or address.
    pub host: String,
    /// TCP port of AMQP.
    pub port: u16,
    /// User.
    pub username: String,
    /// Its password; never logged.
    pub password: String,
    /// Virtual host.
    pub virtual_host: String,
}

impl std::fmt::Debug for BrokerSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}@{}:{}{}", self.username, self.host, self.port, self.virtual_host)
    }
}

impl BrokerSettings {
    /// `SPRING_RABBITMQ_HOST`, `_PORT`, `_USERNAME`, `_PASSWORD`, `_VIRTUAL_HOST`.
    pub const KEYS: &'static [Key] = &[
        Key { name: "spring.rabbitmq.host", default: "localhost", meaning: "host of the RabbitMQ broker" },
        Key { name: "spring.rabbitmq.port", default: "5672", meaning: "AMQP port of the RabbitMQ broker" },
        Key { name: "spring.rabbitmq.username", default: "guest", meaning: "user at the RabbitMQ broker" },
        Key {
            name: "spring.rabbitmq.password",
            default: "guest",
            meaning: "password at the RabbitMQ broker",
        },
        Key {
            name: "spring.rabbitmq.virtual-host",
            default: "/",
            meaning: "virtual host at the RabbitMQ broker",
        },
    ];

    /// Reads them; a blank value means the default.
    ///
    /// # Errors
    /// When the port is not a port number.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let text = |key| settings.text(key).unwrap_or_else(|| settings.default_of(key).to_owned());
        Ok(Self {
            host: text("spring.rabbitmq.host"),
            port: settings.number("spring.rabbitmq.port")?,
            username: text("spring.rabbitmq.username"),
            password: text("spring.rabbitmq.password"),
            virtual_host: text("spring.rabbitmq.virtual-host"),
        })
    }
}

/// How a producer publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSettings {
    /// Most messages the broker keeps in the queue before it refuses more.
    pub queue_length: u32,
    /// Batches that may wait to be sent.
    pub max_batches: usize,
    /// Messages that may be unconfirmed at a time.
    pub max_in_transit: usize,
    /// First delay before a refused message is sent again.
    pub retry_initial: Duration,
    /// Longest such delay.
    pub retry_maximum: Duration,
}

impl PublishSettings {
    /// `RABBITMQ_QUEUE_LENGTH`, `_MAX_BATCHES`, `_MAX_INTRANSIT`, `_RETRY_DELAY_INITIAL`, `_RETRY_DELAY_MAXIMUM`.
    pub const KEYS: &'static [Key] = &[
        Key { name: "rabbitmq.queue.length", default: "100000", meaning: "most messages kept in the queue" },
        Key { name: "rabbitmq.max.batches", default: "5", meaning: "batches that may wait to be sent" },
        Key { name: "rabbitmq.max.intransit", default: "1000", meaning: "messages that may be unconfirmed" },
        Key { name: "rabbitmq.retry.delay.initial", default: "1", meaning: "first retry delay in seconds" },
        Key {
            name: "rabbitmq.retry.delay.maximum",
            default: "600",
            meaning: "longest retry delay in seconds",
        },
    ];

    /// Reads them; blank means the default.
    ///
    /// # Errors
    /// When a value is not a number, or a count is 0.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let at_least_one = |key| match settings.number::<u32>(key)? {
            0 => Err(SettingsError::invalid(key, "a whole number of at least 1", "0")),
            count => Ok(count),
        };
        Ok(Self {
            queue_length: at_least_one("rabbitmq.queue.length")?,
            max_batches: at_least_one("rabbitmq.max.batches")? as usize,
            max_in_transit: at_least_one("rabbitmq.max.intransit")? as usize,
            retry_initial: settings.seconds("rabbitmq.retry.delay.initial")?,
            retry_maximum: settings.seconds("rabbitmq.retry.delay.maximum")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(environment: &[(&str, &str)]) -> Settings {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Settings::from_parts(&[BrokerSettings::KEYS, PublishSettings::KEYS], None, &environment).unwrap()
    }

    #[test]
    fn defaults_and_no_password_in_debug() {
        let broker = BrokerSettings::from_settings(&with(&[("SPRING_RABBITMQ_PASSWORD", "s3cret")])).unwrap();
        assert_eq!(broker.password, "s3cret");
        assert_eq!(format!("{broker:?}"), "guest@localhost:5672/");
    }

    #[test]
    fn publishing_defaults_and_limits() {
        let publishing = PublishSettings::from_settings(&with(&[("RABBITMQ_MAX_BATCHES", "")])).unwrap();
        assert_eq!((publishing.max_batches, publishing.max_in_transit), (5, 1000));
        assert_eq!(publishing.retry_maximum, Duration::from_secs(600));
        let error = PublishSettings::from_settings(&with(&[("RABBITMQ_MAX_INTRANSIT", "0")])).unwrap_err();
        assert!(error.to_string().starts_with("set RABBITMQ_MAX_INTRANSIT to"), "{error}");
    }
}
