//! The metrics of a daemon that nothing reads do not fill its memory. A program of its own: it measures the process.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{thread::sleep, time::Duration};

use emap_service::metrics;

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn samples_of_histograms_do_not_pile_up() {
    const BURSTS: u32 = 20;
    const SAMPLES: u32 = 250_000;
    const BYTES: usize = (BURSTS * SAMPLES) as usize * size_of::<f64>();
    metrics::install_with_upkeep(Duration::from_millis(1));
    let histogram = ::metrics::histogram!("emap_test_seconds", "phase" => "commit");
    let before = resident();
    let mut most = 0;
    for _ in 0..BURSTS {
        (0..SAMPLES).for_each(|sample| histogram.record(sample));
        sleep(Duration::from_millis(50));
        most = most.max(resident().saturating_sub(before));
    }
    assert!(most < BYTES / 2, "{} MiB for samples of {} MiB", most >> 20, BYTES >> 20);
    // The library may lose samples that are recorded while it sums up; here that is all the time.
    assert!(metrics::render().contains("emap_test_seconds_count{phase=\"commit\"} "));
}
