//! `emap-bench`: what this machine can do at most, and what EMAP makes of it.
//!
//! Raw limits and EMAP's own figures come from the same run and the same messages, round by round, so that a busy
//! machine affects both; goals are ratios of the two. The daemons are measured as processes of their own, as in
//! production.

mod cli;
mod figures;
mod memory;
mod migration;
mod ours;
mod output;
mod phases;
mod raw;
mod report;
mod rounds;
mod sample;
mod site;
mod stage;

pub use self::cli::Cli;
