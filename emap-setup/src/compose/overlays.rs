//! Which compose files belong to an instance.

use std::path::{Path, PathBuf};

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
    /// A message store for trying things out.
    pub fake_ids: bool,
    /// Connections to the broker by TLS only.
    pub tls: bool,
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
    /// Invented reporting databases.
    pub fake_sources: bool,
}

impl Overlays {
    /// What the configuration switches on.
    ///
    /// # Errors
    /// A switch is neither true nor false.
    pub fn of(configuration: &Configuration) -> Result<Self, ConfigurationError> {
        let waveform = configuration.switch(&["waveform", "enable_waveform"])?;
        let feature = |name| configuration.switch(&["features", name]);
        let hoover = configuration.node(&["repositories", "hoover"]).is_some() || feature("hoover")?;
        Ok(Self {
            fake_uds: configuration.switch(&["fake_uds", "enable_fake_uds"])? || feature("fake_uds")?,
            fake_ids: feature("fake_ids")?,
            tls: feature("tls")?,
            connector: configuration.switch(&["connector", "enable_connector"])? || feature("connector")?,
            waveform,
            waveform_generator: waveform
                && configuration.switch(&["waveform", "enable_waveform_generator"])?,
            monitoring: configuration.switch(&["monitoring", "use_streamlit"])?,
            hoover,
            fake_sources: hoover && (feature("fake_sources")? || feature("fake_clarity_caboodle")?),
        })
    }

    /// The same for a validation run: real sources only, and bedside devices only if they are asked for.
    #[must_use]
    pub fn for_validation(self, waveform: bool) -> Self {
        Self {
            fake_uds: false,
            fake_ids: false,
            fake_sources: false,
            waveform_generator: false,
            waveform,
            ..self
        }
    }

    /// The file of the authorities that vouch for the broker, if it is reached by TLS.
    pub fn broker_ca(self, project: &Path) -> Option<PathBuf> {
        self.tls.then(|| project.join("tls/ca.pem"))
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
            (self.fake_ids, "core/docker-compose.fake-ids.yml"),
            (self.tls, "core/docker-compose.tls.yml"),
            (self.connector, "connector/docker-compose.yml"),
            (self.connector && self.tls, "connector/docker-compose.tls.yml"),
            (self.waveform, "waveform-reader/docker-compose.yml"),
            (self.waveform_generator, "waveform-generator/docker-compose.yml"),
            (self.monitoring, "monitoring/docker-compose.yml"),
            (self.hoover, "hoover/docker-compose.yml"),
            (self.hoover && self.tls, "hoover/docker-compose.tls.yml"),
            (self.fake_sources, "hoover/docker-compose.fake-sources.yml"),
        ];
        let always = ["core/docker-compose.yml", "hl7-reader/docker-compose.yml"];
        always.into_iter().chain(optional.into_iter().filter(|(on, _)| *on).map(|(_, file)| file)).collect()
    }
}
