//! `emap-torture`: the whole pipeline under injected faults, and the ledger afterwards.
//!
//! Private servers, the real daemons as processes, and between them proxies that know the protocols. A seeded schedule
//! of faults happens while the messages of an invented hospital arrive. At the end all faults are lifted; what is then in
//! the databases has to be what an undisturbed run over the same messages gives.

mod cli;
mod daemons;
mod databases;
mod diagnose;
mod engine;
mod equality;
mod faults;
mod gauges;
mod kinds;
mod lanes;
mod outbox;
mod output;
mod report;
mod roles;
mod rules;
mod run;
mod servers;
mod site;
mod stream;
mod verdict;
mod watch;
mod writer;

pub use self::cli::Cli;
