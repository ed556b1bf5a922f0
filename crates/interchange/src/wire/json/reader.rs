//! Pulls values out of JSON, straight into the fields that want them.

use super::super::{CLASS, Fault, Problem, Target};
use jiter::{Jiter, JiterError, Peek};

/// Objects inside objects that a message may have; the deepest real one has seven.
const MAX_DEPTH: usize = 32;

/// How a value begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Null,
    True,
    False,
    Text,
    Number,
    Array,
    Object,
}

impl Token {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::True | Self::False => "true or false",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}

/// A place in JSON text, with the leniency of the dialect it came from.
pub(crate) struct Reader<'j> {
    data: &'j [u8],
    /// Bytes of `data` before those that `json` sees.
    base: usize,
    json: Jiter<'j>,
    depth: usize,
    from_yaml: bool,
}

/// What a key turned out to be.
enum Key {
    Property(usize),
    Class,
    Ignored,
    Unknown(Fault),
}

impl<'j> Reader<'j> {
    /// Reads a queue body.
    pub(crate) fn json(data: &'j [u8]) -> Self {
        Self { data, base: 0, json: Jiter::new(data), depth: 0, from_yaml: false }
    }

    /// Reads JSON made from YAML, which has more words for true and false.
    pub(crate) fn from_yaml(data: &'j [u8]) -> Self {
        Self { from_yaml: true, ..Self::json(data) }
    }

    pub(crate) fn is_from_yaml(&self) -> bool {
        self.from_yaml
    }

    /// Bytes read so far.
    pub(crate) fn offset(&self) -> usize {
        self.base + self.json.current_index()
    }

    /// A place to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.offset()
    }

    pub(crate) fn rewind(&mut self, mark: usize) {
        self.base = mark;
        self.json = Jiter::new(&self.data[mark..]);
    }

    /// Goes on behind `expected` if that is exactly what comes next.
    pub(crate) fn skip_exactly(&mut self, expected: &[u8]) -> bool {
        let offset = self.offset();
        let found = self.data[offset..].starts_with(expected);
        if found {
            self.rewind(offset + expected.len());
        }
        found
    }

    /// Nothing but blanks may follow.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        let base = self.base;
        self.json.finish().map_err(|error| Fault::syntax(&error, base))
    }

    /// What comes next.
    pub(crate) fn token(&mut self) -> Result<Token, Fault> {
        self.peek().map(|(_, token)| token)
    }

    pub(crate) fn at_array(&mut self) -> Result<bool, Fault> {
        self.token().map(|token| token == Token::Array)
    }

    /// Goes over a null, if that is what comes next.
    pub(crate) fn take_null(&mut self) -> Result<bool, Fault> {
        if self.token()? != Token::Null {
            return Ok(false);
        }
        let base = self.base;
        self.json.known_null().map_err(|error| Fault::syntax(&error, base))?;
        Ok(true)
    }

    /// The text that comes next.
    pub(crate) fn text(&mut self) -> Result<&str, Fault> {
        let base = self.base;
        self.json.next_str().map_err(|error| Fault::syntax(&error, base))
    }

    /// The source text of the number, true or false that comes next.
    pub(crate) fn literal(&mut self) -> Result<&'j str, Fault> {
        let (peek, token) = self.peek()?;
        let start = self.offset();
        let base = self.base;
        let read = match token {
            Token::Number => self.json.known_number_bytes(peek).map(|_| ()),
            _ => self.json.known_bool(peek).map(|_| ()),
        };
        read.map_err(|error| Fault::syntax(&error, base))?;
        let text = self.data.get(start..self.offset()).and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.ok_or_else(|| Fault::unfit("a number", start))
    }

    /// The name (blanks around it allowed) or position of a constant.
    pub(crate) fn constant<T>(
        &mut self,
        token: Token,
        find: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let at = self.offset();
        let found = match token {
            Token::Text => find(self.text()?.trim()),
            Token::Number => find(self.literal()?),
            other => return Err(Fault::kind("the name of a constant", other, at)),
        };
        found.map(Some).ok_or_else(|| Fault::unfit("a known constant", at))
    }

    /// Calls `each` with the reader at every element of the list that comes next.
    pub(crate) fn elements(
        &mut self,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let base = self.base;
        let mut more = self.json.next_array().map_err(|error| Fault::syntax(&error, base))?;
        let mut index = 0;
        while more.is_some() {
            each(self, index)?;
            index += 1;
            let base = self.base;
            more = self.json.array_step().map_err(|error| Fault::syntax(&error, base))?;
        }
        Ok(())
    }

    /// Calls `each` with the reader at every value of the map that comes next, and its key.
    pub(crate) fn entries(
        &mut self,
        mut each: impl FnMut(&mut Self, String) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let base = self.base;
        let mut key =
            self.json.next_object().map_err(|error| Fault::syntax(&error, base))?.map(str::to_owned);
        while let Some(present) = key {
            each(self, present)?;
            let base = self.base;
            key = self.json.next_key().map_err(|error| Fault::syntax(&error, base))?.map(str::to_owned);
        }
        Ok(())
    }

    /// The class of the object that comes next, which is not consumed.
    pub(crate) fn peek_class(&mut self) -> Result<String, Fault> {
        let at = self.object_offset()?;
        let mut probe = Jiter::new(&self.data[at..]);
        find_class(&mut probe)
            .map_err(|error| Fault::syntax(&error, at))?
            .ok_or_else(|| Fault::new(Problem::ClassMissing, at))
    }

    /// Reads the object that comes next, which must be of this class, into `target`. Of a property that
    /// is there twice the last one counts.
    pub(crate) fn record<T: Target>(&mut self, class: &str, target: &mut T) -> Result<(), Fault> {
        let start = self.object_offset()?;
        if self.depth == MAX_DEPTH {
            return Err(Fault::new(Problem::TooDeep, start));
        }
        self.depth += 1;
        let class_seen = self.properties(class, target)?;
        self.depth -= 1;
        if class_seen { Ok(()) } else { Err(Fault::new(Problem::ClassMissing, start)) }
    }

    /// The body of [`record`](Self::record); tells whether the class was among the properties.
    fn properties<T: Target>(&mut self, class: &str, target: &mut T) -> Result<bool, Fault> {
        let mut class_seen = false;
        let mut expected = 0;
        let mut key = self.key(true, target, expected)?;
        while let Some(found) = key {
            match found {
                Key::Property(index) => {
                    target.read_property(index, self).map_err(|fault| {
                        fault.in_property(target.property_name(index).unwrap_or_default())
                    })?;
                    expected = index + 1;
                }
                Key::Class => {
                    self.expect_class(class)?;
                    class_seen = true;
                }
                Key::Ignored => self.skip()?,
                Key::Unknown(fault) => return Err(fault),
            }
            key = self.key(false, target, expected)?;
        }
        Ok(class_seen)
    }

    /// The next key of the present object. Peers write properties in the order of the declaration, so
    /// the `expected` one is tried first.
    fn key<T: Target>(&mut self, first: bool, target: &T, expected: usize) -> Result<Option<Key>, Fault> {
        let base = self.base;
        let at = self.offset();
        let key = if first { self.json.known_object() } else { self.json.next_key() };
        let Some(key) = key.map_err(|error| Fault::syntax(&error, base))? else { return Ok(None) };
        if target.property_name(expected) == Some(key) {
            return Ok(Some(Key::Property(expected)));
        }
        if key == CLASS {
            return Ok(Some(Key::Class));
        }
        let names = (0..).map_while(|index| target.property_name(index));
        Ok(Some(match names.enumerate().find(|(_, name)| *name == key) {
            Some((index, _)) => Key::Property(index),
            None if target.ignores(key) => Key::Ignored,
            None => {
                // Behind the comma and blanks that were read over.
                let quote = self.data[at..].iter().position(|&byte| byte == b'"').unwrap_or_default();
                Key::Unknown(Fault::unknown_property(key, at + quote))
            }
        }))
    }

    fn expect_class(&mut self, class: &str) -> Result<(), Fault> {
        let at = self.offset();
        let token = self.token()?;
        if token != Token::Text {
            return Err(Fault::kind("the name of a class", token, at).in_property(CLASS));
        }
        let found = self.text()?;
        if found == class { Ok(()) } else { Err(Fault::unknown_class(found, at)) }
    }

    fn skip(&mut self) -> Result<(), Fault> {
        let base = self.base;
        self.json.next_skip().map_err(|error| Fault::syntax(&error, base))
    }

    /// Reads the value that comes next with `read`; whatever that makes of it, goes on behind the value.
    pub(crate) fn attempt<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<Result<T, Fault>, Fault> {
        let (mark, depth) = (self.mark(), self.depth);
        let result = read(self);
        if result.is_err() {
            self.rewind(mark);
            self.depth = depth;
            self.skip()?;
        }
        Ok(result)
    }

    /// Where the object that comes next begins.
    fn object_offset(&mut self) -> Result<usize, Fault> {
        let token = self.token()?;
        let at = self.offset();
        if token == Token::Object { Ok(at) } else { Err(Fault::kind("an object", token, at)) }
    }

    fn peek(&mut self) -> Result<(Peek, Token), Fault> {
        let base = self.base;
        let peek = self.json.peek().map_err(|error| Fault::syntax(&error, base))?;
        let token = match peek {
            Peek::Null => Token::Null,
            Peek::True => Token::True,
            Peek::False => Token::False,
            Peek::String => Token::Text,
            Peek::Array => Token::Array,
            Peek::Object => Token::Object,
            _ if peek.is_num() => Token::Number,
            _ => return Err(Fault::new(Problem::Syntax("expected a value".to_owned()), self.offset())),
        };
        Ok((peek, token))
    }
}

/// Looks through an object for its class; normally that is the first property.
fn find_class(probe: &mut Jiter<'_>) -> Result<Option<String>, JiterError> {
    let mut key = probe.next_object()?;
    while let Some(name) = key {
        if name == CLASS {
            return match probe.peek()? {
                Peek::String => probe.next_str().map(|class| Some(class.to_owned())),
                _ => Ok(None),
            };
        }
        probe.next_skip()?;
        key = probe.next_key()?;
    }
    Ok(None)
}
