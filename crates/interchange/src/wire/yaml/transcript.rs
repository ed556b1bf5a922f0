//! YAML turned into JSON, with a memory of which line each value came from.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::super::{
    error::{DecodeError, Fault, Position, Problem},
    json::{JsonWriter, Reader},
    names::CLASS,
    traits::WireWriter,
};
use super::scalar::{Form, plain_form};
use crate::features::Features;

/// Lists and mappings inside each other that a document may have.
const MAX_DEPTH: usize = 64;

/// One YAML document as JSON.
#[derive(Default)]
pub(crate) struct Transcript {
    json: Vec<u8>,
    /// Where a value begins in the JSON, and its line in the YAML; both rise.
    lines: Vec<(usize, usize)>,
    open: Vec<Open>,
}

/// A list or mapping that is not closed yet.
enum Open {
    List { empty: bool },
    Mapping { empty: bool, at_key: bool },
}

impl Transcript {
    /// The documents of a YAML text; one without any content is left out.
    pub(crate) fn documents(text: &str) -> Result<Vec<Self>, DecodeError> {
        let mut documents = Vec::new();
        let mut present = Self::default();
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| syntax(&error))?;
            if matches!(event, Event::DocumentEnd) {
                let finished = std::mem::take(&mut present);
                if !finished.is_nothing() {
                    documents.push(finished);
                }
            } else {
                present.event(event, span)?;
            }
        }
        Ok(documents)
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::from_yaml(&self.json)
    }

    /// A fault of [`reader`](Self::reader), with the line of the YAML text.
    pub(crate) fn locate(&self, fault: Fault) -> DecodeError {
        let after = self.lines.partition_point(|(start, _)| *start <= fault.offset());
        let line = after.checked_sub(1).map_or(1, |index| self.lines[index].1);
        fault.at(Position::Line(line))
    }

    fn is_nothing(&self) -> bool {
        self.json.is_empty() || self.json == b"null"
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), DecodeError> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, _, tag) => self.scalar(&text, style, tag.as_deref(), line),
            Event::SequenceStart(..) => self.begin(b'[', Open::List { empty: true }, line)?,
            Event::MappingStart(_, tag) => {
                self.begin(b'{', Open::Mapping { empty: true, at_key: true }, line)?;
                self.class_from_tag(tag.as_deref());
            }
            Event::SequenceEnd => self.end(b']'),
            Event::MappingEnd => self.end(b'}'),
            Event::Alias(_) => return Err(fault("aliases are not supported", line)),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, line: usize) {
        let is_key = self.before_value(line);
        let binary = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "binary");
        let quoted = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
        let form = if is_key || quoted || binary { Form::Text } else { plain_form(text) };
        match form {
            Form::Literal => self.json.extend_from_slice(text.as_bytes()),
            Form::Null => self.json.extend_from_slice(b"null"),
            Form::Text if binary => self.text(&text.split_whitespace().collect::<String>()),
            Form::Text => self.text(text),
        }
    }

    fn begin(&mut self, bracket: u8, open: Open, line: usize) -> Result<(), DecodeError> {
        if self.open.len() == MAX_DEPTH {
            return Err(Fault::new(Problem::TooDeep, 0).at(Position::Line(line)));
        }
        if self.before_value(line) {
            return Err(fault("a key must be a text", line));
        }
        self.json.push(bracket);
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, bracket: u8) {
        self.json.push(bracket);
        self.open.pop();
    }

    /// A local tag on a mapping (`!<class>`) names its class, as the property would.
    fn class_from_tag(&mut self, tag: Option<&Tag>) {
        let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) else { return };
        self.text(CLASS);
        self.json.push(b':');
        self.text(tag.suffix.trim_start_matches('!'));
        if let Some(Open::Mapping { empty, .. }) = self.open.last_mut() {
            *empty = false;
        }
    }

    /// Writes what separates the next value from the one before; returns whether it is a key.
    fn before_value(&mut self, line: usize) -> bool {
        let (separator, is_key): (&[u8], bool) = match self.open.last_mut() {
            None => (b"", false),
            Some(Open::List { empty }) => (if std::mem::take(empty) { b"" } else { b"," }, false),
            Some(Open::Mapping { empty, at_key }) => {
                let is_key = std::mem::replace(at_key, !*at_key);
                let first = is_key && std::mem::take(empty);
                (
                    if first {
                        b""
                    } else if is_key {
                        b","
                    } else {
                        b":"
                    },
                    is_key,
                )
            }
        };
        self.json.extend_from_slice(separator);
        self.lines.push((self.json.len(), line));
        is_key
    }

    fn text(&mut self, text: &str) {
        JsonWriter::new(&mut self.json, Features::ALL).text(text);
    }
}

fn syntax(error: &ScanError) -> DecodeError {
    fault(error.info(), error.marker().line())
}

fn fault(problem: &str, line: usize) -> DecodeError {
    Fault::new(Problem::Syntax(problem.to_owned()), 0).at(Position::Line(line))
}
