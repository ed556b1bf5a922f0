//! One message as it came, and what makes it readable.

use emap_interchange::{DecodeError, Message};
use encoding_rs::{Encoding, UTF_8};

/// One message as the broker delivered it. Headers other than these do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The message, JSON unless something is wrong.
    pub body: Vec<u8>,
    /// What its publisher says the body is.
    pub content_type: Option<String>,
    /// The character set its publisher says the body is in.
    pub content_encoding: Option<String>,
    /// The class its publisher names in a header. Not used: the body decides what the message is.
    pub type_header: Option<String>,
    /// The queue it was in before core put it into that of a partition. Anyone can write it: it means nothing elsewhere.
    pub origin: Option<String>,
    /// Whether the broker had delivered it before.
    pub redelivered: bool,
}

/// Why a delivery is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The publisher says that it is something else.
    #[error("content type {} is not JSON", printable(.0))]
    ContentType(String),
    /// No character set has this name; a compressed body, perhaps.
    #[error("content encoding {} is no known character set", printable(.0))]
    ContentEncoding(String),
    /// The publisher names a character set that the bytes do not fit.
    #[error("the body is not text in {0}, as its content encoding says")]
    NotInCharset(&'static str),
    /// The body is no message.
    #[error(transparent)]
    Body(#[from] DecodeError),
}

/// What a producer calls bytes about which it says nothing.
const ANY_BYTES: &str = "application/octet-stream";

impl Delivery {
    /// Reads the message. Afterwards the body is in UTF-8, if it is text in a known character set.
    ///
    /// Fails on a content type that is not JSON, a character set that is unknown or wrong, and
    /// all that [`Message::from_json`] fails on. Missing properties are no fault.
    pub fn decode(&mut self) -> Result<Message, Unreadable> {
        if let Some(body) = self.recoded()? {
            self.body = body;
            self.content_encoding = Some(UTF_8.name().to_owned());
        }
        self.read_as(&self.body)
    }

    /// Reads the message and leaves the delivery as it came. Fails as [`decode`](Self::decode) does.
    pub fn read(&self) -> Result<Message, Unreadable> {
        let recoded = self.recoded()?;
        self.read_as(recoded.as_ref().unwrap_or(&self.body))
    }

    fn read_as(&self, body: &[u8]) -> Result<Message, Unreadable> {
        if let Some(other) = self.content_type.as_ref().filter(|content_type| !may_be_json(content_type)) {
            return Err(Unreadable::ContentType(other.clone()));
        }
        Ok(Message::from_json(body)?)
    }

    /// The body in UTF-8; none if it is in that already. Whether a body in UTF-8 is well-formed, its reader sees.
    fn recoded(&self) -> Result<Option<Vec<u8>>, Unreadable> {
        let Some(name) = self.content_encoding.as_deref().filter(|name| !is_utf8(name)) else {
            return Ok(None);
        };
        let unknown = || Unreadable::ContentEncoding(name.to_owned());
        let charset = Encoding::for_label(name.as_bytes()).ok_or_else(unknown)?;
        let (charset, mark) = Encoding::for_bom(&self.body).unwrap_or((charset, 0));
        let text = charset.decode_without_bom_handling_and_without_replacement(&self.body[mark..]);
        Ok(Some(text.ok_or(Unreadable::NotInCharset(charset.name()))?.into_owned().into_bytes()))
    }
}

/// UTF-8 is also what no name stands for.
fn is_utf8(charset: &str) -> bool {
    charset.is_empty() || charset.eq_ignore_ascii_case(UTF_8.name())
}

fn may_be_json(content_type: &str) -> bool {
    const JSON: &[u8] = b"json";
    content_type.is_empty()
        || content_type.eq_ignore_ascii_case(ANY_BYTES)
        || content_type.as_bytes().windows(JSON.len()).any(|part| part.eq_ignore_ascii_case(JSON))
}

/// A property as it may stand in a log: only if it looks like the name of something.
fn printable(name: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+-._;= ".contains(&byte);
    if name.len() <= 100 && name.bytes().all(plain) { name } else { "with an unreadable name" }
}

#[cfg(test)]
mod tests {
    use emap_interchange::{Message, ResearchOptOut};

    use super::{Delivery, Unreadable};

    fn message() -> Message {
        Message { source_system: Some("Zoë €".to_owned()), ..Message::of(ResearchOptOut::default()) }
    }

    fn delivery(content_type: Option<&str>, content_encoding: Option<&str>, body: Vec<u8>) -> Delivery {
        Delivery {
            body,
            content_type: content_type.map(ToOwned::to_owned),
            content_encoding: content_encoding.map(ToOwned::to_owned),
            ..Delivery::default()
        }
    }

    fn of_type(content_type: Option<&str>) -> Result<Message, Unreadable> {
        delivery(content_type, None, message().to_json()).decode()
    }

    fn in_charset(content_encoding: &str, body: Vec<u8>) -> (Result<Message, Unreadable>, Vec<u8>) {
        let mut delivery = delivery(None, Some(content_encoding), body);
        (delivery.decode(), delivery.body)
    }

    fn reason(decoded: Result<Message, Unreadable>) -> String {
        decoded.unwrap_err().to_string()
    }

    #[test]
    fn content_types_that_may_be_json() {
        for content_type in [
            "application/json",
            "text/x-json",
            "Application/JSON; charset=UTF-8",
            "application/octet-stream",
            "",
        ] {
            assert_eq!(of_type(Some(content_type)), Ok(message()), "{content_type}");
        }
        assert_eq!(of_type(None), Ok(message()));
    }

    #[test]
    fn other_content_types_are_named_unless_odd() {
        let reason = |content_type| reason(of_type(Some(content_type)));
        assert_eq!(reason("text/plain"), "content type text/plain is not JSON");
        assert_eq!(
            reason("application/x-java-serialized-object"),
            "content type application/x-java-serialized-object is not JSON"
        );
        assert_eq!(reason("Smith\n, Jane"), "content type with an unreadable name is not JSON");
    }

    #[test]
    fn the_header_does_not_decide() {
        let mut delivery = delivery(None, None, message().to_json());
        for class in ["uk.ac.ucl.rits.inform.interchange.lab.LabOrderMsg", "no.such.Class"] {
            delivery.type_header = Some(class.to_owned());
            assert_eq!(delivery.decode(), Ok(message()));
        }
    }

    #[test]
    fn bodies_in_other_character_sets() {
        let text = String::from_utf8(message().to_json()).unwrap();
        let windows = text.chars().map(|c| if c == '€' { 0x80 } else { u8::try_from(c).unwrap() }).collect();
        let wide: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        let big: Vec<u8> = wide.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let little = wide.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let cases = [
            ("", text.clone().into_bytes()),
            ("utf-8", text.clone().into_bytes()),
            ("UTF8", text.clone().into_bytes()),
            ("windows-1252", windows),
            ("UTF-16", big.clone()),
            ("UTF-16", little),
            ("UTF-16BE", big),
        ];
        for (charset, body) in cases {
            // The reject table keeps the body as text, so it has to be UTF-8 by then.
            assert_eq!(in_charset(charset, body), (Ok(message()), text.clone().into_bytes()), "{charset}");
        }
    }

    #[test]
    fn character_sets_that_are_unknown_or_wrong() {
        let (decoded, body) = in_charset("gzip", b"\x1f\x8b\x08".to_vec());
        assert_eq!(reason(decoded), "content encoding gzip is no known character set");
        assert_eq!(body, b"\x1f\x8b\x08", "kept as it came");
        let (decoded, body) = in_charset("shift_jis", b"{\"a\": \"\xff\xff\"}".to_vec());
        assert_eq!(reason(decoded), "the body is not text in Shift_JIS, as its content encoding says");
        assert_eq!(body, b"{\"a\": \"\xff\xff\"}");
    }

    #[test]
    fn a_body_in_a_known_character_set_is_text_even_if_it_is_no_message() {
        let (decoded, body) = in_charset("ISO-8859-1", b"{\"name\": \"Zo\xeb\"}".to_vec());
        assert_eq!(reason(decoded), "\"@class\" is missing (at byte 0)");
        assert_eq!(body, "{\"name\": \"Zoë\"}".as_bytes());
        let (decoded, _) = in_charset("UTF-8", b"{\"@class\": \"\xff\"}".to_vec());
        assert!(matches!(decoded, Err(Unreadable::Body(_))));
    }
}
