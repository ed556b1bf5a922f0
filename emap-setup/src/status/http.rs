//! Asking a daemon over HTTP.

use std::time::Duration;

use ureq::Agent;

use super::{
    daemon::{Daemon, State},
    figures::Figures,
};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Takes over what the daemon at this URL says about itself.
pub(super) fn ask(daemon: &mut Daemon, url: &str) {
    let url = url.trim_end_matches('/');
    match get(&format!("{url}/health/ready")) {
        Err(error) => {
            daemon.state = State::Unreachable;
            daemon.detail = Some(format!("{url}: {error}"));
        }
        Ok(answer) => {
            daemon.take_health(&answer);
            daemon.take_figures(
                get(&format!("{url}/metrics")).map(|text| Figures::parse(&text)).unwrap_or_default(),
            );
        }
    }
}

/// The body of the answer, whatever its status.
fn get(url: &str) -> Result<String, ureq::Error> {
    let agent: Agent =
        Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build().into();
    agent.get(url).call()?.body_mut().read_to_string()
}
