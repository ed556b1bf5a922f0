//! Which segments of a message are about which patient.

use emap_hl7::{Segment, Value};

use crate::{values::identifier, views::Pid};

/// The segments of a message, cut before its second patient, its third and so on. What stands before the first patient
/// is part of the first piece. A patient's segment that comes again starts no piece.
pub(crate) fn by_patient<'s, 'a>(segments: &'s [Segment<'a>]) -> impl Iterator<Item = &'s [Segment<'a>]> {
    let mut rest = segments;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(second_patient(rest).unwrap_or(rest.len()));
        rest = after;
        Some(piece).filter(|piece| !piece.is_empty())
    })
}

/// Where the first segment of another patient than the first one stands.
fn second_patient(segments: &[Segment]) -> Option<usize> {
    let mut patients = segments.iter().enumerate().filter(|(_, segment)| segment.is(Pid::NAME));
    let (_, first) = patients.next()?;
    patients.find(|(_, segment)| !is_same_patient(first, segment)).map(|(position, _)| position)
}

/// Whether the patients have the same hospital number. Without one, everything that may identify them must be the same.
fn is_same_patient(one: &Segment, other: &Segment) -> bool {
    let (one, other) = (Pid::of(one), Pid::of(other));
    match (identifier(one.mrn()), identifier(other.mrn())) {
        (None, None) => traits(&one) == traits(&other),
        (one, other) => one == other,
    }
}

fn traits<'a>(pid: &Pid<'a>) -> [Value<'a>; 5] {
    let name = pid.name();
    [pid.nhs_number(), name.family(), name.given(), pid.born_at().value().trimmed(), pid.account_number()]
}

#[cfg(test)]
mod tests {
    use emap_hl7::Message;

    use super::*;

    fn pieces(names: &str) -> Vec<String> {
        let text = format!("MSH|^~\\&|A\r{}", names.replace(' ', "\r"));
        let message = Message::parse(&text).unwrap();
        let pieces = by_patient(message.segments());
        pieces.map(|piece| piece.iter().map(Segment::name).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn every_segment_is_in_one_piece() {
        assert_eq!(pieces("EVN PV1"), ["MSH EVN PV1"]);
        assert_eq!(pieces("EVN PID|||1 PV1"), ["MSH EVN PID PV1"]);
        assert_eq!(pieces("EVN PID|||1 PID|||2 PV1 PID|||1"), ["MSH EVN PID", "PID PV1", "PID"]);
    }

    #[test]
    fn the_same_patient_again_starts_no_piece() {
        assert_eq!(pieces("PID|1||7^^^M~8 PV1 PID|2||7 MRG"), ["MSH PID PV1 PID MRG"]);
        assert_eq!(pieces("PID|1||\u{1f}7 PID|1||7\u{1f} PID|||8 PV1"), ["MSH PID PID", "PID PV1"]);
    }

    #[test]
    fn without_a_number_all_that_identifies_a_patient_must_be_the_same() {
        assert_eq!(pieces("PID|1||||A PID|1||||A PV1"), ["MSH PID PID PV1"]);
        assert_eq!(pieces("PID|1||||A PID|2||||A^^^|| PV1"), ["MSH PID PID PV1"]);
        assert_eq!(pieces("PID|1||||A PID|1||||A^B PV1"), ["MSH PID", "PID PV1"]);
        assert_eq!(pieces("PID|1||||A PID|1||~9||A PV1"), ["MSH PID", "PID PV1"]);
        assert_eq!(pieces("PID|1||7 PID|1||||B PV1"), ["MSH PID", "PID PV1"]);
    }
}
