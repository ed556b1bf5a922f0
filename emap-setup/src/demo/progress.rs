//! Progress bars of reader and core; plain lines where there is no terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output::line;

/// One bar for each of the two.
pub(super) struct Bars {
    reader: ProgressBar,
    core: ProgressBar,
}

impl Bars {
    /// Bars for this many rows of the message store; how many messages they give is not known before.
    pub(super) fn new(rows: u64) -> Self {
        let all = MultiProgress::new();
        let bar = |name: &'static str| {
            let style = ProgressStyle::with_template("{prefix:7} {bar:40} {pos}/{len} {per_sec}");
            let bar = ProgressBar::new(rows).with_prefix(name);
            all.add(style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style)))
        };
        Self { reader: bar("reader"), core: bar("core") }
    }

    /// The reader has taken this many rows.
    pub(super) fn reader(&self) -> ProgressBar {
        self.reader.clone()
    }

    /// Core has dealt with this many messages.
    pub(super) fn core(&self) -> ProgressBar {
        self.core.clone()
    }

    /// Ends both, saying how many there were.
    pub(super) fn finish(&self, rows: u64, messages: u64) {
        for (bar, count) in [(&self.reader, rows), (&self.core, messages)] {
            bar.set_length(count);
            bar.set_position(count);
            bar.finish();
        }
        if self.reader.is_hidden() {
            line(format_args!("Reader: {rows} rows read"));
            line(format_args!("Core: {messages} messages processed"));
        }
    }
}
