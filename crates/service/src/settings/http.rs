//! Settings of the HTTP endpoints.

use super::{
    error::SettingsError,
    key::{Group, Key},
    loaded::Settings,
};

const PORT: Key<u16> = Key::new("server.port", || 8080, "HTTP port of health and metrics; 0 = any free port");
const ADDRESS: Key<Option<String>> = Key::new(
    "server.address",
    || None,
    "address or host name that health and metrics are served on; blank = all (IPv4) addresses of the machine",
);
const ALLOWED_ORIGINS: Key<Vec<String>> = Key::new(
    "actuator.allowed.origins",
    Vec::new,
    "web origins, separated by commas, that may read the health endpoint from a browser",
);

/// Where the endpoints listen and which web pages may read them.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Address or host name of this machine; `None`: all its IPv4 addresses.
    pub address: Option<String>,
    /// TCP port; 0 = any free one.
    pub port: u16,
    /// Web origins allowed to read the endpoints from a browser.
    pub allowed_origins: Vec<String>,
}

impl HttpSettings {
    /// `SERVER_ADDRESS`, `SERVER_PORT` and `ACTUATOR_ALLOWED_ORIGINS`.
    pub const KEYS: Group = &[&ADDRESS, &PORT, &ALLOWED_ORIGINS];

    /// Reads them.
    ///
    /// # Errors
    /// When the port is not a number from 0 to 65535.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            address: settings.get(&ADDRESS)?,
            port: settings.get(&PORT)?,
            allowed_origins: settings.get(&ALLOWED_ORIGINS)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::loaded::tests::loaded;

    fn read(name: &str, value: &str) -> Result<HttpSettings, SettingsError> {
        HttpSettings::from_settings(&loaded(&[HttpSettings::KEYS], &[(name, value)]))
    }

    #[test]
    fn origins_are_split_at_commas() {
        let http = read("ACTUATOR_ALLOWED_ORIGINS", " https://a, ,https://b ").unwrap();
        assert_eq!(http.allowed_origins, ["https://a", "https://b"]);
        assert_eq!(http.port, 8080);
        assert!(read("ACTUATOR_ALLOWED_ORIGINS", "").unwrap().allowed_origins.is_empty());
        assert!(read("SERVER_PORT", "70000").is_err());
        assert_eq!(http.address, None);
        assert_eq!(read("SERVER_ADDRESS", "127.0.0.1").unwrap().address.as_deref(), Some("127.0.0.1"));
    }
}
