//! The command `health` of a daemon: asks the daemon of the same settings on this machine whether it is ready, for the
//! health checks of containers, which have neither shell nor `curl`.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::{net::IpAddr, process::ExitCode, time::Duration};

use ureq::Agent;

use crate::{
    program::ConfigFile,
    settings::{Group, HttpSettings, Settings, SettingsError},
};

/// Longest wait for an answer; health checks of containers wait for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Arguments of the command.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Why the question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadinessError {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Any free port was to be taken: nobody knows which.
    #[error("SERVER_PORT is 0, so the daemon's port is not known")]
    AnyPort,
    /// No answer, or none that can be read.
    #[error("{url}: {source}")]
    NoAnswer {
        /// What was asked.
        url: String,
        /// Why there is no answer.
        source: ureq::Error,
    },
}

/// `health` of a daemon whose endpoints are those of [`HttpSettings`].
///
/// # Errors
/// As [`ask`].
pub fn run(args: &Args, groups: &[Group]) -> Result<ExitCode, ReadinessError> {
    run_at(args, groups, |settings| {
        let http = HttpSettings::from_settings(settings)?;
        Ok((http.address, http.port))
    })
}

/// The same where the address (`None`: any) and the port are settings of the daemon's own.
///
/// # Errors
/// As [`ask`].
pub fn run_at(
    args: &Args,
    groups: &[Group],
    place: impl FnOnce(&Settings) -> Result<(Option<String>, u16), SettingsError>,
) -> Result<ExitCode, ReadinessError> {
    let (address, port) = place(&args.config.load(groups)?)?;
    let (ready, text) = ask(address.as_deref(), port)?;
    println!("{}", text.trim());
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the daemon at an address of this machine is ready, and what it says about its components.
///
/// # Errors
/// The port is not known, or there is no answer.
pub fn ask(address: Option<&str>, port: u16) -> Result<(bool, String), ReadinessError> {
    if port == 0 {
        return Err(ReadinessError::AnyPort);
    }
    let url = format!("http://{}:{port}/health/ready", host(address));
    let agent: Agent =
        Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
    let answer = agent.get(&url).call().and_then(|mut answer| {
        let text = answer.body_mut().read_to_string()?;
        Ok((answer.status().is_success(), text))
    });
    answer.map_err(|source| ReadinessError::NoAnswer { url, source })
}

/// As it stands in a URL: any address of this machine includes the loopback, and IPv6 has brackets.
fn host(address: Option<&str>) -> String {
    match address.map(|address| (address, address.parse::<IpAddr>())) {
        None => "127.0.0.1".to_owned(),
        Some((_, Ok(IpAddr::V4(any)))) if any.is_unspecified() => "127.0.0.1".to_owned(),
        Some((_, Ok(IpAddr::V6(any)))) if any.is_unspecified() => "[::1]".to_owned(),
        Some((address, Ok(IpAddr::V6(_)))) => format!("[{address}]"),
        Some((name, _)) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{health::Health, http::HttpServer};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_daemon_is_ready_as_soon_as_all_of_it_is() {
        let server = HttpServer::bind(Some("127.0.0.1"), 0).await.unwrap();
        let (port, health) = (server.address().port(), Health::new());
        let component = health.component("star");
        tokio::spawn(server.serve(health, &[], CancellationToken::new()));
        let asked = move || tokio::task::spawn_blocking(move || ask(Some("0.0.0.0"), port).unwrap());

        let (ready, text) = asked().await.unwrap();
        assert!(!ready && text.contains("star"), "{text}");
        component.up();
        assert!(asked().await.unwrap().0);
    }

    #[test]
    fn nobody_listening_is_an_error_that_names_the_address() {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let error = ask(None, port).unwrap_err().to_string();
        assert!(error.starts_with(&format!("http://127.0.0.1:{port}/health/ready: ")), "{error}");
        assert!(matches!(ask(None, 0), Err(ReadinessError::AnyPort)));
    }

    #[test]
    fn addresses_stand_in_the_url_as_they_must() {
        assert_eq!(host(Some("::1")), "[::1]");
        assert_eq!(host(Some("::")), "[::1]");
        assert_eq!(host(Some("localhost")), "localhost");
    }
}
