//! The queues between the daemons.

/// Messages made from live HL7.
pub const HL7_QUEUE: &str = "hl7Queue";
/// Messages made from the hospital's reporting databases.
pub const DATABASE_EXTRACTS: &str = "databaseExtracts";
/// Messages of other projects.
pub const EXTENSION_PROJECTS: &str = "extensionProjects";
/// Values from bedside devices, one copy of what goes to an exchange.
pub const WAVEFORM_EMAP: &str = "waveform_emap";
/// Values from bedside devices, where there is no exchange.
pub const WAVEFORM: &str = "waveform";

/// What core reads, the most preferred first. A site has not all of them.
pub const OF_CORE: [&str; 5] = [HL7_QUEUE, DATABASE_EXTRACTS, EXTENSION_PROJECTS, WAVEFORM_EMAP, WAVEFORM];
