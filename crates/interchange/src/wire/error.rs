//! What can be wrong with a body, and where. The value itself is never reported: it may be patient data.

use std::fmt::{self, Write};

use jiter::JiterError;

use super::token::Token;

/// A body or document that is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem} ({position})", PathPrefix(.path))]
pub struct DecodeError {
    /// The property at fault, such as `patientClass.value`; for a list `[2].mrn`. Empty for the whole.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
    /// Where it was noticed.
    pub position: Position,
}

/// A place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Offset in bytes from the start of a JSON body.
    Byte(usize),
    /// Line of a YAML text, from 1.
    Line(usize),
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text breaks the rules of JSON or YAML.
    #[error("{0}")]
    Syntax(String),
    /// Another kind of value is needed.
    #[error("expected {expected}, found {found}")]
    Kind {
        /// What would be right.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// The kind is right, the content is not.
    #[error("not {0}")]
    Unfit(&'static str),
    /// An object without its class.
    #[error("\"@class\" is missing")]
    ClassMissing,
    /// No such class, or not one that may stand here. An odd name is not repeated.
    #[error("unknown class {}", .0.as_deref().unwrap_or("with an unreadable name"))]
    ClassUnknown(Option<String>),
    /// A property that the class does not have; the path names it unless the name is odd.
    #[error("unknown property")]
    UnknownProperty,
    /// A property under its old name and under its new one; no known peer writes both.
    #[error("under its old name and its new one in one object")]
    NamedTwice,
    /// Objects or lists inside each other beyond all reason.
    #[error("nested too deeply")]
    TooDeep,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(offset) => write!(formatter, "at byte {offset}"),
            Self::Line(line) => write!(formatter, "in line {line}"),
        }
    }
}

struct PathPrefix<'p>(&'p str);

impl fmt::Display for PathPrefix<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(formatter, "{}: ", self.0) }
    }
}

/// A fault on its way up: collects the path, innermost step first. Boxed, for it is rare.
#[derive(Debug)]
pub(crate) struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    offset: usize,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Property(String),
    Index(usize),
}

impl Fault {
    pub(crate) fn new(problem: Problem, offset: usize) -> Self {
        Self(Box::new(Inner { problem, offset, steps: Vec::new() }))
    }

    pub(crate) fn unfit(expected: &'static str, offset: usize) -> Self {
        Self::new(Problem::Unfit(expected), offset)
    }

    pub(crate) fn kind(expected: &'static str, found: Token, offset: usize) -> Self {
        Self::new(Problem::Kind { expected, found: found.name() }, offset)
    }

    pub(crate) fn unknown_class(class: &str, offset: usize) -> Self {
        Self::new(Problem::ClassUnknown(is_plain_name(class).then(|| class.to_owned())), offset)
    }

    pub(crate) fn unknown_property(name: &str, offset: usize) -> Self {
        let step = if is_plain_name(name) { name } else { "(unreadable name)" };
        Self::new(Problem::UnknownProperty, offset).in_property(step)
    }

    /// A fault of the text, `base` bytes before which the parser did not see.
    pub(crate) fn syntax(error: &JiterError, base: usize) -> Self {
        Self::new(Problem::Syntax(error.error_type.to_string()), base + error.index)
    }

    pub(crate) fn in_property(mut self, name: &str) -> Self {
        self.0.steps.push(Step::Property(name.to_owned()));
        self
    }

    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.0.steps.push(Step::Index(index));
        self
    }

    pub(crate) fn offset(&self) -> usize {
        self.0.offset
    }

    /// The fault as a public error, in a JSON body.
    pub(crate) fn in_json(self) -> DecodeError {
        let position = Position::Byte(self.0.offset);
        self.at(position)
    }

    /// The fault as a public error, at a position given by the caller.
    pub(crate) fn at(self, position: Position) -> DecodeError {
        let mut path = String::new();
        for step in self.0.steps.iter().rev() {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Index(index) => write!(path, "[{index}]"),
                Step::Property(name) if path.is_empty() => path.write_str(name),
                Step::Property(name) => write!(path, ".{name}"),
            };
        }
        DecodeError { path, problem: self.0.problem, position }
    }
}

/// Whether a name from the input is fit for a log: short, and made like an identifier.
fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$@-".contains(&byte);
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(plain)
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
