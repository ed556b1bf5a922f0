//! The commands of the binary, a module each.

pub mod convert;
pub mod explain;
pub mod migrate;
pub mod replay;
pub mod run;
mod stored;
