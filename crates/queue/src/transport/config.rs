//! Where a broker is and how its connection is protected.

use std::{path::PathBuf, time::Duration};

/// How to reach a RabbitMQ server.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerConfig {
    /// Name or address of the machine.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name to log in with.
    pub username: String,
    /// Password of that name.
    pub password: String,
    /// Virtual host; all daemons of one deployment share it.
    pub virtual_host: String,
    /// TLS; `None` for none.
    pub tls: Option<BrokerTls>,
    /// How long the broker may be silent before the connection counts as lost. It sends a sign of life several times
    /// in that time.
    pub silence: Duration,
}

/// How the broker proves who it is, and how we do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerTls {
    /// Certificates of the authorities that may vouch for the broker (PEM); `None` for those of the system.
    pub ca_file: Option<PathBuf>,
    /// Our own certificate, for brokers that ask for one.
    pub client_certificate: Option<ClientCertificate>,
    /// Whether the certificate must name the host that is connected to.
    pub verify_host_name: bool,
    /// Whether the certificate is checked at all.
    pub verify_certificate: bool,
}

impl Default for BrokerTls {
    /// Everything is checked, against the authorities of the system.
    fn default() -> Self {
        Self { ca_file: None, client_certificate: None, verify_host_name: true, verify_certificate: true }
    }
}

/// A certificate and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, and those that lead from it to its authority (PEM).
    pub certificate_file: PathBuf,
    /// Its private key (PEM: PKCS #8, PKCS #1 or SEC 1, not encrypted).
    pub key_file: PathBuf,
}

impl Default for BrokerConfig {
    /// A server on this machine as it comes out of the box.
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 5672,
            username: "guest".to_owned(),
            password: "guest".to_owned(),
            virtual_host: "/".to_owned(),
            tls: None,
            silence: Duration::from_secs(40),
        }
    }
}

impl std::fmt::Debug for BrokerConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, username, password: _, virtual_host, tls, silence: _ } = self;
        let tls = if tls.is_some() { ", TLS" } else { "" };
        write!(formatter, "BrokerConfig({username}@{host}:{port}, virtual host {virtual_host}{tls})")
    }
}
