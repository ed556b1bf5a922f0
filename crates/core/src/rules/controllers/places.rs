//! Places: what the hospital calls them, and the periods in which their states stayed the same.

pub(crate) mod beds;
pub(crate) mod departments;
pub(crate) mod links;
mod period;
pub(crate) mod rooms;
