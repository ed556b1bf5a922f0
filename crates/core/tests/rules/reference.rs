//! Forms, places and opt-outs.

pub(crate) mod batches;
mod beds;
mod departments;
mod feature;
mod forms;
pub(crate) mod messages;
mod opt_outs;
mod order_dependence;
mod people_deleted;
mod periods;
mod rooms;
pub(crate) mod streams;
mod templates;
mod unreadable;
