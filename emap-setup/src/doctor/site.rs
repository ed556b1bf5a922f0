//! What is examined.

use std::path::PathBuf;

use crate::{
    compose::Overlays,
    deployment::Deployment,
    environment::{self, Rendered},
    home::Home,
    instance::Instance,
};

/// An instance as its configuration describes it now.
pub(super) struct Site<'i> {
    pub(super) instance: &'i Instance,
    pub(super) home: Home,
    pub(super) overlays: Overlays,
    pub(super) rendered: Vec<Rendered>,
    pub(super) compose_files: Vec<PathBuf>,
    pub(super) deployment: Deployment,
}

/// Environment files of the daemons.
pub(super) const CORE: &str = "core-config-envs";
pub(super) const READER: &str = "hl7-reader-config-envs";
pub(super) const HOOVER: &str = "hoover-envs";
pub(super) const CONNECTOR: &str = "connector-config-envs";
pub(super) const RABBITMQ: &str = "rabbitmq-config-envs";

impl<'i> Site<'i> {
    pub(super) fn of(instance: &'i Instance) -> anyhow::Result<Self> {
        let overlays = Overlays::of(&instance.configuration)?;
        let home = instance.home()?;
        let docker = home.docker();
        let compose_files: Vec<PathBuf> =
            overlays.files().into_iter().map(|file| docker.join(file)).collect();
        let rendered = environment::render(&instance.configuration, &docker)?;
        let deployment = Deployment::of_templates(&rendered, &compose_files);
        Ok(Self { instance, home, overlays, rendered, compose_files, deployment })
    }

    /// The file that is to be corrected.
    pub(super) fn file(&self) -> String {
        self.instance.configuration.path().display().to_string()
    }

    /// Daemons of this instance: name of the service, and its environment file.
    pub(super) fn daemons(&self) -> Vec<(&'static str, &'static str)> {
        let daemons = [
            (true, "core", CORE),
            (true, "hl7-reader", READER),
            (self.overlays.hoover, "hoover", HOOVER),
            (self.overlays.connector, "connector", CONNECTOR),
        ];
        daemons.into_iter().filter(|(on, ..)| *on).map(|(_, name, file)| (name, file)).collect()
    }
}
