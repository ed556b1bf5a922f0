//! Figures of daemons, in the text form of Prometheus.

use std::{collections::BTreeMap, time::Duration};

/// Labels of a figure.
type Labels = BTreeMap<String, String>;

/// The figures of one daemon.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures(Vec<(String, Labels, f64)>);

impl Figures {
    /// Lines that cannot be read are left out.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.filter_map(figure).collect())
    }

    /// All figures of a name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = (&'f Labels, f64)> {
        self.0.iter().filter(move |(found, ..)| found == name).map(|(_, labels, value)| (labels, *value))
    }

    /// The figure of a name that has no labels.
    pub(super) fn value(&self, name: &str) -> Option<f64> {
        self.all(name).next().map(|(_, value)| value)
    }

    pub(super) fn label(&self, name: &str, label: &str) -> Option<&str> {
        self.0.iter().find(|(found, ..)| found == name)?.1.get(label).map(String::as_str)
    }
}

/// `name{label="value",…} number`
fn figure(line: &str) -> Option<(String, Labels, f64)> {
    let (name, value) = line.rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let Some((name, labels)) = name.split_once('{') else {
        return Some((name.to_owned(), Labels::new(), value));
    };
    let mut found = Labels::new();
    let mut rest = labels.strip_suffix('}')?;
    while let Some((label, after)) = rest.split_once("=\"") {
        let (text, length) = quoted(after)?;
        found.insert(label.trim_start_matches(',').to_owned(), text);
        rest = &after[length..];
    }
    Some((name.to_owned(), found, value))
}

/// A text up to its closing quote, and how long it is with that.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, at + 1)),
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            letter => value.push(letter),
        }
    }
    None
}

/// Messages that daemons have counted, by queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters {
    published: BTreeMap<String, f64>,
    taken: BTreeMap<String, f64>,
}

impl Counters {
    pub(super) fn is_empty(&self) -> bool {
        self.published.is_empty() && self.taken.is_empty()
    }

    pub(super) fn add(&mut self, figures: &Figures) {
        sum(figures, "emap_publisher_confirmed_total", &mut self.published);
        for name in ["emap_consumer_acknowledged_total", "emap_consumer_rejected_total"] {
            sum(figures, name, &mut self.taken);
        }
    }
}

fn sum(figures: &Figures, name: &str, counted: &mut BTreeMap<String, f64>) {
    for (labels, value) in figures.all(name) {
        if let Some(queue) = labels.get("queue") {
            *counted.entry(queue.clone()).or_default() += value;
        }
    }
}

/// Messages per second, by queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates {
    pub(super) published: BTreeMap<String, f64>,
    pub(super) taken: BTreeMap<String, f64>,
}

impl Rates {
    pub(super) fn between(before: &Counters, now: &Counters, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        let rate = |before: &BTreeMap<String, f64>, now: &BTreeMap<String, f64>| {
            let rates = now.iter().filter_map(|(queue, count)| {
                // A daemon that was started in between counts from 0 again.
                let more = (count - before.get(queue)?).max(0.0);
                (seconds > 0.0).then(|| (queue.clone(), more / seconds))
            });
            rates.collect()
        };
        Self { published: rate(&before.published, &now.published), taken: rate(&before.taken, &now.taken) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_with_their_labels() {
        let figures = Figures::parse(
            "# TYPE a counter\na{queue=\"hl7Queue\",x=\"a \\\"b\\\" {c}, \\n\"} 3\n\na{queue=\"other\"} 4.5\nplain 1e3\nbroken\nq{a=\"b} 1\n",
        );
        let queues: Vec<_> =
            figures.all("a").map(|(labels, value)| (labels["queue"].as_str(), value)).collect();
        assert_eq!(queues, [("hl7Queue", 3.0), ("other", 4.5)]);
        assert_eq!(figures.label("a", "x"), Some("a \"b\" {c}, \n"));
        assert_eq!((figures.value("plain"), figures.value("none")), (Some(1000.0), None));
    }

    #[test]
    fn rates_are_what_came_in_between() {
        let counters = |confirmed: u32, acknowledged: u32| {
            let mut counters = Counters::default();
            counters.add(&Figures::parse(&format!(
                "emap_publisher_confirmed_total{{queue=\"q\"}} {confirmed}\nemap_consumer_acknowledged_total{{queue=\"q\"}} \
                 {acknowledged}\nemap_consumer_rejected_total{{queue=\"q\"}} 1\n"
            )));
            counters
        };
        let rates = Rates::between(&counters(10, 100), &counters(30, 20), Duration::from_secs(2));
        assert_eq!((rates.published["q"], rates.taken["q"]), (10.0, 0.0));
    }
}
