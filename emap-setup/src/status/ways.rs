//! How what is looked at is reached: containers of an instance, or plain processes.

use emap_core::CoreSettings;
use emap_queue::BrokerConfig;
use emap_service::{DatabaseSettings, Settings, program::ConfigFile, settings::broker};

use super::{
    containers::{self, Container},
    daemon::{Daemon, State},
    figures::Counters,
    http,
};
use crate::{
    compose::{Compose, Overlays},
    deployment::Deployment,
    environment::{CORE, DIRECTORY},
    instance::Instance,
};

/// Services that have health endpoints.
const DAEMONS: [&str; 4] = ["core", "hl7-reader", "hoover", "connector"];

/// Where daemons that are plain processes have their endpoints, such as <http://127.0.0.1:8080>.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Urls {
    /// Endpoints of core, as http://HOST:PORT; one for each core that runs.
    #[arg(long, value_name = "URL")]
    core: Vec<String>,
    /// Endpoints of the HL7 reader.
    #[arg(long, visible_alias = "ids-reader", value_name = "URL")]
    hl7_reader: Option<String>,
    /// Endpoints of hoover.
    #[arg(long, value_name = "URL")]
    hoover: Option<String>,
    /// Endpoints of the connector.
    #[arg(long, value_name = "URL")]
    connector: Option<String>,
}

impl Urls {
    pub(super) fn is_given(&self) -> bool {
        !self.all().is_empty()
    }

    fn all(&self) -> Vec<(String, String)> {
        let several = self.core.len() > 1;
        let core = self.core.iter().enumerate().map(|(index, url)| {
            (if several { format!("core {}", index + 1) } else { "core".to_owned() }, url.clone())
        });
        let others =
            [("hl7-reader", &self.hl7_reader), ("hoover", &self.hoover), ("connector", &self.connector)];
        let others = others.into_iter().filter_map(|(name, url)| Some((name.to_owned(), url.clone()?)));
        core.chain(others).collect()
    }
}

/// How everything is reached.
pub(super) struct Ways {
    daemons: Daemons,
    pub(super) star: Option<DatabaseSettings>,
    pub(super) broker: Option<BrokerConfig>,
    /// Queues where messages wait for core.
    pub(super) queues: Vec<String>,
    /// Most messages of a queue.
    pub(super) queue_length: Option<u32>,
    notes: Vec<String>,
}

enum Daemons {
    Urls(Vec<(String, String)>),
    Containers { project: String, expected: Vec<String>, compose: Option<Compose> },
}

/// The daemons as they were seen.
pub(super) struct Seen {
    pub(super) daemons: Vec<Daemon>,
    pub(super) counters: Counters,
    pub(super) notes: Vec<String>,
}

impl Ways {
    /// Processes at these URLs; database and broker are those of core's settings, as far as these are given.
    pub(super) fn of_processes(urls: &Urls, config: &ConfigFile) -> anyhow::Result<Self> {
        let settings = config.load(CoreSettings::GROUPS)?;
        Ok(Self::new(Daemons::Urls(urls.all()), Some(Ok(settings)), Vec::new()))
    }

    pub(super) fn of_instance(instance: &Instance) -> anyhow::Result<Self> {
        let overlays = Overlays::of(&instance.configuration)?;
        let is_set_up = instance.project.join(DIRECTORY).is_dir();
        let deployment = if is_set_up {
            Deployment::of_config(instance, overlays)?
        } else {
            Deployment::of_instance(instance, overlays)?
        };
        let project = instance.configuration.project_name()?.to_owned();
        let expected = [
            (true, "rabbitmq"),
            (true, "core"),
            (true, "hl7-reader"),
            (overlays.hoover, "hoover"),
            (overlays.connector, "connector"),
            (overlays.waveform, "waveform-reader"),
        ];
        let expected = expected.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned()).collect();
        let compose = Compose::new(instance, overlays).ok();
        let settings = deployment.settings_from_here(CORE, CoreSettings::GROUPS);
        let unreached: Vec<String> = ["UDS_JDBC_URL", "SPRING_RABBITMQ_HOST"]
            .into_iter()
            .filter_map(|key| deployment.place(CORE, key))
            .filter(|(_, reached)| reached.address().is_none())
            .map(|(host, _)| format!("{host} is reached by services of the instance only"))
            .collect();
        Ok(Self::new(Daemons::Containers { project, expected, compose }, settings, unreached))
    }

    fn new(
        daemons: Daemons,
        settings: Option<Result<Settings, emap_service::SettingsError>>,
        mut notes: Vec<String>,
    ) -> Self {
        let mut ways = Self {
            daemons,
            star: None,
            broker: None,
            queues: Vec::new(),
            queue_length: None,
            notes: Vec::new(),
        };
        match settings {
            None => notes.push("there are no settings of core".to_owned()),
            Some(Err(error)) => notes.push(error.to_string()),
            Some(Ok(settings)) => {
                match DatabaseSettings::uds(&settings) {
                    Ok(star) => ways.star = Some(star),
                    Err(error) => notes.push(format!("star database: {error}")),
                }
                match broker::from_settings(&settings) {
                    // Of a process, the broker is known only if something was said about it.
                    Ok(broker)
                        if matches!(ways.daemons, Daemons::Containers { .. })
                            || settings.mentions(broker::KEYS[0]) =>
                    {
                        ways.broker = Some(broker);
                    }
                    Ok(_) => notes.push("broker: set SPRING_RABBITMQ_HOST to see queues".to_owned()),
                    Err(error) => notes.push(format!("broker: {error}")),
                }
                ways.queues = CoreSettings::where_messages_wait(&settings).unwrap_or_default();
                ways.queue_length = settings
                    .get(&emap_service::settings::publishing::QUEUE_LENGTH)
                    .ok()
                    .map(std::num::NonZeroU32::get);
            }
        }
        ways.notes = notes;
        ways
    }

    /// Looks at the daemons.
    pub(super) fn daemons(&self) -> Seen {
        let mut seen = Seen { daemons: Vec::new(), counters: Counters::default(), notes: self.notes.clone() };
        match &self.daemons {
            Daemons::Urls(urls) => {
                for (name, url) in urls {
                    let mut daemon = Daemon::new(name.as_str(), State::Unreachable);
                    http::ask(&mut daemon, url);
                    seen.daemons.push(daemon);
                }
            }
            Daemons::Containers { project, expected, compose } => match containers::of_project(project) {
                Err(error) => {
                    seen.daemons
                        .extend(expected.iter().map(|name| Daemon::new(name.as_str(), State::Unreachable)));
                    for daemon in &mut seen.daemons {
                        daemon.detail = Some(error.clone());
                    }
                }
                Ok(found) => seen.daemons = of_containers(&found, expected, compose.as_ref()),
            },
        }
        for daemon in &seen.daemons {
            seen.counters.add(&daemon.figures);
        }
        seen
    }
}

fn of_containers(found: &[Container], expected: &[String], compose: Option<&Compose>) -> Vec<Daemon> {
    let mut daemons = Vec::new();
    for name in expected {
        let of: Vec<&Container> = found.iter().filter(|container| container.service == *name).collect();
        if of.is_empty() {
            daemons.push(Daemon::new(name.as_str(), State::Missing));
        }
        for container in &of {
            let mut daemon = container.daemon(of.len() > 1);
            if container.is_running() && DAEMONS.contains(&name.as_str()) {
                ask(&mut daemon, container, compose);
            }
            daemons.push(daemon);
        }
    }
    daemons
}

/// Over the published port, else over the network of the containers, which this machine may be part of, else by the
/// container's own command `health`.
fn ask(daemon: &mut Daemon, container: &Container, compose: Option<&Compose>) {
    let known = daemon.clone();
    for url in &container.urls {
        let mut asked = known.clone();
        http::ask(&mut asked, url);
        if asked.state != State::Unreachable {
            *daemon = asked;
            return;
        }
    }
    let command = ["exec", "-T", container.service.as_str(), "/usr/local/bin/program", "health"];
    let answer = compose.and_then(|compose| compose.read_whatever_the_code(&command.map(str::to_owned)).ok());
    if let Some(answer) = answer.filter(|answer| answer.trim_start().starts_with('{')) {
        daemon.take_health(answer.trim());
    }
}
