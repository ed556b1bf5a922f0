//! The containers of an instance, as the engine describes them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::daemon::{Daemon, State};
use crate::program::read;

/// The port of a daemon's endpoints inside its container.
const PORT: &str = "8080/tcp";

/// A container.
#[derive(Debug)]
pub(super) struct Container {
    /// Name of the service; of several containers of one service, with a number.
    pub(super) service: String,
    number: u32,
    state: Value,
    version: Option<String>,
    /// Where its endpoints may be reached from here.
    pub(super) urls: Vec<String>,
}

/// All containers of a project, by service.
///
/// # Errors
/// The engine cannot be asked; one line.
pub(super) fn of_project(project: &str) -> Result<Vec<Container>, String> {
    let filter = format!("label=com.docker.compose.project={project}");
    let printed = read(&["docker", "ps", "-a", "--filter", &filter, "--format", "{{.ID}}"])?;
    let is_id = |line: &&str| line.len() >= 12 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ids: Vec<&str> = printed.lines().map(str::trim).filter(is_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let described = read(&[&["docker", "inspect", "--type", "container"], &ids[..]].concat())?;
    let described: Vec<Value> =
        serde_json::from_str(&described).map_err(|error| format!("docker inspect: {error}"))?;
    let mut containers: Vec<Container> = described.iter().filter_map(container).collect();
    containers.sort_by(|one, other| (&one.service, one.number).cmp(&(&other.service, other.number)));
    Ok(containers)
}

/// None for what `run` started beside the services.
fn container(described: &Value) -> Option<Container> {
    let labels = &described["Config"]["Labels"];
    let label = |name: &str| labels[name].as_str().filter(|text| !text.is_empty() && *text != "unknown");
    let service = label("com.docker.compose.service")?.to_owned();
    if label("com.docker.compose.oneoff").is_some_and(|oneoff| oneoff.eq_ignore_ascii_case("true")) {
        return None;
    }
    let revision =
        label("org.opencontainers.image.revision").map(|text| text.chars().take(9).collect::<String>());
    let version = match (label("org.opencontainers.image.version"), revision) {
        (Some(version), Some(revision)) => Some(format!("{version} ({revision})")),
        (Some(version), None) => Some(version.to_owned()),
        (None, revision) => revision,
    };
    let network = &described["NetworkSettings"];
    let published =
        network["Ports"][PORT][0]["HostPort"].as_str().map(|port| format!("http://127.0.0.1:{port}"));
    let inside = network["Networks"].as_object().into_iter().flatten().filter_map(|(_, network)| {
        let address = network["IPAddress"].as_str().filter(|address| !address.is_empty())?;
        Some(format!("http://{address}:8080"))
    });
    Some(Container {
        service,
        number: label("com.docker.compose.container-number").and_then(|text| text.parse().ok()).unwrap_or(1),
        state: described["State"].clone(),
        version,
        urls: published.into_iter().chain(inside).collect(),
    })
}

impl Container {
    pub(super) fn is_running(&self) -> bool {
        self.state["Status"] == "running"
    }

    /// As far as the engine knows.
    pub(super) fn daemon(&self, is_one_of_several: bool) -> Daemon {
        let name = if is_one_of_several {
            format!("{} {}", self.service, self.number)
        } else {
            self.service.clone()
        };
        let code = self.state["ExitCode"].as_i64().unwrap_or_default();
        let health = self.state["Health"]["Status"].as_str();
        let status = self.state["Status"].as_str().unwrap_or("unknown");
        let (state, time, detail) = match (status, health) {
            ("running", Some("healthy") | None) => (State::Ready, "StartedAt", None),
            ("running", Some(health)) => {
                (State::NotReady, "StartedAt", Some(format!("the engine says: {health}")))
            }
            ("exited", _) if code == 0 => (State::Ended, "FinishedAt", None),
            ("exited", _) if self.state["OOMKilled"] == true => {
                (State::Stopped, "FinishedAt", Some("killed, as it used more memory than it may".to_owned()))
            }
            ("exited", _) => (State::Stopped, "FinishedAt", Some(format!("exit code {code}"))),
            (other, _) => {
                (State::Stopped, "FinishedAt", Some(format!("container is {other}, exit code {code}")))
            }
        };
        let mut daemon = Daemon::new(name, state);
        daemon.since = self.state[time].as_str().and_then(instant);
        daemon.version.clone_from(&self.version);
        daemon.detail = detail;
        daemon
    }
}

/// The engine's word for "never" is the year 1.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let instant: DateTime<Utc> = text.parse().ok()?;
    (instant.timestamp() > 0).then_some(instant)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(state: &Value) -> Daemon {
        let labels = json!({
            "com.docker.compose.service": "core", "com.docker.compose.container-number": "2",
            "org.opencontainers.image.version": "1.2", "org.opencontainers.image.revision": "0123456789abc",
        });
        let networks = json!({ "lane_default": { "IPAddress": "172.18.0.3" } });
        let ports = json!({ PORT: [{ "HostIp": "0.0.0.0", "HostPort": "9999" }] });
        let container = container(&json!({
            "Config": { "Labels": labels }, "State": state,
            "NetworkSettings": { "Networks": networks, "Ports": ports },
        }));
        let container = container.unwrap();
        assert_eq!(container.urls, ["http://127.0.0.1:9999", "http://172.18.0.3:8080"]);
        container.daemon(true)
    }

    #[test]
    fn the_state_is_what_the_engine_says() {
        let started = "2031-05-06T07:08:09.123456789Z";
        let ready = described(&json!({ "Status": "running", "StartedAt": started }));
        assert_eq!(
            (ready.name.as_str(), ready.state, ready.version.as_deref()),
            ("core 2", State::Ready, Some("1.2 (012345678)"))
        );
        assert_eq!(ready.since.unwrap().to_rfc3339(), "2031-05-06T07:08:09.123456789+00:00");
        let state = |status: &str, code: i64, health: Option<&str>| {
            described(&json!({ "Status": status, "ExitCode": code, "FinishedAt": "0001-01-01T00:00:00Z",
                               "Health": health.map(|health| json!({ "Status": health })) }))
        };
        assert_eq!(state("running", 0, Some("unhealthy")).state, State::NotReady);
        assert_eq!(state("exited", 0, None).state, State::Ended);
        let failed = state("exited", 3, None);
        assert_eq!(
            (failed.state, failed.detail.as_deref(), failed.since),
            (State::Stopped, Some("exit code 3"), None)
        );
        assert_eq!(state("restarting", 1, None).state, State::Stopped);
    }

    #[test]
    fn what_belongs_to_no_service_is_left_out() {
        assert!(container(&json!({ "Config": { "Labels": {} } })).is_none());
        assert!(container(&json!({})).is_none());
    }
}
