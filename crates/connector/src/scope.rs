//! The scope of our tokens for the EPR Service Adapter: from a setting, or from where the platform keeps it (Redis).

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    sync::Arc,
};

use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::ServerName,
};

use crate::settings::{AdapterSettings, RedisSettings};

const KEY: &str = "CACHED_EPR_SERVICE_ADAPTER_SCOPE";
/// No scope is longer.
const LONGEST: usize = 64 << 10;

/// No scope is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no scope for the EPR Service Adapter: {0}")]
pub(crate) struct NoScope(String);

/// The scope. Blocks while Redis is asked.
///
/// # Errors
/// When neither a setting nor Redis has one.
pub(crate) fn scope(settings: &AdapterSettings) -> Result<String, NoScope> {
    if let Some(scope) = &settings.scope {
        return Ok(scope.clone());
    }
    let found = match &settings.redis {
        None => Err(NoScope("there is no Redis; set EPR_SERVICE_ADAPTER_SCOPE".to_owned())),
        Some(redis) => match ask(redis) {
            Ok(Some(scope)) => Ok(scope),
            Ok(None) => Err(NoScope("Redis has none".to_owned())),
            Err(error) => Err(NoScope(format!("Redis: {error}"))),
        },
    };
    found.or_else(|error| settings.mock_scope.clone().ok_or(error))
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn ask(settings: &RedisSettings) -> io::Result<Option<String>> {
    let mut stream = BufReader::new(connect(settings)?);
    if !settings.password.is_empty() {
        command(&mut stream, &["AUTH", &settings.password])?;
    }
    command(&mut stream, &["GET", KEY])
}

fn connect(settings: &RedisSettings) -> io::Result<Box<dyn Stream>> {
    let mut addresses = (settings.host.as_str(), settings.port).to_socket_addrs()?;
    let address = addresses.next().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let stream = TcpStream::connect_timeout(&address, settings.timeout)?;
    stream.set_read_timeout(Some(settings.timeout))?;
    stream.set_write_timeout(Some(settings.timeout))?;
    if !settings.tls {
        return Ok(Box::new(stream));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(settings.host.clone()).map_err(io::Error::other)?;
    let session = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    Ok(Box::new(StreamOwned::new(session, stream)))
}

/// Sends a command and reads its answer, in the protocol of Redis (RESP).
fn command(stream: &mut BufReader<Box<dyn Stream>>, words: &[&str]) -> io::Result<Option<String>> {
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        request.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
    }
    stream.get_mut().write_all(request.as_bytes())?;
    stream.get_mut().flush()?;
    let mut line = String::new();
    stream.by_ref().take(LONGEST as u64).read_line(&mut line)?;
    let line = line.trim_end();
    let unreadable = || io::Error::other("an answer that cannot be read");
    match line.split_at_checked(1) {
        Some(("+", text)) => Ok(Some(text.to_owned())),
        Some(("$", "-1")) => Ok(None),
        Some(("$", length)) => {
            let length =
                length.parse::<usize>().ok().filter(|length| *length <= LONGEST).ok_or_else(unreadable)?;
            let mut bytes = vec![0; length + 2];
            stream.read_exact(&mut bytes)?;
            bytes.truncate(length);
            String::from_utf8(bytes).map(Some).map_err(|_| unreadable())
        }
        Some(("-", _)) => Err(io::Error::other("it refused the command")),
        _ => Err(unreadable()),
    }
}
