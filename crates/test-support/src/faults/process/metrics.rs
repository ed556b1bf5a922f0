//! Metrics in Prometheus' text form.

use std::collections::BTreeMap;

/// Values by series: name, with labels in braces as the daemon prints them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Reads what `/metrics` answers; lines that are no series are left out.
    pub fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let series = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self(series.collect())
    }

    /// The value of one series, for example `emap_consumer_rejected_total{queue="hl7Queue"}`.
    pub fn value(&self, series: &str) -> Option<f64> {
        self.0.get(series).copied()
    }

    /// The sum over all labels of a name; none if there is no such series.
    pub fn sum(&self, name: &str) -> Option<f64> {
        let of_name = |series: &str| series == name || series.starts_with(&format!("{name}{{"));
        let mut values =
            self.0.iter().filter(|(series, _)| of_name(series)).map(|(_, value)| *value).peekable();
        values.peek()?;
        Some(values.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn series_are_found_by_name_and_labels() {
        let metrics = Metrics::read("# TYPE a counter\na{q=\"x y\"} 2\na{q=\"z\"} 3\nab 7\n\nodd\n");
        assert_eq!(metrics.value("a{q=\"x y\"}"), Some(2.0));
        assert_eq!((metrics.sum("a"), metrics.sum("ab"), metrics.sum("b")), (Some(5.0), Some(7.0), None));
    }
}
