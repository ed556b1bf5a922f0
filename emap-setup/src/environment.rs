//! `config/`: the environment files of an instance, written from templates and the configuration.

mod env_file;
mod snapshot;
mod templates;

pub use self::{
    env_file::{EnvFile, EnvFileError},
    snapshot::Snapshot,
    templates::write,
};

/// The directory that they are in, below the project directory.
pub const DIRECTORY: &str = "config";

/// What the name of an environment file ends in.
pub const SUFFIX: &str = "-envs";

/// The file whose variables the compose files use.
pub const GLOBAL: &str = "global-config-envs";
