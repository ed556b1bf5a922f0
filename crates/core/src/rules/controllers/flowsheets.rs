//! Observations during visits, and their kinds.

pub(crate) mod kinds;
pub(crate) mod mapping;
pub(crate) mod values;
