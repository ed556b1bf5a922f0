//! What EMAP does.

pub(super) mod convert;
pub(super) mod daemons;
pub(super) mod in_process;
