//! YAML: written directly, read by way of JSON.

mod scalar;
mod transcript;
mod writer;

pub(crate) use self::{transcript::Transcript, writer::YamlWriter};
