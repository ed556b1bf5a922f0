//! JSON bodies.

pub(super) mod number;
pub(super) mod reader;
mod writer;

pub(crate) use self::{
    number::java_double,
    reader::{Reader, Target},
    writer::JsonWriter,
};
