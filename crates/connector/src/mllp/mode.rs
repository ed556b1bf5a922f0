//! Which answer a sender wants: MSH-15 and MSH-16.

use emap_hl7::{AckCode, AckLevel, Positional};

/// When an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Always,
    Never,
    OnError,
    OnSuccess,
}

impl Wanted {
    /// Whether this answer is.
    pub(super) fn takes(self, code: AckCode) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnError => code != AckCode::Accept,
            Self::OnSuccess => code == AckCode::Accept,
        }
    }

    fn read(code: &str) -> Option<Self> {
        match code.to_ascii_uppercase().as_str() {
            "AL" => Some(Self::Always),
            "NE" => Some(Self::Never),
            "ER" => Some(Self::OnError),
            "SU" => Some(Self::OnSuccess),
            _ => None,
        }
    }
}

/// The level of the answer, and when it is wanted. A message has one answer: that of the level of safe keeping if the
/// sender asks for it, else that of processing. Without either field (original mode) there is always an answer.
pub(super) fn of(message: &Positional<'_>) -> (AckLevel, Wanted) {
    let field = |number| Wanted::read(message.get("MSH", number).as_deref().unwrap_or_default());
    match (field(15), field(16)) {
        (None, None) => (AckLevel::Application, Wanted::Always),
        (Some(commit), None) => (AckLevel::Commit, commit),
        (Some(commit), Some(_)) if commit != Wanted::Never => (AckLevel::Commit, commit),
        (_, Some(application)) => (AckLevel::Application, application),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_modes() {
        let of = |fields: &str| {
            let text = format!("MSH|^~\\&|A|B|C|D|20200101||ADT^A01|1|P|2.4{fields}");
            super::of(&Positional::parse(&text).unwrap())
        };
        assert_eq!(of(""), (AckLevel::Application, Wanted::Always));
        assert_eq!(of("|||AL"), (AckLevel::Commit, Wanted::Always));
        assert_eq!(of("|||AL|NE"), (AckLevel::Commit, Wanted::Always));
        assert_eq!(of("|||NE|AL"), (AckLevel::Application, Wanted::Always));
        assert_eq!(of("|||NE|NE"), (AckLevel::Application, Wanted::Never));
        assert_eq!(of("|||NE"), (AckLevel::Commit, Wanted::Never));
        assert_eq!(of("||||ER"), (AckLevel::Application, Wanted::OnError));
        assert_eq!(of("|||er|AL"), (AckLevel::Commit, Wanted::OnError));
        assert!(Wanted::OnError.takes(AckCode::Reject) && !Wanted::OnError.takes(AckCode::Accept));
        assert!(Wanted::OnSuccess.takes(AckCode::Accept) && !Wanted::OnSuccess.takes(AckCode::Error));
    }
}
