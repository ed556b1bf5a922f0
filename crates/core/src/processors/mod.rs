//! One module per family of messages: it resolves patient and visit, and calls the controllers.

pub(crate) mod adt;
