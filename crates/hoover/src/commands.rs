//! The commands of the binary, a module each.

pub mod check;
pub mod contract;
mod exit;
pub mod progress;
pub mod query;
pub mod run;

pub use self::exit::exit_code;
