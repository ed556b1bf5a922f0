//! What EMAP does.

pub(crate) mod connector;
pub(crate) mod convert;
pub(crate) mod daemons;
pub(crate) mod extracts;
pub(crate) mod in_process;
pub(crate) mod partitions;
