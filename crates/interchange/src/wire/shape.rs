//! Descriptions of classes and properties, from which the schemas are made.

use super::names::Availability;

/// What a property or an element of a list can hold.
pub(crate) enum Shape {
    Text,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    Number,
    Truth,
    Instant,
    Date,
    Time,
    Bytes,
    /// One of some names, which belong to a list of this name.
    Constant(&'static str, Vec<&'static str>),
    /// An object of a class that is no message. A part may hold parts like itself.
    Part(fn() -> ClassShape),
    List(Box<Shape>),
    /// Texts, or nulls, by freely chosen names.
    Questions,
    Nullable(Box<Shape>),
    Wrapped(Box<Shape>),
}

impl Shape {
    /// A list of `elements`.
    pub(crate) fn list(elements: Self) -> Self {
        Self::List(Box::new(elements))
    }
}

/// A class and its properties.
pub(crate) struct ClassShape {
    /// The full class name.
    pub(crate) class: &'static str,
    /// Which peers have it.
    pub(crate) available: Availability,
    /// What it is about.
    pub(crate) meaning: &'static str,
    /// In the order of writing.
    pub(crate) properties: Vec<PropertyShape>,
}

impl ClassShape {
    /// Puts the properties that several classes have in common before the others.
    pub(crate) fn behind(mut self, common: Vec<PropertyShape>) -> Self {
        self.properties.splice(0..0, common);
        self
    }
}

/// One property of a class.
pub(crate) struct PropertyShape {
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) meaning: &'static str,
    pub(crate) shape: Shape,
    /// What counts if the property is left out, as JSON.
    pub(crate) default: String,
    /// Which peers have it.
    pub(crate) available: Availability,
}

impl PropertyShape {
    /// The property, for these peers.
    pub(crate) fn available(self, available: Availability) -> Self {
        Self { available, ..self }
    }
}
