//! The commands of the binary, a module each.

pub mod convert;
mod daemon;
pub mod explain;
pub mod retry;
pub mod run;
mod stored;
