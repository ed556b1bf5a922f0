//! JSON bodies.

mod number;
mod reader;
mod writer;

pub(crate) use number::java_double;
pub(crate) use reader::{Reader, Token};
pub(crate) use writer::JsonWriter;
