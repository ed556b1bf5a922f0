//! How messages are written and read: one declaration per type, two writers, one reader.
//!
//! [`declare`] holds the macros that list a type's properties; [`json`] writes and reads queue bodies;
//! [`yaml`] writes fixtures and turns YAML into JSON for the same reader, so that leniency and
//! strictness are decided once, in [`scalars`] and [`wrapper`].

pub(crate) mod declare;
mod error;
mod json;
mod scalars;
mod shape;
mod wrapper;
mod yaml;

pub(crate) use declare::{constants, record, variants};
pub(crate) use error::Fault;
pub use error::{DecodeError, Position, Problem};
pub(crate) use json::{JsonWriter, Reader, Token};
pub(crate) use shape::{ClassShape, PropertyShape, Shape};
pub(crate) use wrapper::WRAPPER_CLASS;
pub(crate) use yaml::{Transcript, YamlWriter};

/// Prefix of every class name on the wire; contractual with peers.
macro_rules! package {
    () => {
        "uk.ac.ucl.rits.inform.interchange."
    };
}
pub(crate) use package;

/// The property that carries the class of an object.
pub(crate) const CLASS: &str = "@class";

/// One property of a class.
#[derive(Debug)]
pub(crate) struct Property {
    /// The name as JSON writes it after another property: `,"name":`.
    key: &'static str,
}

impl Property {
    /// From `,"name":`; only the declaring macros call this.
    pub(crate) const fn from_key(key: &'static str) -> Self {
        Self { key }
    }

    /// As JSON writes it after another property: `,"name":`.
    pub(crate) fn key(&self) -> &'static [u8] {
        self.key.as_bytes()
    }

    pub(crate) fn name(&self) -> &'static str {
        &self.key[2..self.key.len() - 2]
    }
}

/// A group of declared properties: those of a struct, or those of an enum's present variant.
pub(crate) trait Properties {
    /// In the order of writing.
    fn properties(&self) -> &'static [Property];

    /// Writes all of them, in order.
    fn write_properties<W: WireWriter>(&self, writer: &mut W);

    /// Reads a value into the property at `index` of [`properties`](Self::properties).
    fn read_property(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault>;

    /// What they are, their present values taken for the defaults.
    fn property_shapes(&self) -> Vec<PropertyShape>;

    /// As [`Wire::each_instant`].
    fn each_property_instant(&mut self, change: &mut dyn FnMut(&mut crate::Instant));
}

/// An object being read: what it is composed of is its own matter.
pub(crate) trait Target {
    /// The property at `index`, `None` beyond the last.
    fn property(&self, index: usize) -> Option<&'static Property>;

    /// Its name.
    fn property_name(&self, index: usize) -> Option<&'static str> {
        self.property(index).map(Property::name)
    }

    /// Reads a value into the property at `index`.
    fn read_property(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault>;

    /// Whether a property that the class does not have is skipped rather than a fault.
    fn ignores(&self, _name: &str) -> bool {
        false
    }
}

/// What is a class of its own, or one of several.
pub(crate) trait Classed: Target + Sized {
    /// The full class name.
    fn class_name(&self) -> &'static str;

    /// The state of a fresh object of this class, everything at its default, if it is the right class.
    fn for_class(class: &str) -> Option<Self>;

    /// One object of each class, everything at its default.
    fn all_classes() -> Vec<Self>;

    /// Writes all properties, in order.
    fn write_all<W: WireWriter>(&self, writer: &mut W);

    /// What an object like this is, its present content taken for the defaults.
    fn class_shape(&self) -> ClassShape;

    /// As [`Wire::each_instant`].
    fn every_instant(&mut self, change: &mut dyn FnMut(&mut crate::Instant));
}

/// Writes the object with its class.
pub(crate) fn write_record<W: WireWriter>(record: &impl Classed, writer: &mut W) {
    writer.begin_record(record.class_name());
    record.write_all(writer);
    writer.end_record();
}

/// What a property can be declared as.
pub(crate) trait Wire: Sized {
    fn write<W: WireWriter>(&self, writer: &mut W);
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault>;
    /// What can be written and is sure to be read.
    fn shape() -> Shape;

    /// Changes every point in time inside.
    fn each_instant(&mut self, change: &mut dyn FnMut(&mut crate::Instant));
}

/// A value that is there: what may stand inside an `Option`, a list or a wrapper.
pub(crate) trait Scalar: Sized {
    fn write<W: WireWriter>(&self, writer: &mut W);

    /// Reads a value that starts with `token`, which is not null. `None` is for forms that mean null,
    /// such as the empty text for a number.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault>;

    /// As [`Wire::shape`].
    fn shape() -> Shape;

    /// As [`Wire::each_instant`].
    fn each_instant(&mut self, _change: &mut dyn FnMut(&mut crate::Instant)) {}
}

/// A wire form being written.
pub(crate) trait WireWriter {
    fn begin_record(&mut self, class: &'static str);
    fn end_record(&mut self);
    /// Starts a property of the present record; its value follows.
    fn property(&mut self, property: &Property);
    /// A wrapper without a value.
    fn empty_wrapper(&mut self, status: Status);
    fn begin_wrapper(&mut self);
    /// After the wrapper's value.
    fn end_wrapper(&mut self, status: Status);
    fn null(&mut self);
    fn truth(&mut self, value: bool);
    fn whole(&mut self, value: i64);
    fn number(&mut self, value: f64);
    fn text(&mut self, value: &str);
    /// Text that needs no escaping in any form, such as the name of a constant.
    fn word(&mut self, value: &'static str);
    fn instant(&mut self, value: crate::Instant);
    fn date(&mut self, value: chrono::NaiveDate);
    fn time(&mut self, value: chrono::NaiveTime);
    fn bytes(&mut self, value: &[u8]);
    /// A whole list of numbers.
    fn numbers(&mut self, values: &[f64]);
    /// A list that holds something, unless it is empty.
    fn begin_list(&mut self, empty: bool);
    /// Before each element of a list.
    fn item(&mut self);
    /// After the last element.
    fn end_list(&mut self, empty: bool);
    /// A map that holds something, unless it is empty.
    fn begin_map(&mut self, empty: bool);
    /// Before each value of a map.
    fn key(&mut self, key: &str);
    /// After the last value.
    fn end_map(&mut self, empty: bool);
}

declare::constants! {
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
