//! The scalar types: how each is written, and which other forms are accepted for it.

mod bytes;
mod date;
mod instant;
mod iso;
mod lists;
mod numbers;
mod text;
mod time;
mod truth;

use super::{Fault, Reader, Scalar, Shape, Token, Wire, WireWriter};

impl<T: Scalar> Wire for Option<T> {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        match self {
            None => writer.null(),
            Some(value) => value.write(writer),
        }
    }

    fn shape() -> Shape {
        Shape::Nullable(Box::new(T::shape()))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        if reader.take_null()? {
            return Ok(None);
        }
        let token = reader.token()?;
        T::read(reader, token)
    }

    fn each_instant(&mut self, change: &mut dyn FnMut(&mut crate::types::Instant)) {
        if let Some(value) = self {
            value.each_instant(change);
        }
    }
}

/// The whole number that comes next; nothing else will do.
fn integer(reader: &mut Reader<'_>) -> Result<i64, Fault> {
    let token = reader.token()?;
    let at = reader.offset();
    if token != Token::Number {
        return Err(Fault::kind("a whole number", token, at));
    }
    reader.literal()?.parse().map_err(|_| Fault::unfit("a whole number", at))
}

/// The whole numbers of a short list. One more than `MOST` is kept, so that too many are noticed.
fn integers<const MOST: usize>(reader: &mut Reader<'_>) -> Result<Vec<i64>, Fault> {
    let mut numbers = Vec::with_capacity(MOST);
    reader.elements(|reader, index| {
        let number = integer(reader).map_err(|fault| fault.at_index(index))?;
        if index <= MOST {
            numbers.push(number);
        }
        Ok(())
    })?;
    Ok(numbers)
}

/// Reads a scalar of its own, with nothing before or after it.
#[cfg(test)]
pub(super) fn read_alone<T: Scalar>(json: &str) -> Result<Option<T>, crate::wire::DecodeError> {
    let mut reader = Reader::json(json.as_bytes());
    Wire::read(&mut reader).and_then(|value| reader.finish().map(|()| value)).map_err(Fault::in_json)
}

/// The JSON of one scalar.
#[cfg(test)]
pub(super) fn written(value: &impl Scalar) -> String {
    let mut out = Vec::new();
    value.write(&mut super::JsonWriter::new(&mut out, crate::features::Features::ALL));
    String::from_utf8_lossy(&out).into_owned()
}
