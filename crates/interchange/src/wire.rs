//! How messages are written and read: one declaration per type, two writers, one reader.
//!
//! [`declare`] holds the macros that list a type's properties and implement the [`traits`] of reading and writing;
//! [`json`] writes and reads queue bodies; [`yaml`] writes fixtures and turns YAML into JSON for the same reader, so
//! that leniency and strictness are decided once, in [`scalars`] and [`wrapper`].

pub(crate) mod declare;
mod described;
mod error;
mod json;
pub(crate) mod named;
mod names;
mod scalars;
mod shape;
mod token;
mod traits;
mod wrapper;
mod yaml;

pub use self::error::{DecodeError, Position, Problem};

pub(crate) use self::{
    error::Fault,
    json::{JsonWriter, Key, Reader, Target},
    names::{Availability, CLASS, Property, WRAPPER_CLASS},
    shape::{ClassShape, PropertyShape, Shape},
    token::Token,
    traits::{Classed, Properties, Scalar, Wire, WireWriter, write_record},
    yaml::{Transcript, YamlWriter},
};
