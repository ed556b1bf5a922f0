//! The names that every body contains: classes, properties, constants.

use super::named::{named, package};
use crate::features::{Feature, Features};

/// The property that carries the class of an object.
pub(crate) const CLASS: &str = "@class";

/// Class of the value wrapper, for values of every type.
pub(crate) const WRAPPER_CLASS: &str = concat!(package!(), "InterchangeValue");

/// One property of a class.
#[derive(Debug)]
pub(crate) struct Property {
    /// The name as JSON writes it after another property: `,"name":`.
    key: &'static str,
    /// Which peers have it.
    pub(crate) available: Availability,
    /// Another name that some peers gave it.
    pub(crate) also: Option<&'static str>,
}

impl Property {
    /// From `,"name":`; only the declaring macros call this.
    pub(crate) const fn new(key: &'static str, available: Availability) -> Self {
        Self { key, available, also: None }
    }

    /// The property, with a second name under which it is read.
    pub(crate) const fn also(self, name: &'static str) -> Self {
        Self { also: Some(name), ..self }
    }

    /// As JSON writes it after another property: `,"name":`.
    pub(crate) fn key(&self) -> &'static [u8] {
        self.key.as_bytes()
    }

    pub(crate) fn name(&self) -> &'static str {
        &self.key[2..self.key.len() - 2]
    }
}

/// Which peers have a class or a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// All of them.
    Always,
    /// Those with a feature.
    Since(Feature),
    /// Those without a feature.
    Until(Feature),
    /// Some that were never released.
    Unreleased,
}

impl Availability {
    /// Whether peers with exactly these features have it.
    pub(crate) fn within(self, features: Features) -> bool {
        match self {
            Self::Always => true,
            Self::Since(feature) => features.has(feature),
            Self::Until(feature) => !features.has(feature),
            Self::Unreleased => false,
        }
    }
}

named! {
    /// State of a wrapper on the wire.
    pub(crate) enum Status {
        /// The value is to be stored.
        Save = "SAVE",
        /// The stored value is to be cleared.
        Delete = "DELETE",
        /// Nothing is said.
        Ignore = "IGNORE",
    }
}
