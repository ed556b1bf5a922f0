//! Reads values from JSON directly into their fields.

use jiter::{Jiter, JiterError, Peek};

use super::super::{
    error::{Fault, Problem},
    names::{Availability, CLASS, Property},
    token::Token,
};
use crate::features::Features;

/// Objects inside objects that a message may have; the deepest real one has seven.
const MAX_DEPTH: usize = 32;

/// An object being read, of which the reader needs only the properties.
pub(crate) trait Target {
    /// The property at `index`, `None` beyond the last.
    fn property(&self, index: usize) -> Option<&'static Property>;

    /// Its name.
    fn property_name(&self, index: usize) -> Option<&'static str> {
        self.property(index).map(Property::name)
    }

    /// Reads a value into the property at `index`.
    fn read_property(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault>;

    /// Whether a property that the class does not have is skipped rather than a fault, and by which peers.
    fn ignored(&self, _name: &str) -> Option<Availability> {
        None
    }
}

/// A place in JSON text, with the leniency of the dialect it came from.
///
/// The usual form of most things is recognised in the bytes themselves, and gone over without a parser.
/// All other forms are left to `json`, which reads all of JSON.
pub(crate) struct Reader<'j> {
    data: &'j [u8],
    /// Bytes of `data` before those that `json` sees.
    base: usize,
    json: Jiter<'j>,
    /// Where we are, if `json` is behind.
    ahead: Option<usize>,
    depth: usize,
    from_yaml: bool,
    /// If set, what peers with exactly these features do not have is refused.
    only: Option<Features>,
}

/// Of an object being read: which properties with two names came by the one, and which by the other; a bit each.
#[derive(Default)]
struct Names {
    usual: u64,
    other: u64,
}

impl Names {
    /// The property at `index` came by this name. No known peer writes a property under both, so it is not clear which
    /// of them counts.
    fn used(
        &mut self,
        property: &Property,
        index: usize,
        by_other_name: bool,
        at: usize,
    ) -> Result<(), Fault> {
        if property.also.is_some() {
            *(if by_other_name { &mut self.other } else { &mut self.usual }) |= 1_u64 << (index % 64);
        }
        if self.usual & self.other != 0 {
            return Err(Fault::new(Problem::NamedTwice, at).in_property(property.name()));
        }
        Ok(())
    }
}

/// What a key turned out to be.
pub(crate) enum Key {
    /// Which one, and whether by its other name.
    Property(usize, bool),
    Class,
    Ignored,
    Unknown(Fault),
}

impl<'j> Reader<'j> {
    /// Reads a queue body.
    pub(crate) fn json(data: &'j [u8]) -> Self {
        Self { data, base: 0, json: Jiter::new(data), ahead: None, depth: 0, from_yaml: false, only: None }
    }

    /// Reads JSON made from YAML, which has more words for true and false.
    pub(crate) fn from_yaml(data: &'j [u8]) -> Self {
        Self { from_yaml: true, ..Self::json(data) }
    }

    /// The reader, which refuses what peers with exactly these features do not have.
    pub(crate) fn for_peer_with(self, only: Option<Features>) -> Self {
        Self { only, ..self }
    }

    /// Whether the reader takes what any peer has.
    pub(crate) fn takes_all(&self) -> bool {
        self.only.is_none()
    }

    /// Whether the reader takes what these peers have.
    #[inline]
    pub(crate) fn takes(&self, available: Availability) -> bool {
        self.only.is_none_or(|features| available.within(features))
    }

    pub(crate) fn is_from_yaml(&self) -> bool {
        self.from_yaml
    }

    /// Bytes read so far.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.ahead.unwrap_or_else(|| self.base + self.json.current_index())
    }

    /// A place to come back to.
    pub(crate) fn mark(&self) -> usize {
        self.offset()
    }

    pub(crate) fn rewind(&mut self, mark: usize) {
        self.ahead = Some(mark);
    }

    /// The parser, at the present place.
    fn json_here(&mut self) -> &mut Jiter<'j> {
        if let Some(at) = self.ahead.take() {
            self.base = at;
            self.json = Jiter::new(&self.data[at..]);
        }
        &mut self.json
    }

    /// Reads something from the parser that does not borrow from it.
    fn parse<T>(&mut self, ask: impl FnOnce(&mut Jiter<'j>) -> Result<T, JiterError>) -> Result<T, Fault> {
        ask(self.json_here()).map_err(|error| Fault::syntax(&error, self.base))
    }

    /// What is not read yet.
    #[inline]
    fn rest(&self) -> &'j [u8] {
        self.data.get(self.offset()..).unwrap_or_default()
    }

    /// Skips `expected` if that is exactly what comes next.
    #[inline]
    pub(crate) fn skip_exactly(&mut self, expected: &[u8]) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.ahead = Some(self.offset() + expected.len());
        }
        found
    }

    /// The text that comes next, if it is one without escapes and of ASCII only.
    fn plain_text(&mut self) -> Option<&'j str> {
        let text = self.rest().strip_prefix(b"\"")?;
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let length = text.iter().position(|byte| !plain(byte))?;
        let (text, after) = text.split_at(length);
        let text = if after[0] == b'"' { std::str::from_utf8(text).ok()? } else { return None };
        self.ahead = Some(self.offset() + length + 2);
        Some(text)
    }

    /// The number that comes next, if it is a usual one without an exponent.
    fn plain_number(&mut self) -> Option<&'j str> {
        let rest = self.rest();
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let start = usize::from(rest.first() == Some(&b'-'));
        let whole = digits(&rest[start..]);
        if whole == 0 || (whole > 1 && rest[start] == b'0') {
            return None;
        }
        let mut end = start + whole;
        if rest.get(end) == Some(&b'.') {
            let fraction = digits(&rest[end + 1..]);
            if fraction == 0 {
                return None;
            }
            end += 1 + fraction;
        }
        if !matches!(rest.get(end), Some(b',' | b'}' | b']')) {
            return None;
        }
        self.ahead = Some(self.offset() + end);
        std::str::from_utf8(&rest[..end]).ok()
    }

    /// Nothing but blanks may follow.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        self.parse(Jiter::finish)
    }

    /// What comes next.
    pub(crate) fn token(&mut self) -> Result<Token, Fault> {
        Ok(match self.rest().first() {
            Some(b'"') => Token::Text,
            Some(b'-' | b'0'..=b'9') => Token::Number,
            Some(b'{') => Token::Object,
            Some(b'[') => Token::Array,
            _ => self.peek()?.1,
        })
    }

    pub(crate) fn at_array(&mut self) -> Result<bool, Fault> {
        self.token().map(|token| token == Token::Array)
    }

    /// Goes over a null, if that is what comes next.
    #[inline]
    pub(crate) fn take_null(&mut self) -> Result<bool, Fault> {
        // Whether something is wrong behind it is for the next one to see.
        if self.skip_exactly(b"null") {
            return Ok(true);
        }
        if self.token()? != Token::Null {
            return Ok(false);
        }
        self.parse(Jiter::known_null)?;
        Ok(true)
    }

    /// The text that comes next.
    pub(crate) fn text(&mut self) -> Result<&str, Fault> {
        if let Some(text) = self.plain_text() {
            return Ok(text);
        }
        self.json_here();
        let base = self.base;
        self.json.next_str().map_err(|error| Fault::syntax(&error, base))
    }

    /// The source text of the number, true or false that comes next.
    pub(crate) fn literal(&mut self) -> Result<&'j str, Fault> {
        if let Some(number) = self.plain_number() {
            return Ok(number);
        }
        for truth in ["true", "false"] {
            if self.skip_exactly(truth.as_bytes()) {
                return Ok(truth);
            }
        }
        let (peek, token) = self.peek()?;
        let start = self.offset();
        match token {
            Token::Number => self.parse(|json| json.known_number_bytes(peek).map(|_| ()))?,
            _ => self.parse(|json| json.known_bool(peek).map(|_| ()))?,
        }
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
        let mut more = self.parse(|json| json.next_array().map(|first| first.is_some()))?;
        let mut index = 0;
        // An element that is missing behind a comma is for `each` to see.
        while more {
            each(self, index)?;
            index += 1;
            more = if self.skip_exactly(b",") {
                true
            } else {
                self.parse(|json| json.array_step().map(|next| next.is_some()))?
            };
        }
        Ok(())
    }

    /// Calls `each` with the reader at every value of the map that comes next, and its key.
    pub(crate) fn entries(
        &mut self,
        mut each: impl FnMut(&mut Self, String) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut key = self.parse(|json| Ok(json.next_object()?.map(str::to_owned)))?;
        while let Some(present) = key {
            each(self, present)?;
            key = self.parse(|json| Ok(json.next_key()?.map(str::to_owned)))?;
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

    /// The body of [`record`](Self::record); returns whether the class was among the properties.
    fn properties<T: Target>(&mut self, class: &str, target: &mut T) -> Result<bool, Fault> {
        let mut expected = 0;
        let mut class_seen = self.skip_head(class);
        let mut first = !class_seen;
        let mut names = Names::default();
        loop {
            // Peers write properties in the order of the declaration; what a generation does not have, it leaves out.
            while !first && let Some(property) = target.property(expected) {
                if self.takes(property.available) && self.skip_exactly(property.key()) {
                    names.used(property, expected, false, self.offset())?;
                    self.property(target, expected)?;
                } else if property.available == Availability::Always {
                    break;
                }
                expected += 1;
            }
            let at = self.offset();
            match self.key(std::mem::take(&mut first), target)? {
                None => return Ok(class_seen),
                Some(Key::Property(index, by_other_name)) => {
                    if let Some(property) = target.property(index) {
                        names.used(property, index, by_other_name, at)?;
                    }
                    self.property(target, index)?;
                    expected = index + 1;
                }
                Some(Key::Class) => {
                    self.expect_class(class)?;
                    class_seen = true;
                }
                Some(Key::Ignored) => self.skip()?,
                Some(Key::Unknown(fault)) => return Err(fault),
            }
        }
    }

    /// Goes over the beginning of an object, if it is the class without any blanks.
    fn skip_head(&mut self, class: &str) -> bool {
        let start = self.mark();
        let head = self.skip_exactly(b"{\"@class\":\"")
            && self.skip_exactly(class.as_bytes())
            && self.skip_exactly(b"\"");
        if !head {
            self.rewind(start);
        }
        head
    }

    fn property<T: Target>(&mut self, target: &mut T, index: usize) -> Result<(), Fault> {
        target
            .read_property(index, self)
            .map_err(|fault| fault.in_property(target.property_name(index).unwrap_or_default()))
    }

    /// The next key of the present object.
    fn key<T: Target>(&mut self, first: bool, target: &T) -> Result<Option<Key>, Fault> {
        if !first && self.skip_exactly(b"}") {
            return Ok(None);
        }
        let at = self.offset();
        self.json_here();
        let base = self.base;
        let key = if first { self.json.next_object() } else { self.json.next_key() };
        let Some(key) = key.map_err(|error| Fault::syntax(&error, base))? else { return Ok(None) };
        if key == CLASS {
            return Ok(Some(Key::Class));
        }
        if let Some(known) = find(target, key, self.only) {
            return Ok(Some(known));
        }
        // Behind the comma and blanks that were read over.
        let quote = self.data[at..].iter().position(|&byte| byte == b'"').unwrap_or_default();
        Ok(Some(Key::Unknown(Fault::unknown_property(key, at + quote))))
    }

    /// The property of `target` with a name, [`Key::Ignored`] if the name is read over; `None` if it is neither.
    pub(crate) fn find<T: Target>(&self, target: &T, name: &str) -> Option<Key> {
        find(target, name, self.only)
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

    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        self.parse(Jiter::next_skip)
    }

    /// Reads the value that comes next with `read`, and continues after the value whether or not that succeeded.
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
        let peek = self.parse(Jiter::peek)?;
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

/// As [`Reader::find`].
fn find<T: Target>(target: &T, name: &str, only: Option<Features>) -> Option<Key> {
    let taken = |available: Availability| only.is_none_or(|features| available.within(features));
    let by = |named: &dyn Fn(&Property) -> bool| {
        (0..)
            .map_while(|index| target.property(index))
            .position(|property| named(property) && taken(property.available))
    };
    if let Some(index) = by(&|property| property.name() == name) {
        return Some(Key::Property(index, false));
    }
    // Other names were never those of a release.
    if taken(Availability::Unreleased)
        && let Some(index) = by(&|property| property.also == Some(name))
    {
        return Some(Key::Property(index, true));
    }
    target.ignored(name).is_some_and(taken).then_some(Key::Ignored)
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
