//! Whether clients may encrypt.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    version::TLS12,
};

/// Whether clients may encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// They cannot.
    None,
    /// They may, with a certificate of `localhost` that nobody vouches for.
    TestCertificate,
}

impl Encryption {
    pub(super) fn config(self) -> Result<Option<Arc<ServerConfig>>, String> {
        if self == Self::None {
            return Ok(None);
        }
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).map_err(|error| error.to_string())?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        // With this protocol SQL Server has TLS 1.2.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS12])
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .map(|config| Some(Arc::new(config)))
            .map_err(|error| error.to_string())
    }
}
