//! Names of the directory and its files.

/// The directory that they are in, below the project directory.
pub const DIRECTORY: &str = "config";

/// What the name of an environment file ends in.
pub const SUFFIX: &str = "-envs";

/// The file whose variables the compose files use.
pub const GLOBAL: &str = "global-config-envs";
