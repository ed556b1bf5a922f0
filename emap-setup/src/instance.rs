//! The instance that a command works on: its project directory, its configuration, and the checkout it runs from.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    configuration::{self, Configuration},
    home::Home,
};

/// One instance.
#[derive(Debug)]
pub struct Instance {
    /// The working directory.
    pub project: PathBuf,
    /// Its `global-configuration.yaml`.
    pub configuration: Configuration,
}

impl Instance {
    /// The instance of the working directory.
    ///
    /// # Errors
    /// The file is missing or wrong.
    pub fn here(file: &Path) -> anyhow::Result<Self> {
        let project = env::current_dir().context("the working directory")?;
        Ok(Self { project, configuration: configuration::load(file)? })
    }

    /// The checkout with compose files and templates.
    ///
    /// # Errors
    /// There is none.
    pub fn home(&self) -> anyhow::Result<Home> {
        Home::find()
    }
}
