//! Bodies written down in less space.

use emap_interchange::{Instant, InterchangeValue};

pub(crate) const PACKAGE: &str = "uk.ac.ucl.rits.inform.interchange";

/// The body that is meant: `P` stands for the package, `U` and `D` for the wrappers without a value that
/// say nothing and delete, and line breaks are not there.
pub(crate) fn wire(shorthand: &str) -> String {
    let wrapper =
        |status| format!(r#"{{"@class":"{PACKAGE}.InterchangeValue","value":null,"status":"{status}"}}"#);
    let unknown = format!(":{}", wrapper("IGNORE"));
    let delete = format!(":{}", wrapper("DELETE"));
    let text: String = shorthand.lines().collect();
    text.replace("\"P.", &format!("\"{PACKAGE}.")).replace(":U", &unknown).replace(":D", &delete)
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A text that is there.
#[allow(clippy::unnecessary_wraps, reason = "it is for properties that may be null")]
pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}
