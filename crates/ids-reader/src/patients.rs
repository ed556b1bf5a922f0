//! Which segments of a message are about which patient.

use emap_hl7::Segment;

use crate::views::Pid;

/// The segments of a message, cut before its second patient, its third and so on. What stands before the first patient
/// is part of the first piece.
pub(crate) fn by_patient<'s, 'a>(segments: &'s [Segment<'a>]) -> impl Iterator<Item = &'s [Segment<'a>]> {
    let mut rest = segments;
    std::iter::from_fn(move || {
        let mut patients = rest.iter().enumerate().filter(|(_, segment)| segment.is(Pid::NAME));
        let next = patients.nth(1).map_or(rest.len(), |(position, _)| position);
        let (piece, after) = rest.split_at(next);
        rest = after;
        Some(piece).filter(|piece| !piece.is_empty())
    })
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
        assert_eq!(pieces("EVN PID PV1"), ["MSH EVN PID PV1"]);
        assert_eq!(pieces("EVN PID PID PV1 PID"), ["MSH EVN PID", "PID PV1", "PID"]);
    }
}
