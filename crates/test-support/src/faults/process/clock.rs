//! A clock that a test can set: that of a daemon's process, and of no other.
//!
//! A small library, compiled when it is needed and loaded before all others, adds an offset to the wall clock that the
//! process asks for. The programs themselves know nothing of it, so the builds that sites use can be tried.

use std::{
    fs,
    io::{self, Seek, Write},
    path::{Path, PathBuf},
    process::Command,
};

use super::daemon::Builder;

const SOURCE: &str = include_str!("clock.c");

/// A clock of processes that are started with it.
#[derive(Debug)]
pub struct Clock {
    library: PathBuf,
    offset: PathBuf,
}

impl Clock {
    /// Makes a clock that is right; what it consists of goes to this directory, which must stay.
    ///
    /// # Errors
    /// There is no C compiler, or the directory cannot be written.
    pub fn new(directory: &Path) -> io::Result<Self> {
        let (source, library) = (directory.join("clock.c"), directory.join("clock.so"));
        fs::write(&source, SOURCE)?;
        let output =
            Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).args([&library, &source]).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let clock = Self { library, offset: directory.join("clock.offset") };
        fs::write(&clock.offset, 0_i64.to_ne_bytes())?;
        Ok(clock)
    }

    /// The daemon, with this clock.
    #[must_use]
    pub fn of(&self, daemon: Builder) -> Builder {
        daemon.environment("LD_PRELOAD", &self.library).environment("EMAP_TEST_CLOCK", &self.offset)
    }

    /// From now on the clock is so many milliseconds fast, or slow if below zero. 0: it is right again.
    ///
    /// # Errors
    /// The file that holds the offset cannot be written.
    pub fn set(&self, milliseconds: i64) -> io::Result<()> {
        // In place: processes have the file mapped.
        let mut file = fs::OpenOptions::new().write(true).open(&self.offset)?;
        file.rewind()?;
        file.write_all(&milliseconds.saturating_mul(1_000_000).to_ne_bytes())
    }
}
