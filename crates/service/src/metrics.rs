//! The Prometheus recorder behind the macros of the `metrics` crate (`counter!`, `gauge!`, `histogram!`).

use std::sync::OnceLock;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder of this process, once; later calls do nothing.
///
/// When another recorder is installed already (a program that embeds a daemon), that one goes on receiving the
/// figures and [`render`] shows none.
pub fn install() {
    install_built(PrometheusBuilder::new());
}

/// The same, with these histograms shown in buckets (the upper bounds) instead of quantiles.
///
/// # Errors
/// When a list of bounds is empty.
pub fn install_with_buckets(histograms: &[(&str, &[f64])]) -> Result<(), BuildError> {
    let builder = histograms.iter().try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
        builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), bounds)
    })?;
    install_built(builder);
    Ok(())
}

fn install_built(builder: PrometheusBuilder) {
    HANDLE.get_or_init(|| {
        let recorder = builder.build_recorder();
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
