//! The MLLP door: HL7 over TCP, with or without TLS.

mod answers;
mod connection;
mod mode;
mod tls;

pub(crate) use self::tls::TlsError;

use std::{net::IpAddr, sync::Arc, time::Duration};

use emap_service::CancellationToken;
use ipnet::IpNet;
use metrics::{counter, gauge};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::{service::Service, settings::MllpSettings};

/// Longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The opened port, not serving yet.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    settings: MllpSettings,
}

/// Why the port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// It is taken, or not allowed.
    #[error(
        "cannot listen for MLLP on {address}: {source}; set CONNECTOR_MLLP_ADDRESS and CONNECTOR_MLLP_PORT"
    )]
    Port {
        /// What was asked for.
        address: std::net::SocketAddr,
        /// What the operating system answered.
        source: std::io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Listener {
    /// Opens the port and reads the certificate.
    ///
    /// # Errors
    /// [`ListenError`].
    pub(crate) async fn bind(settings: MllpSettings) -> Result<Self, ListenError> {
        let tls = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        let address = settings.address;
        let listener =
            TcpListener::bind(address).await.map_err(|source| ListenError::Port { address, source })?;
        tracing::info!(address = %listener.local_addr().unwrap_or(address), tls = tls.is_some(), "listening for MLLP");
        Ok(Self { socket: listener, tls, settings })
    }

    /// Serves until the cancellation; then what was accepted is answered. Ends when every connection has.
    pub(crate) async fn serve(self, service: Arc<Service>, cancel: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.settings.max_connections));
        let mut connections = JoinSet::new();
        loop {
            // With all places taken nobody is accepted; the operating system lets the next ones wait.
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                () = cancel.cancelled() => break,
            };
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = cancel.cancelled() => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "no MLLP connection can be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            while connections.try_join_next().is_some() {}
            if !is_allowed(&self.settings.allow, peer.ip()) {
                counter!("emap_connector_mllp_refused_total").increment(1);
                tracing::warn!(peer = %peer.ip(), "an MLLP connection from an address that is not allowed");
                continue;
            }
            let (service, settings, cancel) = (Arc::clone(&service), self.settings.clone(), cancel.clone());
            let tls = self.tls.clone();
            connections.spawn(async move {
                let _place = place;
                gauge!("emap_connector_mllp_connections").increment(1.0);
                serve_one(stream, tls, &service, &settings, &cancel).await;
                gauge!("emap_connector_mllp_connections").decrement(1.0);
            });
        }
        drop(self.socket);
        while connections.join_next().await.is_some() {}
    }
}

async fn serve_one(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    service: &Arc<Service>,
    settings: &MllpSettings,
    cancel: &CancellationToken,
) {
    // Answers are small and are waited for.
    let _ = stream.set_nodelay(true);
    match tls {
        None => connection::serve(stream, service, settings, cancel).await,
        Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => connection::serve(stream, service, settings, cancel).await,
            Ok(Err(error)) => tracing::info!(%error, "an MLLP connection without TLS that fits"),
            Err(_) => tracing::info!("an MLLP connection did not finish its TLS handshake"),
        },
    }
}

fn is_allowed(allow: &[IpNet], peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    allow.is_empty() || allow.iter().any(|network| network.contains(&peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_list_and_no_others() {
        let allow: Vec<IpNet> =
            ["10.1.0.0/16", "192.0.2.7/32"].iter().map(|text| text.parse().unwrap()).collect();
        let allowed = |peer: &str| is_allowed(&allow, peer.parse().unwrap());
        assert!(allowed("10.1.255.3") && allowed("192.0.2.7") && allowed("::ffff:10.1.0.1"));
        assert!(!allowed("10.2.0.1") && !allowed("192.0.2.8") && !allowed("::1"));
        assert!(is_allowed(&[], "203.0.113.9".parse().unwrap()));
    }
}
