//! Log lines of the commands that set an instance up: for a person at a terminal, on standard error.
#![allow(clippy::print_stderr, reason = "a command's log goes there")]

use std::fmt::Display;

use emap_service::program::one_line;

/// Something that was done.
pub(crate) fn info(from: &str, text: impl Display) {
    write(from, "INFO", text);
}

/// Something that may be wrong.
pub(crate) fn warn(from: &str, text: impl Display) {
    write(from, "WARNING", text);
}

/// Why the command does nothing, as its other errors are printed.
pub(crate) fn error(text: impl Display) {
    eprintln!("emap: {}", one_line(&text.to_string()));
}

fn write(from: &str, level: &str, text: impl Display) {
    eprintln!("{from:<12}: {level:<8} {}", one_line(&text.to_string()));
}
