//! Faults of networks, servers and processes, and the ledger that shows whether they cost a message.
//!
//! | module | subject |
//! |---|---|
//! | [`plan`] | what is to happen at which message |
//! | [`postgres`], [`amqp`], [`mllp`] | proxies that carry out a plan |
//! | [`server`] | faults of the servers themselves: read-only, full, no rights, alarms |
//! | [`process`] | daemons as child processes: signals, clock, memory, descriptors, health, metrics |
//! | [`schedule`] | a random, repeatable list of faults |
//! | [`ledger`] | sent = logged + rejected + queued; equal tables; gapless history; no patient data in files |

pub mod amqp;
pub mod ledger;
pub mod mllp;
pub mod plan;
pub mod postgres;
pub mod process;
mod proxy;
pub mod schedule;
mod script;
pub mod server;

pub use self::proxy::Proxy;
