//! Polls the reporting database, the warehouse and the form answers of the message store, and publishes what changed as
//! interchange messages.
//!
//! ```text
//!  Application ── builds ──► Processor (QueryStrategy) × 15 ── are streams of ──► BatchProcessor
//!  query (SQL file) ──► Row ──► Record ──► message ──► queue databaseExtracts ──► progress, once confirmed
//! ```
//!
//! * [`data_types`]: one file for each data type: what it asks for, the row, the message
//! * [`strategy`]: what a data type has to say about itself
//! * [`reading`]: one window or pass, from rows to records in order
//! * [`source`]: the databases, and the care that is taken of them
//! * [`contract`]: what a query must return, printed and checked
//! * [`run`](mod@run): the daemon
//! * [`progress`]: how far each data type has got

mod bars;
pub mod cell;
pub mod clock;
pub mod column;
pub mod commands;
pub mod contract;
pub mod data_types;
pub mod progress;
pub mod queries;
pub mod reading;
pub mod row;
pub mod run;
mod settings;
pub mod source;
pub mod strategy;
mod values;

pub use self::settings::{ConfigurationError, HooverSettings, RunSettings, SourceSettings};
