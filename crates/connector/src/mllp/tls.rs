//! TLS for senders.

use std::{path::Path, sync::Arc};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
};

use crate::settings::MllpTls;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("set {variable} to a PEM file that can be used: {reason}")]
pub struct TlsError {
    variable: &'static str,
    reason: String,
}

const CERTIFICATE: &str = "CONNECTOR_MLLP_TLS_CERT";
const KEY: &str = "CONNECTOR_MLLP_TLS_KEY";
const AUTHORITIES: &str = "CONNECTOR_MLLP_TLS_CLIENT_CA";

/// What accepts TLS connections with these files.
pub(super) fn acceptor(files: &MllpTls) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| failure(KEY, &files.key, error))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| failure(CERTIFICATE, &files.certificate, error))?;
    let builder = match &files.client_authorities {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(AUTHORITIES, file)? {
                roots.add(authority).map_err(|error| failure(AUTHORITIES, file, error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(|error| failure(AUTHORITIES, file, error))?)
        }
    };
    let config = builder
        .with_single_cert(certificates(CERTIFICATE, &files.certificate)?, key)
        .map_err(|error| failure(CERTIFICATE, &files.certificate, error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(variable: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(file).map_err(|error| failure(variable, file, error))?;
    let found = read.collect::<Result<Vec<_>, _>>().map_err(|error| failure(variable, file, error))?;
    if found.is_empty() { Err(failure(variable, file, "it holds no certificate")) } else { Ok(found) }
}

fn failure(variable: &'static str, file: &Path, error: impl std::fmt::Display) -> TlsError {
    TlsError { variable, reason: format!("{}: {error}", file.display()) }
}
