//! What the commands that talk to databases have in common.

use std::path::PathBuf;

use anyhow::Context;
use emap_service::{Settings, SettingsError};

use crate::ReaderSettings;

/// The optional settings file.
#[derive(Debug, clap::Args)]
pub(super) struct ConfigFile {
    /// YAML file with settings; the environment wins over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    pub(super) fn load(&self) -> Result<Settings, SettingsError> {
        Settings::load(ReaderSettings::GROUPS, self.config.as_deref())
    }
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the thread pool")
}
