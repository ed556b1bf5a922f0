//! What types, and the writers of the two forms, have to do to take part in reading and writing.

use super::{
    error::Fault,
    json::reader::{Reader, Target},
    names::{Property, Status},
    shape::{ClassShape, PropertyShape, Shape},
    token::Token,
};
use crate::{features::Features, types::Instant};

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
    fn each_property_instant(&mut self, change: &mut dyn FnMut(&mut Instant));
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
    fn every_instant(&mut self, change: &mut dyn FnMut(&mut Instant));
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
    fn each_instant(&mut self, change: &mut dyn FnMut(&mut Instant));
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
    fn each_instant(&mut self, _change: &mut dyn FnMut(&mut Instant)) {}
}

/// A wire form being written.
pub(crate) trait WireWriter {
    /// What the receivers understand.
    fn features(&self) -> Features;
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
    fn instant(&mut self, value: Instant);
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
