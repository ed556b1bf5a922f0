//! Which compose files belong to an instance.

use std::path::PathBuf;

use crate::{
    configuration::{Configuration, ConfigurationError},
    home::Home,
};

/// What is switched on beside the services that every instance has.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the configuration")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overlays {
    /// A star database for trying things out.
    pub fake_uds: bool,
    /// The receiver of HL7.
    pub connector: bool,
    /// The reader of bedside devices.
    pub waveform: bool,
    /// Invented bedside devices.
    pub waveform_generator: bool,
    /// Dashboards.
    pub monitoring: bool,
    /// The reader of the reporting databases.
    pub hoover: bool,
}

impl Overlays {
    /// What the configuration switches on.
    ///
    /// # Errors
    /// A switch is neither true nor false.
    pub fn of(configuration: &Configuration) -> Result<Self, ConfigurationError> {
        let waveform = configuration.switch(&["waveform", "enable_waveform"])?;
        Ok(Self {
            fake_uds: configuration.switch(&["fake_uds", "enable_fake_uds"])?
                || configuration.switch(&["features", "fake_uds"])?,
            connector: configuration.switch(&["connector", "enable_connector"])?
                || configuration.switch(&["features", "connector"])?,
            waveform,
            waveform_generator: waveform
                && configuration.switch(&["waveform", "enable_waveform_generator"])?,
            monitoring: configuration.switch(&["monitoring", "use_streamlit"])?,
            hoover: configuration.node(&["repositories", "hoover"]).is_some()
                || configuration.switch(&["features", "hoover"])?,
        })
    }

    /// The same for a validation run: real sources only, and bedside devices only if they are asked for.
    #[must_use]
    pub fn for_validation(self, waveform: bool) -> Self {
        Self { fake_uds: false, waveform_generator: false, waveform, ..self }
    }

    /// The compose files of a checkout, in order.
    pub fn paths(self, home: &Home) -> Vec<PathBuf> {
        let docker = home.docker();
        self.files().into_iter().map(|file| docker.join(file)).collect()
    }

    /// The compose files below `docker/`, in order.
    pub fn files(self) -> Vec<&'static str> {
        let optional = [
            (self.fake_uds, "core/docker-compose.fakeuds.yml"),
            (self.connector, "connector/docker-compose.yml"),
            (self.waveform, "waveform-reader/docker-compose.yml"),
            (self.waveform_generator, "waveform-generator/docker-compose.yml"),
            (self.monitoring, "monitoring/docker-compose.yml"),
            (self.hoover, "hoover/docker-compose.yml"),
        ];
        let always = ["core/docker-compose.yml", "hl7-reader/docker-compose.yml"];
        always.into_iter().chain(optional.into_iter().filter(|(on, _)| *on).map(|(_, file)| file)).collect()
    }
}
