//! What the machine, the broker and the database can do at most.

pub(super) mod broker;
pub(super) mod copy;
pub(super) mod split;
