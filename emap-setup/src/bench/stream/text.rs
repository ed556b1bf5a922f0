//! The HL7 text of messages: the segments that all of them have.

use std::fmt::{Display, Formatter, Result, Write};

use chrono::{DateTime, Utc};

use super::journey::{Journey, Place};
use super::patient::Patient;

/// What a message says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) sender: &'static str,
    pub(super) facility: &'static str,
    /// Such as `ADT`.
    pub(super) message_type: &'static str,
    /// Such as `A02`.
    pub(super) trigger: &'static str,
}

/// When a message is made, and its number in the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) at: DateTime<Utc>,
    pub(super) control_id: u64,
}

pub(super) struct Stamp(pub(super) DateTime<Utc>);

impl Display for Stamp {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        write!(formatter, "{}", self.0.format("%Y%m%d%H%M%S"))
    }
}

impl Display for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Self { ward, room, bed } = self;
        write!(
            formatter,
            "T{ward:02}^T{ward:02} Room {room}^T{ward:02}-{room}{bed:02}^BENCHHOSP^^BED^^^T{ward:02}"
        )
    }
}

/// Nothing if not known.
pub(super) struct Known<T>(pub(super) Option<T>);

impl<T: Display> Display for Known<T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(formatter))
    }
}

/// A number without its decimal point, and how many decimals it has.
pub(super) struct Decimal(pub(super) i64, pub(super) usize);

impl Display for Decimal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Self(number, decimals) = *self;
        if decimals == 0 {
            return write!(formatter, "{number}");
        }
        let digits = format!("{:0width$}", number.unsigned_abs(), width = decimals + 1);
        let (whole, rest) = digits.split_at(digits.len() - decimals);
        write!(formatter, "{}{whole}.{rest}", if number < 0 { "-" } else { "" })
    }
}

/// MSH.
pub(super) fn write_header(text: &mut String, header: Header, moment: Moment) -> Result {
    let Header { sender, facility, message_type, trigger } = header;
    let (made, id) = (Stamp(moment.at), moment.control_id);
    write!(text, "MSH|^~\\&|{sender}|{facility}|EMAP|RECEIVER|{made}|INTERFACE|")?;
    write!(text, "{message_type}^{trigger}|{id}|T|2.5.1\r")
}

/// EVN of messages that are no movement.
pub(super) fn write_event(text: &mut String, header: Header, moment: Moment) -> Result {
    write!(text, "EVN|{}|{}|||4412^OKONEDO^PIERS^^^^^^BENCH^^^^^HUB\r", header.trigger, Stamp(moment.at))
}

/// Class of patients who lie in a bed.
pub(super) const IN_PATIENT: &str = "I";

/// PID and PV1 of a patient who lies in a bed.
pub(super) fn write_frame(text: &mut String, journey: &Journey) -> Result {
    write_patient(text, journey.goes_by())?;
    write_visit(text, journey, IN_PATIENT, None)
}

/// PID.
pub(super) fn write_patient(text: &mut String, patient: Patient) -> Result {
    let (mrn, nhs, born) = (patient.mrn(), patient.nhs_number(), patient.birth_date());
    let (family, given, middle) = (patient.family(), patient.given(), patient.middle());
    let (sex, title) = if patient.is_female() { ("F", "MS") } else { ("M", "MR") };
    let (street, house, ethnic) = (patient.street(), patient.house(), patient.ethnic_group());
    write!(text, "PID|1|{mrn}|{mrn}^^^BENCH^MRN~{nhs}^^^NHSNBR^NHSNMBR||")?;
    write!(text, "{family}^{given}^{middle}^^{title}^^CURRENT||{born}|{sex}|||")?;
    write!(text, "{house} {street}^^BENCHBURY^^BB{} {}QX^GBR^HOME||", house % 30 + 1, house % 9)?;
    write!(text, "020 7946 {:04}^PRN^PH~07700 900{:03}^PRN^CP||ENG|M|2L|", mrn % 10_000, mrn % 1000)?;
    write!(text, "||||{ethnic}||||||||N\r")
}

/// PV1; `discharged` when the patient has left.
pub(super) fn write_visit(
    text: &mut String,
    journey: &Journey,
    class: &str,
    discharged: Option<Stamp>,
) -> Result {
    let (here, before) = (journey.place, Known(journey.former_place));
    let (disposition, destination) =
        if discharged.is_some() { ("HOME", "USUAL RESIDENCE") } else { ("", "") };
    let (admitted, discharged) = (Known(journey.arrived.map(Stamp)), Known(discharged));
    write!(text, "PV1|1|{class}|{here}|EMERGENCY||{before}|")?;
    write!(
        text,
        "C31337^ALDERSON^MAUDE^^^DR^^^BENCH^^^^PROVID|C31338^BIRTWHISTLE^TOM^^^DR^^^BENCH^^^^PROVID|"
    )?;
    write!(text, "C31339^CRABTREE^IRIS^^^DR^^^BENCH^^^^PROVID|GENMED||||19|||C31337^ALDERSON^MAUDE^^^DR|")?;
    write!(text, "INPATIENT|{}^^^^VISITID|", 700_000_000 + journey.visit)?;
    // PV1-20 to PV1-35 are empty.
    write!(text, "{}{disposition}|{destination}|||||||{admitted}|{discharged}\r", "|".repeat(16))
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals() {
        let numbers = [Decimal(365, 1), Decimal(7, 2), Decimal(-3, 0), Decimal(-12, 1), Decimal(0, 3)];
        assert_eq!(numbers.map(|number| number.to_string()), ["36.5", "0.07", "-3", "-1.2", "0.000"]);
    }
}
