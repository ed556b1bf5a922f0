//! The value wrapper on the wire.

use super::{
    Availability, Fault, Property, Reader, Scalar, Shape, Target, WRAPPER_CLASS, Wire, WireWriter, declare,
    named::package, names::Status,
};
use crate::value::InterchangeValue;

declare::constant_values!(Status);

/// How every known peer begins a wrapper.
macro_rules! head {
    () => {
        concat!("{\"@class\":\"", package!(), "InterchangeValue\",\"value\":")
    };
}

const HEAD: &[u8] = head!().as_bytes();
const UNKNOWN: &[u8] = concat!(head!(), "null,\"status\":\"IGNORE\"}").as_bytes();
const PLAIN_DELETE: &[u8] = concat!(head!(), "null,\"status\":\"DELETE\"}").as_bytes();
const SAVE_TAIL: &[u8] = b",\"status\":\"SAVE\"}";

impl<T: Scalar> Wire for InterchangeValue<T> {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        let (value, status) = match self {
            Self::Unknown => return writer.empty_wrapper(Status::Ignore),
            Self::Delete(None) => return writer.empty_wrapper(Status::Delete),
            Self::Save(value) => (value, Status::Save),
            Self::Delete(Some(value)) => (value, Status::Delete),
        };
        writer.begin_wrapper();
        value.write(writer);
        writer.end_wrapper(status);
    }

    fn shape() -> Shape {
        Shape::Wrapped(Box::new(T::shape()))
    }

    /// A null in place of the wrapper is read as an unknown one.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        if let Some(value) = read_usual_form(reader)? {
            return Ok(value);
        }
        if reader.take_null()? {
            return Ok(Self::Unknown);
        }
        let mut parts = Parts { value: None, status: None };
        reader.record(WRAPPER_CLASS, &mut parts)?;
        Ok(parts.assemble())
    }

    fn each_instant(&mut self, change: &mut dyn FnMut(&mut crate::types::Instant)) {
        if let Self::Save(value) | Self::Delete(Some(value)) = self {
            value.each_instant(change);
        }
    }
}

/// The form of the known peers, without looking at each key: nearly every wrapper of every message.
fn read_usual_form<T: Scalar>(reader: &mut Reader<'_>) -> Result<Option<InterchangeValue<T>>, Fault> {
    if reader.skip_exactly(UNKNOWN) {
        return Ok(Some(InterchangeValue::Unknown));
    }
    if reader.skip_exactly(PLAIN_DELETE) {
        return Ok(Some(InterchangeValue::Delete(None)));
    }
    let start = reader.mark();
    if !reader.skip_exactly(HEAD) {
        return Ok(None);
    }
    let value: Option<T> = Wire::read(reader).map_err(|fault| fault.in_property("value"))?;
    if reader.skip_exactly(SAVE_TAIL) {
        return Ok(Some(value.map_or(InterchangeValue::Delete(None), InterchangeValue::Save)));
    }
    reader.rewind(start);
    Ok(None)
}

/// The content of a wrapper, while and after it is read.
struct Parts<T> {
    value: Option<T>,
    status: Option<Status>,
}

impl<T> Parts<T> {
    /// A saved null clears; without a status the value decides.
    fn assemble(self) -> InterchangeValue<T> {
        match (self.status, self.value) {
            (Some(Status::Ignore), _) => InterchangeValue::Unknown,
            (Some(Status::Save) | None, Some(value)) => InterchangeValue::Save(value),
            (Some(Status::Save) | None, None) => InterchangeValue::Delete(None),
            (Some(Status::Delete), value) => InterchangeValue::Delete(value),
        }
    }
}

impl<T: Scalar> Target for Parts<T> {
    fn property(&self, index: usize) -> Option<&'static Property> {
        declare::properties!["value" [] [], "status" [] []].get(index)
    }

    fn read_property(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault> {
        if index == 0 {
            self.value = Wire::read(reader)?;
        } else {
            self.status = Wire::read(reader)?;
        }
        Ok(())
    }

    fn ignored(&self, name: &str) -> Option<Availability> {
        matches!(name, "unknown" | "save" | "delete").then_some(Availability::Always)
    }
}
