//! What the machine, the broker and the database can do at most.

pub(crate) mod broker;
pub(crate) mod commit;
pub(crate) mod copy;
pub(crate) mod split;
