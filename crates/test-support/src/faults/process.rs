//! Daemons as child processes: started, asked, stopped, killed, paused, measured.
//!
//! ```no_run
//! use std::time::Duration;
//! use emap_test_support::faults::process::Daemon;
//!
//! let core = Daemon::build("target/debug/core").argument("run").environment("UDS_SCHEMA", "star");
//! let mut core = core.spawn("core.log")?;
//! assert!(core.wait_until_ready(Duration::from_secs(30)));
//! core.terminate();
//! assert_eq!(core.wait(Duration::from_secs(30)).and_then(|status| status.code()), Some(0));
//! # Ok::<(), std::io::Error>(())
//! ```

mod clock;
mod daemon;
mod http;
mod metrics;
mod usage;

pub use self::{
    clock::Clock,
    daemon::{Builder, Daemon},
    http::{Answer, free_port, get},
    metrics::Metrics,
    usage::Usage,
};
