//! Messages.

use memchr::memchr2;

use crate::{envelope, error::ParseError, fields::Fields, segment::Segment, separators::Separators};

/// An ordinary message has fewer segments than this.
const USUAL_SEGMENTS: usize = 16;

/// A message: its text, cut into segments. Borrows the text.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    segments: Vec<Segment<'a>>,
    separators: Separators,
    text: &'a str,
}

impl<'a> Message<'a> {
    /// Parses a text that holds one message. [`crate::decode`] makes text from bytes.
    ///
    /// Segments end in CR, LF or both. MLLP framing, a byte order mark, white space before segments, empty lines,
    /// and the headers and trailers of a batch or file are skipped; so are lines of one or two characters.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        let text = envelope::unwrap(text);
        if text.is_empty() {
            return Err(ParseError::Empty);
        }
        if !text.starts_with("MSH") {
            return Err(ParseError::NoHeader);
        }
        let header_length = memchr2(b'\r', b'\n', text.as_bytes()).unwrap_or(text.len());
        let separators = Separators::of_header(&text[..header_length])?;
        let mut message = Self { segments: Vec::with_capacity(USUAL_SEGMENTS), separators, text };
        message.cut()?;
        Ok(message)
    }

    fn cut(&mut self) -> Result<(), ParseError> {
        let (mut rest, mut number) = (self.text, 1);
        loop {
            let end = memchr2(b'\r', b'\n', rest.as_bytes());
            self.add_line(&rest[..end.unwrap_or(rest.len())], number)?;
            let Some(end) = end else { return Ok(()) };
            let line_end = if rest.as_bytes()[end..].starts_with(b"\r\n") { 2 } else { 1 };
            rest = &rest[end + line_end..];
            number += 1;
        }
    }

    fn add_line(&mut self, line: &'a str, number: usize) -> Result<(), ParseError> {
        let line = line.trim_start();
        let Some(segment) = Segment::of_line(line, self.separators, self.segments.len() + 1, number)? else {
            return Ok(());
        };
        if segment.is("MSH") && !self.segments.is_empty() {
            return Err(ParseError::SecondMessage { line: number });
        }
        if !envelope::is_wrapper(line.get(..3).unwrap_or_default()) {
            self.segments.push(segment);
        }
        Ok(())
    }

    /// All segments in order; the first is `MSH`.
    pub fn segments(&self) -> &[Segment<'a>] {
        &self.segments
    }

    /// The first segment of a name.
    pub fn segment(&self, name: &str) -> Option<Segment<'a>> {
        self.segments_named(name).next()
    }

    /// All segments of a name, in order.
    pub fn segments_named<'n>(&self, name: &'n str) -> impl Iterator<Item = Segment<'a>> + use<'a, 'n, '_> {
        self.segments.iter().filter(move |segment| segment.is(name)).copied()
    }

    /// Fields of the header.
    pub fn header(&self) -> Fields<'a> {
        self.segments.first().map_or_else(Fields::missing, Segment::fields)
    }

    /// Separators, as MSH-1 and MSH-2 name them.
    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// The text from `MSH` on, without framing.
    pub fn raw(&self) -> &'a str {
        self.text
    }
}
