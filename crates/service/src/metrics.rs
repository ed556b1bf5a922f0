//! The Prometheus recorder behind the macros of the `metrics` crate (`counter!`, `gauge!`, `histogram!`).

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder of this process, once; later calls do nothing.
///
/// When another recorder is installed already (a program that embeds a daemon), that one goes on receiving the
/// figures and [`render`] shows none.
pub fn install() {
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if ::metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; /metrics stays empty");
        }
        handle
    });
}

/// All figures in the Prometheus text format, empty before [`install`].
pub fn render() -> String {
    let Some(handle) = HANDLE.get() else { return String::new() };
    // Moves what histograms collected since the last look into their buckets, so that it does not pile up.
    handle.run_upkeep();
    handle.render()
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
