//! Standard output, the one place where the command prints.
#![allow(clippy::print_stdout, reason = "printing is what a command is for")]

use std::fmt::Display;

/// Prints a line.
pub(crate) fn line(text: impl Display) {
    println!("{text}");
}
