//! What the daemons use, over all their processes.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use emap_test_support::faults::process::Usage;

/// Bytes in a mebibyte.
const MEBIBYTE: u64 = 1 << 20;
/// What a daemon may need at most, with any mix of sizes.
const MOST_MEMORY: u64 = 256 * MEBIBYTE;
/// Memory that an allocator may keep after a burst of work.
const MEMORY_SLACK: u64 = 64 * MEBIBYTE;
/// Connections that are just being opened or closed, and threads for blocking work that are about to end.
const DESCRIPTORS_SLACK: usize = 8;
const THREADS_SLACK: u64 = 8;

/// The most of each, by the name of the daemon.
#[derive(Debug, Default)]
pub(crate) struct Gauges(Mutex<BTreeMap<&'static str, Usage>>);

impl Gauges {
    /// Takes a sample into account.
    pub(crate) fn add(&self, name: &'static str, usage: Usage) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = all.entry(name).or_insert(usage);
        *most = Usage {
            resident: most.resident.max(usage.resident),
            peak: most.peak.max(usage.peak),
            descriptors: most.descriptors.max(usage.descriptors),
            threads: most.threads.max(usage.threads),
        };
    }

    /// The most of each.
    pub(crate) fn most(&self) -> BTreeMap<&'static str, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is wrong with the usage of a daemon at the end, when it rests, compared with one that was never disturbed.
pub(crate) fn growth(name: &str, before: Usage, after: Usage) -> Vec<String> {
    let mut complaints = Vec::new();
    if after.peak > MOST_MEMORY {
        complaints.push(format!("{name} has used {} MiB of memory", after.peak / MEBIBYTE));
    }
    if after.resident > before.resident + MEMORY_SLACK {
        let (before, after) = (before.resident / MEBIBYTE, after.resident / MEBIBYTE);
        complaints.push(format!("{name} rests with {after} MiB of memory; undisturbed: {before} MiB"));
    }
    if after.descriptors > before.descriptors + DESCRIPTORS_SLACK {
        let (before, after) = (before.descriptors, after.descriptors);
        complaints.push(format!("{name} rests with {after} open descriptors; undisturbed: {before}"));
    }
    if after.threads > before.threads + THREADS_SLACK {
        let (before, after) = (before.threads, after.threads);
        complaints.push(format!("{name} rests with {after} threads; undisturbed: {before}"));
    }
    complaints
}

/// One line about the most that a daemon used.
pub(crate) fn shown(usage: Usage) -> String {
    let memory = usage.peak / MEBIBYTE;
    format!("{memory} MiB, {} descriptors, {} threads at most", usage.descriptors, usage.threads)
}
