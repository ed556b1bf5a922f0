//! Lists, maps and parts inside of messages.

use super::super::{Fault, Reader, Scalar, Shape, Token, Wire, WireWriter};
use crate::types::Questions;

/// A null in place of the list is read as an empty list, and a null in the list is skipped.
impl<T: Scalar> Wire for Vec<T> {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.begin_list(self.is_empty());
        for element in self {
            writer.item();
            element.write(writer);
        }
        writer.end_list(self.is_empty());
    }

    fn shape() -> Shape {
        Shape::list(T::shape())
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut list = Self::new();
        if reader.take_null()? {
            return Ok(list);
        }
        expect(reader, Token::Array, "a list")?;
        reader.elements(|reader, index| {
            let element: Option<T> = Wire::read(reader).map_err(|fault| fault.at_index(index))?;
            list.extend(element);
            Ok(())
        })?;
        Ok(list)
    }

    fn each_instant(&mut self, change: &mut dyn FnMut(&mut crate::types::Instant)) {
        for element in self {
            element.each_instant(change);
        }
    }
}

/// A null in place of the map is an empty one.
impl Wire for Questions {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.begin_map(self.is_empty());
        for (question, answer) in self {
            writer.key(question);
            answer.write(writer);
        }
        writer.end_map(self.is_empty());
    }

    fn shape() -> Shape {
        Shape::Questions
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut questions = Self::new();
        if reader.take_null()? {
            return Ok(questions);
        }
        expect(reader, Token::Object, "questions with answers")?;
        reader.entries(|reader, question| {
            questions.insert(question, Wire::read(reader)?);
            Ok(())
        })?;
        Ok(questions)
    }

    fn each_instant(&mut self, _change: &mut dyn FnMut(&mut crate::types::Instant)) {}
}

impl<T: Scalar> Scalar for Box<T> {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        T::write(self, writer);
    }

    fn shape() -> Shape {
        T::shape()
    }

    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        Ok(T::read(reader, token)?.map(Self::new))
    }

    fn each_instant(&mut self, change: &mut dyn FnMut(&mut crate::types::Instant)) {
        T::each_instant(self, change);
    }
}

/// The samples of a waveform; none may be missing, for their times are counted.
impl Scalar for Vec<f64> {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.numbers(self);
    }

    fn shape() -> Shape {
        Shape::list(Shape::Number)
    }

    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        if token != Token::Array {
            return Err(Fault::kind("a list of numbers", token, reader.offset()));
        }
        let mut samples = Self::new();
        reader.elements(|reader, index| {
            let at = reader.offset();
            let sample: Option<f64> = Wire::read(reader).map_err(|fault| fault.at_index(index))?;
            samples.push(sample.ok_or_else(|| Fault::unfit("a number", at).at_index(index))?);
            Ok(())
        })?;
        Ok(Some(samples))
    }
}

fn expect(reader: &mut Reader<'_>, wanted: Token, name: &'static str) -> Result<(), Fault> {
    let found = reader.token()?;
    if found == wanted { Ok(()) } else { Err(Fault::kind(name, found, reader.offset())) }
}
