//! Log lines on standard error (standard output belongs to commands that print results).

use std::{
    io::{self, Write},
    sync::OnceLock,
};

use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

use crate::settings::{LogFormat, LogSettings};

/// Starts logging for the whole process; a second call does nothing.
///
/// The configured level is that of EMAP's own crates; everything else logs from WARN.
pub fn init(settings: &LogSettings) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(settings.level))
        .with_span_events(FmtSpan::NONE)
        .with_writer(|| Lines);
    // An error means that a subscriber is installed already (tests, embedding programs): theirs is kept.
    let _already_there = match settings.format {
        LogFormat::Plain => builder.with_ansi(use_colours()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

/// Something that is done with a write of the log.
type Around = fn(&mut dyn FnMut());

static AROUND: OnceLock<Around> = OnceLock::new();

/// From now on each line of the log is written within `around`, which must call what it is given: a program that draws on
/// the terminal removes its drawing meanwhile. The first call counts.
pub fn write_within(around: Around) {
    // A second drawing would need the first to know of it.
    let _ = AROUND.set(around);
}

/// Standard error, a line of the log at a time.
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut written = Ok(());
        let mut write = || written = io::stderr().write_all(line);
        match AROUND.get() {
            Some(around) => around(&mut write),
            None => write(),
        }
        written.map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn use_colours() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn filter(level: tracing::level_filters::LevelFilter) -> EnvFilter {
    use tracing::level_filters::LevelFilter;
    let others = level.min(LevelFilter::WARN);
    // The broker's library logs whole message bodies (returned messages), SQL Server's the errors of the server, which may
    // quote values: patient data. What matters of these connections we say ourselves.
    EnvFilter::new(format!("{others},lapin=off,tiberius=off,emap={level}"))
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::*;

    #[test]
    fn our_level_does_not_open_the_libraries() {
        assert_eq!(filter(LevelFilter::DEBUG).to_string(), "tiberius=off,lapin=off,emap=debug,warn");
        assert_eq!(filter(LevelFilter::OFF).to_string(), "tiberius=off,lapin=off,emap=off,off");
    }
}
