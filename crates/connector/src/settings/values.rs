//! Types of settings that only the connector has.

use std::net::{IpAddr, Ipv4Addr};

use emap_service::settings::Value;
use ipnet::IpNet;

/// What kind of deployment this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment(String);

impl Environment {
    pub(super) const PRODUCTION: &'static str = "PRODUCTION";

    pub(super) fn production() -> Self {
        Self(Self::PRODUCTION.to_owned())
    }

    /// Whatever is not known to be for development is production.
    pub(super) fn is_development(&self) -> bool {
        matches!(self.0.as_str(), "DEMO" | "DEVELOPMENT" | "STAGING" | "TRAINING" | "TEST")
    }
}

impl Value for Environment {
    fn expected() -> String {
        "PRODUCTION, DEMO, DEVELOPMENT, STAGING, TRAINING or TEST".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Text.
    Plain,
    /// Text for a terminal.
    Colour,
}

impl Value for LogFormat {
    fn expected() -> String {
        "JSON, PLAIN or COLOUR".to_owned()
    }

    /// An unknown form is JSON, as deployments expect.
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "PLAIN" => Self::Plain,
            "COLOUR" | "COLOR" => Self::Colour,
            _ => Self::Json,
        })
    }

    fn to_text(&self) -> String {
        match self {
            Self::Json => "JSON",
            Self::Plain => "PLAIN",
            Self::Colour => "COLOUR",
        }
        .to_owned()
    }
}

/// How published bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all, and without a header.
    None,
    /// bzip2.
    Bzip2,
    /// zlib, which the platform's services call gzip.
    Zlib,
}

/// An address to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(pub(super) IpAddr);

impl Address {
    pub(super) fn any() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl Value for Address {
    fn expected() -> String {
        "an IP address".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }
}

/// Addresses and networks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Networks(pub(super) Vec<IpNet>);

impl Value for Networks {
    fn expected() -> String {
        "addresses or networks such as 10.1.2.3,10.2.0.0/16, separated by commas".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(network).collect::<Option<Vec<_>>>().map(Self)
    }

    fn to_text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses() {
        let networks = Networks::parse("10.1.2.3, 10.2.0.0/16,,::1").unwrap();
        assert_eq!(networks.to_text(), "10.1.2.3/32,10.2.0.0/16,::1/128");
        for wrong in ["10.1.2", "10.1.2.3/33", "ward.example", "10.1.2.3;10.1.2.4"] {
            assert_eq!(Networks::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_known_environments_are_for_development() {
        let is_development = |text| Environment::parse(text).unwrap().is_development();
        assert!(is_development("TEST") && is_development("DEMO"));
        assert!(!is_development("PRODUCTION") && !is_development("test") && !is_development("LIVE"));
    }

    #[test]
    fn an_unknown_log_format_is_json() {
        assert_eq!(LogFormat::parse("xml"), Some(LogFormat::Json));
        assert_eq!(LogFormat::parse("color"), Some(LogFormat::Colour));
    }
}
