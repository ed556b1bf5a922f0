//! Places: what the hospital calls them, and the periods in which their states stayed the same.

mod agreed;
pub(crate) mod beds;
pub(crate) mod departments;
pub(crate) mod links;
mod period;
pub(crate) mod rooms;
pub(crate) mod specialities;
