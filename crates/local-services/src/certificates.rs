//! Certificates for tests of TLS: an authority, and what it vouches for. With feature `certificates`.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, Error, IsCa, KeyPair};

/// An invented authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// Whether a certificate is valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is.
    Now,
    /// It was some years ago.
    Expired,
}

/// A certificate and its private key, in PEM.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// The key, in PKCS #8.
    pub key: String,
    /// The key, in DER.
    pub key_der: Vec<u8>,
}

impl Authority {
    /// A new one, different from all others.
    ///
    /// # Errors
    /// There is no source of random numbers.
    pub fn new() -> Result<Self, Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        params.distinguished_name.push(DnType::CommonName, format!("invented authority {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate()?).map(Self)
    }

    /// Its own certificate, in PEM.
    pub fn certificate(&self) -> String {
        self.0.pem()
    }

    /// A certificate whose common name is `name`, for `host`, a name or an address.
    ///
    /// # Errors
    /// The host is no name.
    pub fn issue(&self, name: &str, host: &str, validity: Validity) -> Result<Issued, Error> {
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        if validity == Validity::Expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 12, 31);
        }
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?.pem();
        Ok(Issued { certificate, key: key.serialize_pem(), key_der: key.serialize_der() })
    }
}

/// Writes a file that only its owner may read; gives its path.
///
/// # Errors
/// It cannot be written.
pub fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> io::Result<PathBuf> {
    let path = dir.join(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(&path)?.write_all(content.as_ref())?;
    Ok(path)
}
