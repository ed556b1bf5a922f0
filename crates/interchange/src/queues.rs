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

/// Of core's queues those with values from bedside devices: each core takes them by itself, whatever patient they are of.
pub const OF_DEVICES: [&str; 2] = [WAVEFORM_EMAP, WAVEFORM];

/// Into how many partitions core's messages can be divided at most.
pub const MOST_PARTITIONS: u8 = 64;

const PARTITION: &str = "core.partition.";

/// The queue of one partition of core's messages, counted from 0. Its messages are processed one after the other, by
/// one core at a time.
pub fn partition(number: u8) -> String {
    format!("{PARTITION}{number}")
}

/// Whether a queue is that of a partition.
pub fn is_partition(queue: &str) -> bool {
    queue.strip_prefix(PARTITION).is_some_and(|number| number.parse::<u8>().is_ok())
}

/// The exchange that divides core's messages among so many partitions.
pub fn partition_exchange(partitions: u8) -> String {
    format!("core.partitions.{partitions}")
}
