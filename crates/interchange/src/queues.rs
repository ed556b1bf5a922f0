//! The queues between the daemons.

/// Messages made from live HL7.
pub const HL7_QUEUE: &str = "hl7Queue";
/// Messages made from the hospital's reporting databases.
pub const DATABASE_EXTRACTS: &str = "databaseExtracts";
/// Messages of other projects.
pub const EXTENSION_PROJECTS: &str = "extensionProjects";
/// High-frequency bedside data.
pub const WAVEFORM: &str = "waveform";
