//! Everything a daemon needs around its work, started together.

use std::{io, net::SocketAddr};

use tokio_util::sync::CancellationToken;

use crate::{
    cancellation::cancel_on_signals,
    health::{Health, components},
    http, metrics,
    settings::{HttpSettings, LogSettings, Settings, SettingsError},
    telemetry,
};

/// Why a daemon could not start; each text is one line that says what to set.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The HTTP address or port cannot be opened.
    #[error(transparent)]
    Port(#[from] http::BindError),
    /// The operating system refused the signal handlers.
    #[error("cannot watch for SIGTERM and SIGINT: {0}")]
    Signals(io::Error),
    /// The operating system refused threads.
    #[error("cannot start the threads of the program: {0}")]
    Threads(io::Error),
}

/// A started daemon frame: logs run, signals are watched, the endpoints answer.
#[derive(Debug)]
pub struct Chassis {
    /// Where components report whether they work.
    pub health: Health,
    /// Cancelled by SIGTERM or SIGINT.
    pub cancel: CancellationToken,
    /// Where the endpoints listen.
    pub address: SocketAddr,
}

impl Chassis {
    /// Starts logs, metrics, signal handling and the HTTP endpoints.
    ///
    /// The settings must have been loaded with [`LogSettings::KEYS`] and [`HttpSettings::KEYS`] among their keys.
    /// The endpoints live until the process ends, so that a daemon can be watched while it drains.
    ///
    /// # Errors
    /// [`StartError`]: print it on one line and exit with 1.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        telemetry::init(&LogSettings::from_settings(settings)?);
        metrics::install();
        let http_settings = HttpSettings::from_settings(settings)?;
        let server = http::HttpServer::bind(http_settings.address.as_deref(), http_settings.port).await?;
        let (health, cancel, address) = (Health::new(), CancellationToken::new(), server.address());
        // Every daemon has a broker. Without any component it would be ready before it has begun.
        health.component(components::BROKER);
        cancel_on_signals(&cancel).map_err(StartError::Signals)?;
        tokio::spawn(server.serve(health.clone(), &http_settings.allowed_origins, CancellationToken::new()));
        tracing::info!(%address, "health and metrics endpoints");
        Ok(Self { health, cancel, address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_daemon_that_has_not_begun_is_not_ready_and_listens_where_it_is_to() {
        let environment = [("SERVER_PORT", "0"), ("SERVER_ADDRESS", "127.0.0.1")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let groups = [LogSettings::KEYS, HttpSettings::KEYS];
        let settings = Settings::from_parts(&groups, None, &environment).unwrap();
        let chassis = Chassis::start(&settings).await.unwrap();
        assert!(!chassis.health.is_ready());
        assert_eq!(chassis.address.ip().to_string(), "127.0.0.1");
    }
}
