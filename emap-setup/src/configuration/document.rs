//! The YAML text as a tree that remembers lines, so that whatever is wrong can be found.

use std::collections::HashMap;

use indexmap::IndexMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};
use thiserror::Error;

use super::scalar::Scalar;

/// Mappings and lists inside each other that a file may have.
const MAX_DEPTH: usize = 32;

/// Where a value begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
}

/// What is wrong with the text, and where.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{line}: {problem}")]
pub struct YamlError {
    /// From 1.
    pub line: usize,
    /// In words.
    pub problem: String,
}

impl YamlError {
    fn new(place: Place, problem: impl Into<String>) -> Self {
        Self { line: place.line, problem: problem.into() }
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it begins; of a derived value, where the section begins.
    pub place: Place,
    value: Value,
}

#[derive(Debug, Clone)]
enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Mapping(IndexMap<String, Node>),
}

impl Node {
    /// The value, if it is a single one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::List(_) | Value::Mapping(_) => None,
        }
    }

    /// The value under a key. A section without content has none.
    pub fn child(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(children) => children.get(key),
            Value::Scalar(_) | Value::List(_) => None,
        }
    }

    /// Keys and values, in order.
    pub fn children(&self) -> impl Iterator<Item = (&str, &Self)> {
        let children = match &self.value {
            Value::Mapping(children) => Some(children),
            Value::Scalar(_) | Value::List(_) => None,
        };
        children.into_iter().flatten().map(|(key, node)| (key.as_str(), node))
    }

    /// It holds keys, or nothing.
    pub fn is_section(&self) -> bool {
        match &self.value {
            Value::Mapping(_) => true,
            Value::Scalar(scalar) => scalar.is_null(),
            Value::List(_) => false,
        }
    }

    /// The values of a list, in order.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(_) | Value::Mapping(_) => &[],
        }
    }

    /// Adds a value that the tool derived; a section without content becomes one.
    pub(crate) fn derive(&mut self, key: &str, scalar: Scalar) {
        let node = Self { place: self.place, value: Value::Scalar(scalar) };
        if let Value::Mapping(children) = &mut self.value {
            children.insert(key.to_owned(), node);
        } else {
            self.value = Value::Mapping(IndexMap::from([(key.to_owned(), node)]));
        }
    }
}

/// The file's sections.
#[derive(Debug)]
pub struct Document {
    /// By name, in order.
    pub top: IndexMap<String, Node>,
}

impl Document {
    /// Reads a text.
    ///
    /// # Errors
    /// It is not YAML, not a mapping, or a key stands twice.
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        let mut events = Events { parser: Parser::new_from_str(text), anchors: HashMap::new() };
        let (root, place) = events.root()?;
        match root {
            None => Err(YamlError::new(place, "empty: sections are expected")),
            Some(Node { value: Value::Mapping(top), .. }) => Ok(Self { top }),
            Some(Node { value: Value::List(_), place }) => {
                Err(YamlError::new(place, "a list where sections are expected"))
            }
            Some(Node { value: Value::Scalar(scalar), place }) if scalar.is_null() => {
                Err(YamlError::new(place, "empty: sections are expected"))
            }
            Some(Node { place, .. }) => Err(YamlError::new(place, "a text where sections are expected")),
        }
    }
}

struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Node>,
}

impl Events<'_> {
    fn next(&mut self) -> Result<(Event<'_>, Place), YamlError> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, Place { line: 1 })),
            Some(Ok((event, span))) => Ok((event, Place { line: span.start.line().max(1) })),
            Some(Err(error)) => Err(syntax(&error)),
        }
    }

    /// The first document's value; none if there is no content.
    fn root(&mut self) -> Result<(Option<Node>, Place), YamlError> {
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamEnd => return Ok((None, Place { line: 1 })),
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                event => {
                    let event = Start::of(event);
                    let node = self.node(event, place, 0)?;
                    self.rest()?;
                    return Ok((Some(node), place));
                }
            }
        }
    }

    /// Reads to the end, for errors after the document.
    fn rest(&mut self) -> Result<(), YamlError> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(_), place) => {
                    return Err(YamlError::new(place, "a second document"));
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, start: Start, place: Place, depth: usize) -> Result<Node, YamlError> {
        if depth > MAX_DEPTH {
            return Err(YamlError::new(place, "too many levels"));
        }
        let (value, anchor) = match start {
            Start::Scalar(scalar, anchor) => (Value::Scalar(scalar), anchor),
            Start::List(anchor) => (Value::List(self.list(depth)?), anchor),
            Start::Mapping(anchor) => (Value::Mapping(self.mapping(depth)?), anchor),
            Start::Alias(anchor) => {
                let known = self.anchors.get(&anchor);
                return known.cloned().ok_or_else(|| YamlError::new(place, "an alias of nothing"));
            }
            Start::End => return Err(YamlError::new(place, "a value is expected")),
        };
        let node = Node { place, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, YamlError> {
        let mut items = Vec::new();
        loop {
            let (event, place) = self.next()?;
            match Start::of(event) {
                Start::End => return Ok(items),
                start => items.push(self.node(start, place, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<IndexMap<String, Node>, YamlError> {
        let mut children = IndexMap::new();
        loop {
            let (event, place) = self.next()?;
            let key = match Start::of(event) {
                Start::End => return Ok(children),
                Start::Scalar(key, _) => key.text().to_owned(),
                _ => return Err(YamlError::new(place, "a key must be a text")),
            };
            let (event, value_place) = self.next()?;
            let value = Start::of(event);
            let value = self.node(value, value_place, depth + 1)?;
            if children.contains_key(&key) {
                return Err(YamlError::new(place, format!("{key} stands twice")));
            }
            children.insert(key, value);
        }
    }
}

/// An event, owned.
enum Start {
    Scalar(Scalar, usize),
    List(usize),
    Mapping(usize),
    Alias(usize),
    End,
}

impl Start {
    fn of(event: Event<'_>) -> Self {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                Self::Scalar(Scalar::new(&text, style != ScalarStyle::Plain), anchor)
            }
            Event::SequenceStart(anchor, _) => Self::List(anchor),
            Event::MappingStart(anchor, _) => Self::Mapping(anchor),
            Event::Alias(anchor) => Self::Alias(anchor),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Self::End,
        }
    }
}

fn syntax(error: &ScanError) -> YamlError {
    YamlError::new(Place { line: error.marker().line().max(1) }, error.info())
}
