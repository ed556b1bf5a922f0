//! The description of a property, from its type and its default.

use super::{json::JsonWriter, shape::PropertyShape, traits::Wire};

impl PropertyShape {
    /// The property, with this value as its default.
    pub(crate) fn of<T: Wire>(name: &'static str, meaning: &'static str, default: &T) -> Self {
        let mut json = Vec::new();
        default.write(&mut JsonWriter::new(&mut json));
        let default = String::from_utf8_lossy(&json).into_owned();
        Self { name, meaning: meaning.trim_start(), shape: T::shape(), default }
    }
}
