//! Memory of a process, as the kernel counts it.

/// Resident memory of this process now, in bytes; 0 where the kernel does not say.
pub(crate) fn resident() -> u64 {
    field("self", "VmRSS:")
}

/// Most resident memory so far, in bytes.
pub(crate) fn peak() -> u64 {
    field("self", "VmHWM:")
}

/// Resident memory of another process.
pub(crate) fn resident_of(process: u32) -> u64 {
    field(&process.to_string(), "VmRSS:")
}

/// Most resident memory of another process.
pub(crate) fn peak_of(process: u32) -> u64 {
    field(&process.to_string(), "VmHWM:")
}

fn field(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_kernel_gives_both() {
        let resident = super::resident();
        assert!(resident > 1 << 20 && super::peak() >= resident);
    }
}
