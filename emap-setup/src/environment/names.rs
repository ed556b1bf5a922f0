//! Names of the directory and its files.

/// The directory that they are in, below the project directory.
pub const DIRECTORY: &str = "config";

/// What the name of an environment file ends in.
pub const SUFFIX: &str = "-envs";

/// The file whose variables the compose files use.
pub const GLOBAL: &str = "global-config-envs";

/// The file of core.
pub const CORE: &str = "core-config-envs";

/// The file of the HL7 reader.
pub const READER: &str = "hl7-reader-config-envs";

/// The file of hoover.
pub const HOOVER: &str = "hoover-envs";

/// The file of the connector.
pub const CONNECTOR: &str = "connector-config-envs";

/// The file of the broker.
pub const RABBITMQ: &str = "rabbitmq-config-envs";
