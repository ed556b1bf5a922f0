//! Progress bars for windows that take long, on a terminal only: standard error, between the lines of the log.
//!
//! There is one set of bars for the process, as there is one log and one set of metrics. Without [`show`] nothing is drawn.

use std::{
    sync::OnceLock,
    time::{Duration, Instant as Moment},
};

use emap_interchange::Instant;
use emap_service::telemetry;
use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressStyle};

/// Windows that are read sooner show nothing.
const LONG: Duration = Duration::from_secs(1);

static BARS: OnceLock<MultiProgress> = OnceLock::new();

/// Draws from now on, if standard error is a terminal.
pub(crate) fn show() {
    BARS.get_or_init(MultiProgress::new);
    telemetry::write_within(|write| match BARS.get() {
        Some(bars) => bars.suspend(write),
        None => write(),
    });
}

/// A window or pass that is being read; what is drawn of it goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Shown {
    name: &'static str,
    since: Moment,
    bounds: Option<(Instant, Instant)>,
    rows: u64,
    bar: Option<ProgressBar>,
}

impl Shown {
    /// Of a data type. How far it has got is known only between two bounds.
    pub(crate) fn new(name: &'static str, from: Option<Instant>, until: Option<Instant>) -> Self {
        Self { name, since: Moment::now(), bounds: from.zip(until), rows: 0, bar: None }
    }

    /// So many more rows were read, up to this time.
    pub(crate) fn advance(&mut self, rows: u64, reached: Option<Instant>) {
        self.rows += rows;
        let Some(bars) = BARS.get().filter(|_| self.since.elapsed() >= LONG) else { return };
        let (name, bounds) = (self.name, self.bounds);
        let elapsed = self.since.elapsed();
        let bar = self.bar.get_or_insert_with(|| bars.add(bar(name, bounds).with_elapsed(elapsed)));
        if let (Some((from, _)), Some(at)) = (bounds, reached) {
            bar.set_position(seconds(from, at));
        }
        bar.set_message(format!("{} rows", HumanCount(self.rows)));
        bar.tick();
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let (Some(bar), Some(bars)) = (self.bar.take(), BARS.get()) {
            bar.finish_and_clear();
            bars.remove(&bar);
        }
    }
}

fn bar(name: &'static str, bounds: Option<(Instant, Instant)>) -> ProgressBar {
    let (bar, template) = match bounds {
        Some((from, until)) => {
            (ProgressBar::new(seconds(from, until)), "{prefix:22} {bar:30} {percent:>3} % {msg} {elapsed}")
        }
        None => (ProgressBar::new_spinner(), "{prefix:22} {spinner} {msg} {elapsed}"),
    };
    let bar = bar.with_prefix(name);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        // The templates are right; without one the bar is drawn in the usual style.
        Err(_) => bar,
    }
}

fn seconds(from: Instant, until: Instant) -> u64 {
    u64::try_from((until - from).num_seconds()).unwrap_or(0)
}
