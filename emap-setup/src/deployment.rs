//! An instance with what follows from its configuration: the variables of each service, and how its servers are reached
//! from this machine.

use std::{collections::HashMap, fs, path::PathBuf};

use anyhow::Context;
use emap_service::{Settings, SettingsError, settings::Group};

use crate::{
    compose::Overlays,
    environment::{self, DIRECTORY, EnvFile, GLOBAL, Rendered, SUFFIX},
    instance::Instance,
    reach::{Reached, Services, replace_address},
};

/// Ports of servers whose URL names none.
const POSTGRES_PORT: u16 = 5432;
const SQL_SERVER_PORT: u16 = 1433;

/// URLs that services are given.
const URLS: [(&str, u16); 4] = [
    ("UDS_JDBC_URL", POSTGRES_PORT),
    ("IDS_JDBC_URL", POSTGRES_PORT),
    ("CLARITY_JDBC_URL", SQL_SERVER_PORT),
    ("CABOODLE_JDBC_URL", SQL_SERVER_PORT),
];

/// Hosts with their ports that services are given by themselves.
const HOSTS: [(&str, &str, u16); 2] = [
    ("SPRING_RABBITMQ_HOST", "SPRING_RABBITMQ_PORT", 5672),
    ("DATABASE_HOST", "DATABASE_PORT", POSTGRES_PORT),
];

/// An environment file.
#[derive(Debug, Clone)]
struct Service {
    name: String,
    file: EnvFile,
}

/// Of one instance.
#[derive(Debug)]
pub struct Deployment {
    environments: Vec<Service>,
    /// The services of its compose files.
    pub services: Services,
    /// With TLS, the file of the authorities that vouch for the broker of the instance.
    broker_ca: Option<PathBuf>,
}

impl Deployment {
    /// As `emap setup -g` would write it now.
    pub fn of_templates(
        rendered: &[Rendered],
        compose_files: &[PathBuf],
        broker_ca: Option<PathBuf>,
    ) -> Self {
        let environments = rendered
            .iter()
            .map(|file| Service { name: file.name.clone(), file: file.file.clone() })
            .collect();
        Self::new(environments, compose_files, broker_ca)
    }

    /// As it stands in `config/`, so as containers have it.
    ///
    /// # Errors
    /// `config/` or a file in it cannot be read.
    pub fn of_config(instance: &Instance, overlays: Overlays) -> anyhow::Result<Self> {
        let directory = instance.project.join(DIRECTORY);
        let entries = fs::read_dir(&directory)
            .with_context(|| format!("{}: run emap setup -g first", directory.display()))?;
        let mut environments = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if name.ends_with(SUFFIX) && path.is_file() {
                environments.push(Service { name, file: EnvFile::read(&path)? });
            }
        }
        Ok(Self::new(environments, &overlays.paths(&instance.home()?), overlays.broker_ca(&instance.project)))
    }

    /// From the configuration alone, where nothing has been set up yet.
    ///
    /// # Errors
    /// As [`environment::render`].
    pub fn of_instance(instance: &Instance, overlays: Overlays) -> anyhow::Result<Self> {
        let home = instance.home()?;
        let rendered = environment::render(&instance.configuration, &home.docker())?;
        Ok(Self::of_templates(&rendered, &overlays.paths(&home), overlays.broker_ca(&instance.project)))
    }

    fn new(environments: Vec<Service>, compose_files: &[PathBuf], broker_ca: Option<PathBuf>) -> Self {
        let global = environments.iter().find(|service| service.name == GLOBAL);
        let variables: Vec<(String, String)> = global.map_or_else(Vec::new, |service| {
            service
                .file
                .variables()
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect()
        });
        let services = Services::of(compose_files, &variables);
        Self { environments, services, broker_ca }
    }

    /// The variables of an environment file, as a container has them; none if there is no such file.
    pub fn variables(&self, file: &str) -> Option<HashMap<String, String>> {
        let service = self.environments.iter().find(|service| service.name == file)?;
        let variables = service.file.variables();
        Some(variables.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// A variable of an environment file.
    pub fn variable(&self, file: &str, key: &str) -> Option<String> {
        self.variables(file)?.remove(key).filter(|value| !value.is_empty())
    }

    /// Settings of a daemon as its container has them.
    ///
    /// # Errors
    /// As [`Settings::from_parts`].
    pub fn settings(&self, file: &str, groups: &[Group]) -> Option<Result<Settings, SettingsError>> {
        Some(Settings::from_parts(groups, None, &self.variables(file)?))
    }

    /// The same with the addresses at which this machine reaches the servers.
    ///
    /// # Errors
    /// As [`Settings::from_parts`].
    pub fn settings_from_here(
        &self,
        file: &str,
        groups: &[Group],
    ) -> Option<Result<Settings, SettingsError>> {
        let mut variables = self.variables(file)?;
        let here = |host: &str, port: u16| {
            let reached = self.services.reached(host, port);
            reached.address().map(|(host, port)| (host.to_owned(), port))
        };
        for (key, default_port) in URLS {
            if let Some(url) = variables.get_mut(key) {
                *url = replace_address(url, default_port, here);
            }
        }
        for (host_key, port_key, default_port) in HOSTS {
            let port = variables.get(port_key).and_then(|port| port.parse().ok()).unwrap_or(default_port);
            let found = variables.get(host_key).and_then(|host| here(host, port));
            if let Some((host, port)) = found {
                variables.insert(host_key.to_owned(), host);
                variables.insert(port_key.to_owned(), port.to_string());
            }
        }
        let broker = self.place(file, "SPRING_RABBITMQ_HOST");
        if let (Some(authorities), Some((_, Reached::Published { .. }))) = (&self.broker_ca, broker) {
            // As the compose files have it; the certificate names the service, which has another name from here.
            variables.extend([
                ("SPRING_RABBITMQ_SSL_ENABLED".to_owned(), "true".to_owned()),
                ("SPRING_RABBITMQ_SSL_VERIFY_HOSTNAME".to_owned(), "false".to_owned()),
                ("RABBITMQ_SSL_CA_FILE".to_owned(), authorities.display().to_string()),
            ]);
        }
        Some(Settings::from_parts(groups, None, &variables))
    }

    /// Host, and where it is, of a URL or host that a service is given; none if there is no such variable or it has no
    /// single address.
    pub fn place(&self, file: &str, key: &str) -> Option<(String, Reached)> {
        let value = self.variable(file, key)?;
        let mut found = None;
        if let Some((_, default_port)) = URLS.into_iter().find(|(name, _)| *name == key) {
            replace_address(&value, default_port, |host, port| {
                found = Some((host.to_owned(), port));
                None
            });
        } else {
            let (_, port_key, default_port) = HOSTS.into_iter().find(|(name, ..)| *name == key)?;
            let port = self.variable(file, port_key).and_then(|port| port.parse().ok());
            found = Some((value, port.unwrap_or(default_port)));
        }
        let (host, port) = found?;
        let reached = self.services.reached(&host, port);
        Some((host, reached))
    }
}
