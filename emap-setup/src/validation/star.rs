//! The star database that a run fills, as this machine reaches it.

use emap_postgres::Config;

use crate::{
    compose::Overlays, configuration::ConfigurationError, deployment::Deployment, instance::Instance,
    reach::replace_address,
};

/// A port that a URL leaves out.
const PORT: u16 = 5432;

/// The database and its schema.
#[derive(Debug)]
pub(super) struct Star {
    pub(super) config: Config,
    pub(super) schema: String,
}

impl Star {
    /// As core is told.
    ///
    /// # Errors
    /// A key is missing or wrong.
    pub(super) fn of(instance: &Instance, overlays: Overlays) -> anyhow::Result<Self> {
        let text = |key| -> Result<String, ConfigurationError> {
            Ok(instance.configuration.get_first(key, "core")?.text().to_owned())
        };
        let deployment = Deployment::of_config(instance, overlays)?;
        let url = replace_address(&text("UDS_JDBC_URL")?, PORT, |host, port| {
            let reached = deployment.services.reached(host, port);
            reached.address().map(|(host, port)| (host.to_owned(), port))
        });
        let config =
            Config::from_url(&url)?.with_login(Some(text("UDS_USERNAME")?), Some(text("UDS_PASSWORD")?));
        Ok(Self { config, schema: text("UDS_SCHEMA")? })
    }
}
