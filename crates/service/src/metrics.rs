//! The Prometheus recorder behind the macros of the `metrics` crate (`counter!`, `gauge!`, `histogram!`).

use std::{
    sync::{Once, OnceLock},
    thread,
    time::Duration,
};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// How often the samples of histograms are summed up. Until then each takes its place in memory.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder of this process, once; later calls do nothing.
///
/// When another recorder is installed already (a program that embeds a daemon), that one goes on receiving the
/// figures and [`render`] shows none.
pub fn install() {
    install_built(PrometheusBuilder::new(), UPKEEP);
}

/// As [`install`]; samples are summed up so often, whether or not anything reads the figures.
///
/// A sample that is recorded at the very instant of summing up may be missing from its histogram (`metrics-util` 0.20).
/// Counters and gauges are exact.
pub fn install_with_upkeep(every: Duration) {
    install_built(PrometheusBuilder::new(), every);
}

/// As [`install`], with these histograms shown in buckets (the upper bounds) instead of quantiles.
///
/// # Errors
/// When a list of bounds is empty.
pub fn install_with_buckets(histograms: &[(&str, &[f64])]) -> Result<(), BuildError> {
    let builder = histograms.iter().try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
        builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), bounds)
    })?;
    install_built(builder, UPKEEP);
    Ok(())
}

fn install_built(builder: PrometheusBuilder, every: Duration) {
    static UPKEEP: Once = Once::new();
    let handle = HANDLE.get_or_init(|| {
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if ::metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; /metrics stays empty");
        }
        ::metrics::gauge!("emap_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        handle
    });
    // A thread and no task: it must outlive any runtime of the process.
    UPKEEP.call_once(|| {
        let started = thread::Builder::new().name("metrics".to_owned()).spawn(move || {
            loop {
                thread::sleep(every);
                handle.run_upkeep();
            }
        });
        if let Err(error) = started {
            tracing::error!(%error, "the samples of metrics are summed up only when /metrics is read");
        }
    });
}

/// All figures in the Prometheus text format, empty before [`install`].
pub fn render() -> String {
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_counter_shows_up() {
        super::install();
        super::install();
        ::metrics::counter!("emap_test_total", "reason" => "none").increment(3);
        assert!(super::render().contains("emap_test_total{reason=\"none\"} 3"));
    }
}
