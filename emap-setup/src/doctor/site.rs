//! What is examined.

use std::path::PathBuf;

use crate::{
    compose::Overlays,
    deployment::Deployment,
    environment::{self, CONNECTOR, CORE, HOOVER, READER, Rendered},
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

impl<'i> Site<'i> {
    pub(super) fn of(instance: &'i Instance) -> anyhow::Result<Self> {
        let overlays = Overlays::of(&instance.configuration)?;
        let home = instance.home()?;
        let compose_files = overlays.paths(&home);
        let rendered = environment::render(&instance.configuration, &home.docker())?;
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
