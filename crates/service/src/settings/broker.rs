//! Where RabbitMQ is and how to log in there.

use emap_queue::BrokerConfig;

use super::{Group, Key, Settings, SettingsError};

const HOST: Key<String> =
    Key::new("spring.rabbitmq.host", || BrokerConfig::default().host, "host of the RabbitMQ broker");
const PORT: Key<u16> =
    Key::new("spring.rabbitmq.port", || BrokerConfig::default().port, "AMQP port of the RabbitMQ broker");
const USERNAME: Key<String> =
    Key::new("spring.rabbitmq.username", || BrokerConfig::default().username, "user at the RabbitMQ broker");
const PASSWORD: Key<String> = Key::new(
    "spring.rabbitmq.password",
    || BrokerConfig::default().password,
    "password at the RabbitMQ broker",
);
const VIRTUAL_HOST: Key<String> = Key::new(
    "spring.rabbitmq.virtual-host",
    || BrokerConfig::default().virtual_host,
    "virtual host at the RabbitMQ broker",
);

/// `SPRING_RABBITMQ_HOST`, `_PORT`, `_USERNAME`, `_PASSWORD`, `_VIRTUAL_HOST`.
pub const KEYS: Group = &[&HOST, &PORT, &USERNAME, &PASSWORD, &VIRTUAL_HOST];

/// Reads them.
///
/// # Errors
/// When the port is not a port number.
pub fn from_settings(settings: &Settings) -> Result<BrokerConfig, SettingsError> {
    Ok(BrokerConfig {
        host: settings.get(&HOST)?,
        port: settings.get(&PORT)?,
        username: settings.get(&USERNAME)?,
        password: settings.get(&PASSWORD)?,
        virtual_host: settings.get(&VIRTUAL_HOST)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::loaded;

    #[test]
    fn defaults_and_no_password_in_debug() {
        let broker = from_settings(&loaded(&[KEYS], &[("SPRING_RABBITMQ_PASSWORD", "s3cret")])).unwrap();
        assert_eq!(broker, BrokerConfig { password: "s3cret".to_owned(), ..BrokerConfig::default() });
        assert_eq!(format!("{broker:?}"), "BrokerConfig(guest@localhost:5672, virtual host /)");
    }

    #[test]
    fn a_wrong_port_is_named() {
        let error = from_settings(&loaded(&[KEYS], &[("SPRING_RABBITMQ_PORT", "amqp")])).unwrap_err();
        let expected = "set SPRING_RABBITMQ_PORT to a whole number from 0 to 65535 (it is \"amqp\")";
        assert_eq!(error.to_string(), expected);
    }
}
