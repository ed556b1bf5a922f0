//! The description of a property, from its type and its default.

use super::{json::JsonWriter, names::Availability, shape::PropertyShape, traits::Wire};
use crate::features::Features;

impl PropertyShape {
    /// The property, with this value as its default.
    pub(crate) fn of<T: Wire>(name: &'static str, meaning: &'static str, default: &T) -> Self {
        let mut json = Vec::new();
        default.write(&mut JsonWriter::new(&mut json, Features::ALL));
        let default = String::from_utf8_lossy(&json).into_owned();
        let available = Availability::Always;
        Self { name, meaning: meaning.trim_start(), shape: T::shape(), default, available }
    }
}
