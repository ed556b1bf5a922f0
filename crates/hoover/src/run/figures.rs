//! Figures for `/metrics`, each with the data type as label.

use std::time::Duration;

use emap_interchange::Instant;
use metrics::{counter, gauge, histogram};

pub(super) fn rows_read(data_type: &'static str, rows: u64) {
    counter!("emap_hoover_rows_total", "data_type" => data_type).increment(rows);
}

pub(super) fn messages_confirmed(data_type: &'static str, messages: usize) {
    counter!("emap_hoover_messages_total", "data_type" => data_type).increment(messages as u64);
}

pub(super) fn left_out(data_type: &'static str) {
    counter!("emap_hoover_left_out_total", "data_type" => data_type).increment(1);
}

pub(super) fn failed(data_type: &'static str) {
    counter!("emap_hoover_failures_total", "data_type" => data_type).increment(1);
}

pub(super) fn query_took(data_type: &'static str, time: Duration) {
    histogram!("emap_hoover_query_seconds", "data_type" => data_type).record(time.as_secs_f64());
}

/// How far what is published is behind what the source has.
pub(super) fn lag(data_type: &'static str, published_until: Instant, loaded_until: Instant) {
    let behind = (loaded_until - published_until).as_seconds_f64().max(0.0);
    gauge!("emap_hoover_lag_seconds", "data_type" => data_type).set(behind);
}
