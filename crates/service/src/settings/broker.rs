//! Where RabbitMQ is, how to log in there, and how the connection is protected.

use std::time::Duration;

use emap_queue::{BrokerConfig, BrokerTls, ClientCertificate};

use super::{
    error::SettingsError,
    key::{AnyKey, Group, Key},
    loaded::Settings,
};

/// Port of AMQP over TLS.
const TLS_PORT: u16 = 5671;

const HOST: Key<String> =
    Key::new("spring.rabbitmq.host", || BrokerConfig::default().host, "host of the RabbitMQ broker");
const PORT: Key<Option<u16>> = Key::new(
    "spring.rabbitmq.port",
    || None,
    "AMQP port of the RabbitMQ broker; blank = 5672, with TLS 5671",
);
const USERNAME: Key<String> =
    Key::new("spring.rabbitmq.username", || BrokerConfig::default().username, "user at the RabbitMQ broker");
const PASSWORD: Key<String> = Key::new(
    "spring.rabbitmq.password",
    || BrokerConfig::default().password,
    "password at the RabbitMQ broker",
)
.secret();
const VIRTUAL_HOST: Key<String> = Key::new(
    "spring.rabbitmq.virtual-host",
    || BrokerConfig::default().virtual_host,
    "virtual host at the RabbitMQ broker",
);
const TLS: Key<bool> =
    Key::new("spring.rabbitmq.ssl.enabled", || false, "true: the broker is reached by TLS (amqps)");
const VERIFY_HOST_NAME: Key<bool> = Key::new(
    "spring.rabbitmq.ssl.verify-hostname",
    || BrokerTls::default().verify_host_name,
    "false: the broker's certificate may name another host",
);
const VERIFY_CERTIFICATE: Key<bool> = Key::new(
    "spring.rabbitmq.ssl.validate-server-certificate",
    || BrokerTls::default().verify_certificate,
    "false: any certificate is accepted, so the traffic can be read on its way",
);
const CA_FILE: Key<Option<String>> = Key::new(
    "rabbitmq.ssl.ca-file",
    || None,
    "PEM file of the authorities that vouch for the broker; blank = those of the system",
);
const CERTIFICATE_FILE: Key<Option<String>> = Key::new(
    "rabbitmq.ssl.certificate-file",
    || None,
    "PEM file of our own certificate, if the broker demands one",
);
const KEY_FILE: Key<Option<String>> =
    Key::new("rabbitmq.ssl.key-file", || None, "PEM file of its private key, not encrypted");
const SILENCE: Key<Duration> = Key::new(
    "rabbitmq.silence-seconds",
    || BrokerConfig::default().silence,
    "seconds without any answer after which the broker counts as lost",
);

/// What Java programs take and this one does not. Given, they are refused: ignored, they would protect nothing, or lead to
/// another broker.
const JAVA_ONLY: [(Key<Option<String>>, &str); 5] = [
    (java("spring.rabbitmq.addresses").secret(), "SPRING_RABBITMQ_HOST and SPRING_RABBITMQ_PORT"),
    (java("spring.rabbitmq.ssl.key-store"), "RABBITMQ_SSL_CERTIFICATE_FILE and RABBITMQ_SSL_KEY_FILE"),
    (java("spring.rabbitmq.ssl.trust-store"), "RABBITMQ_SSL_CA_FILE"),
    (java("spring.rabbitmq.ssl.bundle"), "RABBITMQ_SSL_CA_FILE"),
    (java("spring.rabbitmq.ssl.algorithm"), "nothing: TLS 1.2 and 1.3 are used"),
];

const fn java(name: &'static str) -> Key<Option<String>> {
    Key::new(name, || None, "not supported; refused when set")
}

/// `SPRING_RABBITMQ_HOST`, `_PORT`, `_USERNAME`, `_PASSWORD`, `_VIRTUAL_HOST`, `_SSL_…`; `RABBITMQ_SSL_…`,
/// `RABBITMQ_SILENCE_SECONDS`.
pub const KEYS: Group = &[
    &HOST,
    &PORT,
    &USERNAME,
    &PASSWORD,
    &VIRTUAL_HOST,
    &TLS,
    &VERIFY_HOST_NAME,
    &VERIFY_CERTIFICATE,
    &CA_FILE,
    &CERTIFICATE_FILE,
    &KEY_FILE,
    &SILENCE,
    &JAVA_ONLY[0].0,
    &JAVA_ONLY[1].0,
    &JAVA_ONLY[2].0,
    &JAVA_ONLY[3].0,
    &JAVA_ONLY[4].0,
];

/// Reads them.
///
/// # Errors
/// When a value is wrong, half of a certificate is given, or a Java key store is.
pub fn from_settings(settings: &Settings) -> Result<BrokerConfig, SettingsError> {
    let tls = tls(settings)?;
    let default_port = if tls.is_some() { TLS_PORT } else { BrokerConfig::default().port };
    let silence = settings.get(&SILENCE)?;
    if silence < Duration::from_secs(2) {
        return Err(SettingsError::invalid(
            SILENCE.name(),
            "at least 2 seconds",
            &silence.as_secs_f64().to_string(),
        ));
    }
    Ok(BrokerConfig {
        host: settings.get(&HOST)?,
        port: settings.get(&PORT)?.unwrap_or(default_port),
        username: settings.get(&USERNAME)?,
        password: settings.get(&PASSWORD)?,
        virtual_host: settings.get(&VIRTUAL_HOST)?,
        tls,
        silence,
    })
}

fn tls(settings: &Settings) -> Result<Option<BrokerTls>, SettingsError> {
    for (key, instead) in &JAVA_ONLY {
        if settings.get(key)?.is_some() {
            return Err(SettingsError::invalid_secret(key.name(), format!("blank; use {instead}")));
        }
    }
    if !settings.get(&TLS)? {
        for key in [&CA_FILE, &CERTIFICATE_FILE, &KEY_FILE] {
            if settings.get(key)?.is_some() {
                let expected = format!("true, or {} to blank", key.variable());
                return Err(SettingsError::invalid(TLS.name(), expected, "false"));
            }
        }
        return Ok(None);
    }
    let client_certificate = match (settings.get(&CERTIFICATE_FILE)?, settings.get(&KEY_FILE)?) {
        (Some(certificate), Some(key)) => {
            Some(ClientCertificate { certificate_file: certificate.into(), key_file: key.into() })
        }
        (None, None) => None,
        (Some(_), None) => return Err(SettingsError::missing(KEY_FILE.name(), KEY_FILE.meaning())),
        (None, Some(_)) => {
            return Err(SettingsError::missing(CERTIFICATE_FILE.name(), CERTIFICATE_FILE.meaning()));
        }
    };
    Ok(Some(BrokerTls {
        ca_file: settings.get(&CA_FILE)?.map(Into::into),
        client_certificate,
        verify_host_name: settings.get(&VERIFY_HOST_NAME)?,
        verify_certificate: settings.get(&VERIFY_CERTIFICATE)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::loaded::tests::loaded;

    fn read(given: &[(&str, &str)]) -> Result<BrokerConfig, String> {
        from_settings(&loaded(&[KEYS], given)).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_and_no_password_in_debug() {
        let broker = read(&[("SPRING_RABBITMQ_PASSWORD", "s3cret")]).unwrap();
        assert_eq!(broker, BrokerConfig { password: "s3cret".to_owned(), ..BrokerConfig::default() });
        assert_eq!(format!("{broker:?}"), "BrokerConfig(guest@localhost:5672, virtual host /)");
    }

    #[test]
    fn a_wrong_port_is_named() {
        let expected = "set SPRING_RABBITMQ_PORT to a whole number from 0 to 65535 (it is \"amqp\")";
        assert_eq!(read(&[("SPRING_RABBITMQ_PORT", "amqp")]).unwrap_err(), expected);
    }

    #[test]
    fn tls_has_its_own_port_and_checks_everything_by_default() {
        let broker =
            read(&[("SPRING_RABBITMQ_SSL_ENABLED", "true"), ("RABBITMQ_SSL_CA_FILE", "/ca.pem")]).unwrap();
        let tls = BrokerTls { ca_file: Some("/ca.pem".into()), ..BrokerTls::default() };
        assert_eq!((broker.port, broker.tls), (5671, Some(tls)));
        let broker = read(&[
            ("SPRING_RABBITMQ_SSL_ENABLED", "true"),
            ("SPRING_RABBITMQ_PORT", "5673"),
            ("SPRING_RABBITMQ_SSL_VERIFY_HOSTNAME", "false"),
        ]);
        let broker = broker.unwrap();
        assert_eq!((broker.port, broker.tls.map(|tls| tls.verify_host_name)), (5673, Some(false)));
    }

    #[test]
    fn half_a_certificate_and_java_stores_are_refused() {
        let error = read(&[("SPRING_RABBITMQ_SSL_ENABLED", "true"), ("RABBITMQ_SSL_KEY_FILE", "/key.pem")])
            .unwrap_err();
        assert!(error.starts_with("set RABBITMQ_SSL_CERTIFICATE_FILE"), "{error}");
        let error = read(&[("RABBITMQ_SSL_CA_FILE", "/ca.pem")]).unwrap_err();
        let expected =
            "set SPRING_RABBITMQ_SSL_ENABLED to true, or RABBITMQ_SSL_CA_FILE to blank (it is \"false\")";
        assert_eq!(error, expected, "certificates that would protect nothing");
        let error = read(&[("SPRING_RABBITMQ_ADDRESSES", "amqps://u:hunter2@h")]).unwrap_err();
        assert!(
            error.starts_with("set SPRING_RABBITMQ_ADDRESSES to blank") && !error.contains("hunter2"),
            "{error}"
        );
        let error = read(&[("SPRING_RABBITMQ_SSL_TRUST_STORE", "/trust.jks")]).unwrap_err();
        assert!(
            error.contains("SPRING_RABBITMQ_SSL_TRUST_STORE") && error.contains("RABBITMQ_SSL_CA_FILE"),
            "{error}"
        );
    }
}
