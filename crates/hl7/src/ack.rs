//! Acknowledgements.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Utc};

use crate::positional::Positional;

/// What an acknowledgement says: MSA-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckCode {
    /// Accepted.
    Accept,
    /// Something is wrong with the message; sending it again may help.
    Error,
    /// The message is of a kind that is not accepted.
    Reject,
}

/// Whether an acknowledgement is about processing (original mode) or about safe keeping (enhanced mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckLevel {
    /// `AA`, `AE`, `AR`.
    Application,
    /// `CA`, `CE`, `CR`.
    Commit,
}

impl AckCode {
    /// The two letters.
    pub fn letters(self, level: AckLevel) -> &'static str {
        match (level, self) {
            (AckLevel::Application, Self::Accept) => "AA",
            (AckLevel::Application, Self::Error) => "AE",
            (AckLevel::Application, Self::Reject) => "AR",
            (AckLevel::Commit, Self::Accept) => "CA",
            (AckLevel::Commit, Self::Error) => "CE",
            (AckLevel::Commit, Self::Reject) => "CR",
        }
    }
}

/// Why a message is not accepted: the ERR segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckError {
    /// ERR-3, the kind of error.
    pub kind: &'static str,
    /// ERR-8, for people. Not escaped: it must hold no line end.
    pub text: String,
}

/// Builds the acknowledgement of a message, in the message's own separators.
///
/// Segments end with CR. An error adds LF and an ERR segment without an end, in the usual separators.
pub fn acknowledgement(
    source: &Positional<'_>,
    (code, level): (AckCode, AckLevel),
    error: Option<&AckError>,
    (control_id, now): (&str, DateTime<Utc>),
) -> String {
    let separators = source.separators();
    let (f, c) = (char::from(separators.field), char::from(separators.component));
    let mut ack = String::with_capacity(256);
    let trigger = source.component("MSH", 9, 2).unwrap_or_default();
    let raw = |number| source.raw("MSH", number);
    // Writing to a string cannot fail.
    let _ = write!(
        ack,
        "MSH{f}{}{f}{}{f}{}{f}{}{f}{}{f}{}{f}{f}ACK{c}{trigger}{c}ACK{f}{control_id}{f}{}{f}{}\r",
        raw(2),
        raw(5),
        raw(6),
        raw(3),
        raw(4),
        now.format("%Y%m%d%H%M%S"),
        raw(11),
        raw(12),
    );
    let _ = write!(ack, "MSA{f}{}{f}{}\r", code.letters(level), raw(10));
    if let Some(AckError { kind, text }) = error {
        let _ = write!(ack, "\nERR|||{kind}|E||||{text}");
    }
    ack
}

/// A control id of 20 characters: year's last digit, day of the year, time to the microsecond (UTC), and four different
/// letters or digits from `random`.
pub fn control_id(now: DateTime<Utc>, random: &mut impl FnMut(usize) -> usize) -> String {
    let mut alphabet = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut id = format!("{}{}", now.year().rem_euclid(10), now.format("%j%H%M%S"));
    let _ = write!(id, "{:06}", now.timestamp_subsec_micros() % 1_000_000);
    for taken in 0..4 {
        let chosen = taken + random(alphabet.len() - taken).min(alphabet.len() - taken - 1);
        alphabet.swap(taken, chosen);
        id.push(char::from(alphabet[taken]));
    }
    id
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const SOURCE: &str = "MSH|^~\\&|SA|SF^x|RA|RF|20200601120000||ADT^A06|X1|P|2.3";

    fn ack(source: &str, code: AckCode, error: Option<&AckError>) -> String {
        let now = Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap();
        let source = Positional::parse(source).unwrap();
        acknowledgement(&source, (code, AckLevel::Application), error, ("ID", now))
    }

    #[test]
    fn applications_change_places() {
        let expected = "MSH|^~\\&|RA|RF|SA|SF^x|20300101000000||ACK^A06^ACK|ID|P|2.3\rMSA|AA|X1\r";
        assert_eq!(ack(SOURCE, AckCode::Accept, None), expected);
    }

    #[test]
    fn an_error_adds_a_segment_in_the_usual_separators() {
        let error = AckError { kind: "Kind", text: "Words & more".to_owned() };
        let ack = ack(&SOURCE.replace('|', "$"), AckCode::Reject, Some(&error));
        assert!(ack.starts_with("MSH$^~\\&$RA$RF$SA$SF^x$"), "{ack}");
        assert!(ack.ends_with("\rMSA$AR$X1\r\nERR|||Kind|E||||Words & more"), "{ack}");
    }

    #[test]
    fn a_control_id_has_twenty_characters() {
        let now = Utc.with_ymd_and_hms(2029, 12, 31, 23, 59, 59).unwrap();
        assert_eq!(control_id(now, &mut |_| 0), "9365235959000000ABCD");
        let last = control_id(now, &mut |choices| choices - 1);
        assert_eq!(last.len(), 20);
        assert!(last.ends_with('Z') || last.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{last}");
    }
}
