//! The connector: HL7 over MLLP and HTTP, until it is committed and answered.
//!
//! It runs as a process of its own with everything on: rows in its table and in a message store, actions in the outbox
//! and on their way to the broker. Everything is counted in HL7 messages.

mod process;
mod senders;

use std::time::{Duration, Instant};

use anyhow::ensure;

use self::process::Process;
use crate::{
    figures::{Measured, Memory},
    sample::Sample,
    site::Site,
};

/// Connections that send without waiting for answers.
const SENDERS: usize = 16;
/// Further connections that have sent a message and stay open.
const IDLE: usize = 500 - SENDERS;
/// Beyond these many messages the rates no longer change.
const MOST_MLLP: u64 = 30_000;
const MOST_HTTP: u64 = 15_000;
const MOST_WAITING: u64 = 2_000;

/// What was measured.
pub(crate) struct Doors {
    pub(crate) mllp: Measured,
    pub(crate) waiting: Measured,
    pub(crate) http: Measured,
}

/// Each door by itself, one after the other.
pub(crate) fn measure(site: &Site, sample: &Sample) -> anyhow::Result<Doors> {
    let process = Process::start(site)?;
    let total = site.content.hl7_messages;
    let count = |most: u64| total.min(most);
    let mut idle = senders::idle(process.mllp_port, sample, IDLE)?;
    let begin = Instant::now();
    let mut half_way = 0;
    let mut latencies = senders::pipelined(process.mllp_port, sample, SENDERS, count(MOST_MLLP), || {
        half_way = process.memory().end;
    })?;
    let elapsed = begin.elapsed();
    let memory = Memory { half_way, ..process.memory() };
    let mllp = Measured {
        memory: Some(memory),
        p99: percentile(&mut latencies),
        ..Measured::new(latencies.len() as u64, elapsed)
    };
    senders::close(&mut idle);
    let begin = Instant::now();
    let mut latencies = senders::waiting(process.mllp_port, sample, count(MOST_WAITING))?;
    let elapsed = begin.elapsed();
    let waiting =
        Measured { p99: percentile(&mut latencies), ..Measured::new(latencies.len() as u64, elapsed) };
    let begin = Instant::now();
    let mut latencies =
        senders::http((process.http_port, &process::token()), sample, SENDERS, count(MOST_HTTP))?;
    let elapsed = begin.elapsed();
    let http = Measured { p99: percentile(&mut latencies), ..Measured::new(latencies.len() as u64, elapsed) };
    let sent = mllp.count + waiting.count + http.count + IDLE as u64;
    let stored = process::stored(site)?;
    ensure!(stored == sent, "the connector stored {stored} of {sent} messages");
    Ok(Doors { mllp, waiting, http })
}

/// The time within which 99 of 100 are done.
fn percentile(latencies: &mut [Duration]) -> Option<Duration> {
    latencies.sort_unstable();
    latencies.get((latencies.len() * 99 / 100).min(latencies.len().checked_sub(1)?)).copied()
}
