//! What is examined.

use std::path::PathBuf;

use super::{
    finding::Findings,
    running::{Own, Running},
};
use crate::{
    compose::Overlays,
    deployment::Deployment,
    environment::{self, CONNECTOR, CORE, HOOVER, READER, Rendered},
    home::Home,
    instance::Instance,
    reach::Reached,
};

/// An instance as its configuration describes it now.
pub(super) struct Site<'i> {
    pub(super) instance: &'i Instance,
    pub(super) home: Home,
    pub(super) overlays: Overlays,
    pub(super) rendered: Vec<Rendered>,
    pub(super) compose_files: Vec<PathBuf>,
    pub(super) deployment: Deployment,
    pub(super) running: Running,
}

impl<'i> Site<'i> {
    pub(super) fn of(instance: &'i Instance) -> anyhow::Result<Self> {
        let overlays = Overlays::of(&instance.configuration)?;
        let home = instance.home()?;
        let compose_files = overlays.paths(&home);
        let rendered = environment::render(&instance.configuration, &home.docker())?;
        let deployment =
            Deployment::of_templates(&rendered, &compose_files, overlays.broker_ca(&instance.project));
        let own = Own {
            directory: &instance.project,
            compose_file: compose_files.first(),
            services: &deployment.services,
        };
        let running = match instance.configuration.text(&["EMAP_PROJECT_NAME"]) {
            Ok(Some(name)) => Running::of(name, own),
            Ok(None) | Err(_) => Running::default(),
        };
        Ok(Self { instance, home, overlays, rendered, compose_files, deployment, running })
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

    /// Says why a server of a daemon cannot be reached, if that follows from where it is: a service of this instance
    /// that does not run, or whose port is not published. False if it is to be reached.
    pub(super) fn explains_absence(
        &self,
        (subject, file): (&str, &str),
        reached: Option<&Reached>,
        findings: &mut Findings,
    ) -> bool {
        let Some(service) = reached.and_then(Reached::service) else { return false };
        let daemons = self.daemons();
        let daemon = daemons.iter().find(|(name, of)| *of == file && self.running.has(name));
        match (self.running.has(service), daemon, reached) {
            (false, Some((daemon, _)), _) => findings.fail(
                subject,
                format!(
                    "service {service} of this instance does not run, and {daemon}, which needs it, does"
                ),
                format!("emap docker up -d {service}; why it ended: emap docker logs {service}"),
            ),
            (false, None, _) => findings.ok(
                subject,
                format!("service {service} of this instance, which does not run yet; looked at when it does"),
            ),
            (true, _, Some(Reached::Inside { .. })) => findings.ok(
                subject,
                format!("service {service} of this instance, reached by its other services only"),
            ),
            (true, ..) => return false,
        }
        true
    }
}
