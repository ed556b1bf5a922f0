//! JSON bodies.

pub(super) mod number;
pub(super) mod reader;
mod writer;

pub(crate) use self::{
    number::java_double,
    reader::{Key, Reader, Target},
    writer::JsonWriter,
};
