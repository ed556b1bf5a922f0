//! Settings of the broker, by the names that the platform's services use.

use std::time::Duration;

use emap_queue::{BrokerConfig, BrokerTls, ClientCertificate};
use emap_service::settings::{AnyKey, Group, Key, RequiredKey, Settings, SettingsError, TypedKey};

use super::values::Compression;

const DISABLED: Key<bool> = Key::new("rabbitmq.disabled", || false, "true: actions are not published");
const HOST: RequiredKey<String> = RequiredKey::new("rabbitmq.host", "host of the RabbitMQ broker");
const PORT: Key<u16> = Key::new("rabbitmq.port", || 5672, "AMQP port of the RabbitMQ broker");
const USERNAME: RequiredKey<String> = RequiredKey::new("rabbitmq.username", "user at the RabbitMQ broker");
const PASSWORD: RequiredKey<String> =
    RequiredKey::new("rabbitmq.password", "password at the RabbitMQ broker").secret();
const VIRTUAL_HOST: Key<String> =
    Key::new("rabbitmq.virtual-host", || "/".to_owned(), "virtual host at the RabbitMQ broker");
const TLS: Key<bool> =
    Key::new("rabbitmq.ssl.enabled", || false, "true: the broker is reached by TLS (amqps)");
const CA_FILE: Key<Option<String>> = Key::new(
    "rabbitmq.ssl.ca-file",
    || None,
    "PEM file of the authorities that vouch for the broker; blank = those of the system",
);
const CERTIFICATE_FILE: Key<Option<String>> = Key::new(
    "rabbitmq.ssl.certificate-file",
    || None,
    "PEM file of our own certificate, if the broker asks for one",
);
const KEY_FILE: Key<Option<String>> =
    Key::new("rabbitmq.ssl.key-file", || None, "PEM file of its private key, not encrypted");
const SILENCE: Key<Duration> = Key::new(
    "rabbitmq.silence-seconds",
    || BrokerConfig::default().silence,
    "seconds without any answer after which the broker counts as lost",
);

pub(super) const GROUP: Group = &[
    &DISABLED,
    &HOST,
    &PORT,
    &USERNAME,
    &PASSWORD,
    &VIRTUAL_HOST,
    &TLS,
    &CA_FILE,
    &CERTIFICATE_FILE,
    &KEY_FILE,
    &SILENCE,
    &CompressionKey,
];

/// `RABBITMQ_COMPRESSION`. Unlike other settings, given and empty means something: no compression.
#[derive(Debug)]
pub(super) struct CompressionKey;

impl AnyKey for CompressionKey {
    fn name(&self) -> &'static str {
        "rabbitmq.compression"
    }

    fn meaning(&self) -> &'static str {
        "compression of published bodies: bzip2 or zlib; empty = none"
    }

    fn default_text(&self) -> String {
        "bzip2".to_owned()
    }
}

impl TypedKey for CompressionKey {
    type Value = Compression;

    fn read(&self, given: Option<&str>) -> Result<Compression, SettingsError> {
        match given {
            None | Some("bzip2" | "bzip" | "application/x-bz2") => Ok(Compression::Bzip2),
            Some("zlib" | "gzip" | "application/x-gzip") => Ok(Compression::Zlib),
            Some("") => Ok(Compression::None),
            Some(other) => {
                Err(SettingsError::invalid(self.name(), "bzip2 or zlib, or to an empty text for none", other))
            }
        }
    }
}

/// Where the broker is; `None` if nothing is to be published.
pub(super) fn from_settings(settings: &Settings) -> Result<Option<BrokerConfig>, SettingsError> {
    if settings.get(&DISABLED)? {
        return Ok(None);
    }
    Ok(Some(BrokerConfig {
        host: settings.get(&HOST)?,
        port: settings.get(&PORT)?,
        username: settings.get(&USERNAME)?,
        password: settings.get(&PASSWORD)?,
        virtual_host: settings.get(&VIRTUAL_HOST)?,
        tls: tls(settings)?,
        silence: settings.get(&SILENCE)?.max(Duration::from_secs(2)),
    }))
}

fn tls(settings: &Settings) -> Result<Option<BrokerTls>, SettingsError> {
    if !settings.get(&TLS)? {
        return Ok(None);
    }
    let client_certificate = match (settings.get(&CERTIFICATE_FILE)?, settings.get(&KEY_FILE)?) {
        (Some(certificate), Some(key)) => {
            Some(ClientCertificate { certificate_file: certificate.into(), key_file: key.into() })
        }
        (None, None) => None,
        _ => {
            let expected = "a file name: certificate and key belong together";
            return Err(SettingsError::invalid_secret(CERTIFICATE_FILE.name(), expected));
        }
    };
    let ca_file = settings.get(&CA_FILE)?.map(Into::into);
    Ok(Some(BrokerTls { ca_file, client_certificate, ..BrokerTls::default() }))
}

#[cfg(test)]
mod tests {
    use super::{Compression, CompressionKey, TypedKey};

    #[test]
    fn names_of_codecs() {
        let read = |given| CompressionKey.read(given);
        assert_eq!(read(None).unwrap(), Compression::Bzip2);
        assert_eq!(read(Some("bzip2")).unwrap(), Compression::Bzip2);
        assert_eq!(read(Some("zlib")).unwrap(), Compression::Zlib);
        assert_eq!(read(Some("gzip")).unwrap(), Compression::Zlib);
        assert_eq!(read(Some("")).unwrap(), Compression::None);
        assert!(read(Some("lzma")).unwrap_err().to_string().contains("RABBITMQ_COMPRESSION"));
    }
}
