//! Where the compose files and templates are.

use std::{env, path::PathBuf};

use anyhow::{Context, bail};

/// Names the checkout, if it is not the one that holds the program.
const HOME: &str = "EMAP_HOME";

/// Everything that is deployed lies here, below the home.
const DOCKER: &str = "docker";

/// The checkout with the directory `docker/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    directory: PathBuf,
}

impl Home {
    /// `EMAP_HOME`, else the checkout that holds the program.
    ///
    /// # Errors
    /// There is no directory `docker/`.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(given) = env::var_os(HOME).filter(|given| !given.is_empty()) {
            let directory = std::path::absolute(PathBuf::from(given))?;
            if !directory.join(DOCKER).is_dir() {
                bail!("{HOME}: {} has no directory {DOCKER}", directory.display());
            }
            return Ok(Self { directory });
        }
        let program = env::current_exe().context("the program's own place")?;
        let program = program.canonicalize().unwrap_or(program);
        let holder = program.ancestors().find(|directory| directory.join(DOCKER).join("core").is_dir());
        let directory = holder.with_context(|| {
            format!("{} is in no checkout with a directory {DOCKER}; set {HOME}", program.display())
        })?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// The checkout itself.
    pub fn directory(&self) -> &std::path::Path {
        &self.directory
    }

    /// Compose files and templates.
    pub fn docker(&self) -> PathBuf {
        self.directory.join(DOCKER)
    }
}
