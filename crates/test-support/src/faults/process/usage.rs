//! What a process uses, as the kernel counts it.

use std::fs;

/// Memory and descriptors of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Resident memory now, in bytes.
    pub resident: u64,
    /// The most resident memory so far, in bytes.
    pub peak: u64,
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: u64,
}

impl Usage {
    /// Of the process with this id; none if it has ended.
    pub fn of(pid: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Some(Self {
            resident: field("VmRSS:")? * 1024,
            peak: field("VmHWM:")? * 1024,
            descriptors: fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count(),
            threads: field("Threads:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Usage;

    #[test]
    fn an_open_file_is_a_descriptor_more() {
        let usage = || Usage::of(std::process::id()).unwrap();
        assert!(usage().resident > 1 << 20 && usage().peak >= usage().resident && usage().threads > 0);
        let before = usage().descriptors;
        let files: Vec<_> = (0..100).map(|_| std::fs::File::open("/proc/self/status").unwrap()).collect();
        // Other tests open and close files of theirs.
        assert!(usage().descriptors > before + files.len() / 2);
    }
}
