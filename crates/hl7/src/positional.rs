//! A message read by position alone: segment, field, repetition, component.
//!
//! [`Message`](crate::Message) is for rules, which need what a sender means; it refuses what does not look like
//! HL7. A receiver has to answer every text that begins with `MSH`, so this view refuses nothing after the header, and
//! keeps apart what an answer in JSON keeps apart: nothing at all (`None`) and a place without text (`""`).

mod unescape;

use std::borrow::Cow;

use memchr::memchr2;

use crate::{separators::Separators, value::DELETE};

/// The text does not begin with `MSH` and a field separator in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not begin with an MSH segment")]
pub struct NotHl7;

/// The segment is there but ends before the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the segment ends before the field")]
pub struct NoSuchField;

/// A message as a table of positions. Borrows its text.
#[derive(Debug, Clone)]
pub struct Positional<'a> {
    segments: Vec<&'a str>,
    separators: Separators,
}

impl<'a> Positional<'a> {
    /// Cuts a text into segments. Segments end in CR, LF or both; white space and framing around the text and empty
    /// lines are skipped. Separators that MSH-2 does not name are the usual ones.
    ///
    /// # Errors
    /// When the text does not begin with `MSH` and a separator.
    pub fn parse(text: &'a str) -> Result<Self, NotHl7> {
        let text = text.trim_matches(is_blank);
        let separators = separators_of(text).ok_or(NotHl7)?;
        let mut segments = Vec::with_capacity(16);
        let mut rest = Some(text);
        while let Some(text) = rest {
            let end = memchr2(b'\r', b'\n', text.as_bytes());
            let line = &text[..end.unwrap_or(text.len())];
            if !line.trim_matches(is_blank).is_empty() {
                segments.push(line);
            }
            rest = end.map(|end| &text[end + 1..]);
        }
        Ok(Self { segments, separators })
    }

    /// The characters that structure the message.
    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// Whether there is a segment of this name. A line of nothing but the name is none.
    pub fn has(&self, segment: &str) -> bool {
        self.find(segment).is_some()
    }

    /// Number of the last field of the first segment of this name; 0 without one.
    pub fn fields(&self, segment: &str) -> usize {
        let Some(line) = self.find(segment) else { return 0 };
        let separators = memchr::memchr_iter(self.separators.field, line.as_bytes()).count();
        separators + usize::from(segment == "MSH")
    }

    /// A field as written in the message; empty if there is none.
    pub fn raw(&self, segment: &str, field: usize) -> &'a str {
        self.field(segment, field).and_then(Result::ok).unwrap_or_default()
    }

    /// First component of the first repetition: [`Positional::at`] with 1 and 1.
    pub fn get(&self, segment: &str, field: usize) -> Option<Cow<'a, str>> {
        self.at(segment, field, 1, 1)
    }

    /// A component of the first repetition.
    pub fn component(&self, segment: &str, field: usize, component: usize) -> Option<Cow<'a, str>> {
        self.at(segment, field, 1, component)
    }

    /// The first subcomponent of a component, unescaped. Of several segments of a name the first counts; all numbers
    /// count from 1.
    ///
    /// `None`: there is no such segment or repetition; there is a text without components and another than the first is
    /// requested; the field is beyond the end and more than its first value is requested; the value is `""`; an
    /// escape sequence cannot be read. An empty text: the field is beyond the end, or the component is.
    pub fn at(
        &self,
        segment: &str,
        field: usize,
        repetition: usize,
        component: usize,
    ) -> Option<Cow<'a, str>> {
        let Ok(text) = self.field(segment, field)? else {
            return (repetition == 1 && component == 1).then_some(Cow::Borrowed(""));
        };
        if segment == "MSH" && field <= 2 {
            return (repetition == 1 && component == 1).then_some(Cow::Borrowed(text));
        }
        let (in_repetition, in_component) =
            (char::from(self.separators.repetition), char::from(self.separators.component));
        let repeated = text.contains(in_repetition);
        let text = text.split(in_repetition).nth(repetition.checked_sub(1)?)?;
        let subcomponents = char::from(self.separators.subcomponent);
        let is_leaf = !repeated && !text.contains([in_component, subcomponents]);
        if is_leaf && component > 1 {
            return None;
        }
        let text = text.split(in_component).nth(component.checked_sub(1)?).unwrap_or_default();
        let text = text.split(subcomponents).next().unwrap_or_default();
        if text == DELETE { None } else { unescape::unescape(text, self.separators) }
    }

    /// Component 1 of the first repetition of a field of identifiers (CX) whose component 5 is one of these types. `None`
    /// without segment or repetition of this type.
    ///
    /// # Errors
    /// When the segment ends before the field.
    pub fn identifier(
        &self,
        segment: &str,
        field: usize,
        types: &[&str],
    ) -> Result<Option<Cow<'a, str>>, NoSuchField> {
        let Some(found) = self.field(segment, field) else { return Ok(None) };
        let repetitions = found?.split(char::from(self.separators.repetition)).count();
        let wanted = (1..=repetitions).find(|&repetition| {
            self.at(segment, field, repetition, 5).is_some_and(|kind| types.contains(&&*kind))
        });
        Ok(wanted.and_then(|repetition| self.at(segment, field, repetition, 1)))
    }

    /// The whole tree as nested JSON arrays: segments, fields, repetitions, components as written. For people. MSH-2 is one
    /// text.
    pub fn tree(&self) -> String {
        let leaf = |text: &str| format!("[{}]", json(text));
        let list = |parts: Vec<String>| format!("[{}]", parts.join(", "));
        let separators = self.separators;
        let repetition = |text: &str| list(text.split(char::from(separators.component)).map(leaf).collect());
        let field =
            |text: &str| list(text.split(char::from(separators.repetition)).map(repetition).collect());
        let segment = |line: &&str| {
            let fields = line.split(char::from(separators.field)).enumerate();
            let named = |(number, text): (usize, &str)| {
                if number == 1 && line.starts_with("MSH") {
                    list(vec![list(vec![leaf(text)])])
                } else {
                    field(text)
                }
            };
            list(fields.map(named).collect())
        };
        list(self.segments.iter().map(segment).collect())
    }

    /// `None` without the segment; an error if it ends before the field.
    fn field(&self, segment: &str, number: usize) -> Option<Result<&'a str, NoSuchField>> {
        let line = self.find(segment)?;
        let index = match (segment, number) {
            ("MSH", 1) => return Some(line.get(3..4).ok_or(NoSuchField)),
            ("MSH", _) => number.saturating_sub(1),
            _ => number,
        };
        Some(line.split(char::from(self.separators.field)).nth(index).ok_or(NoSuchField))
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        let is_named = |line: &&&str| {
            line.strip_prefix(name).and_then(|rest| rest.bytes().next()) == Some(self.separators.field)
        };
        self.segments.iter().find(is_named).copied()
    }
}

/// A text of JSON.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            _ if character < ' ' => out.extend(format!("\\u{:04x}", u32::from(character)).chars()),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// White space and the characters that frame a message.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// What MSH-1 and MSH-2 name; the usual characters for those that they do not.
fn separators_of(text: &str) -> Option<Separators> {
    let after = text.strip_prefix("MSH")?;
    let field = after.bytes().next().filter(u8::is_ascii)?;
    let named = after.get(1..)?.split([char::from(field), '\r', '\n']).next().unwrap_or_default();
    let usual = Separators::default();
    let mut named = named.bytes().map(|byte| Some(byte).filter(u8::is_ascii));
    let mut next = |usual: u8| named.next().unwrap_or(Some(usual));
    Some(Separators {
        field,
        component: next(usual.component)?,
        repetition: next(usual.repetition)?,
        escape: next(usual.escape)?,
        subcomponent: next(usual.subcomponent)?,
        truncation: named.next().flatten(),
    })
}
