//! The HL7 text of a step.

use std::fmt::{Display, Formatter, Result, Write};

use chrono::{DateTime, Utc};

use super::journey::{Journey, Place, Step};
use super::patient::Patient;

/// Message text with CR after each segment.
pub(super) fn render(journey: &Journey, step: Step, now: DateTime<Utc>, control_id: u64) -> String {
    let mut text = String::with_capacity(2048);
    // Writing to a string cannot fail.
    let _ = write_message(&mut text, journey, step, now, control_id);
    text
}

struct Stamp(DateTime<Utc>);

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

struct Known<T>(Option<T>);

impl<T: Display> Display for Known<T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(formatter))
    }
}

fn write_message(text: &mut String, journey: &Journey, step: Step, now: DateTime<Utc>, id: u64) -> Result {
    let (trigger, made) = (step.trigger(), Stamp(now));
    let happened = Stamp(journey.happened);
    write!(text, "MSH|^~\\&|EPIC|BENCHHOSP|EMAP|RECEIVER|{made}|INTERFACE|ADT^{trigger}|{id}|T|2.5.1\r")?;
    write!(text, "EVN|{trigger}|{made}||ADT_EVENT|4412^OKONEDO^PIERS^^^^^^BENCH^^^^^HUB|{happened}\r")?;
    write_patient(text, journey.goes_by())?;
    if step == Step::Merge {
        return write!(
            text,
            "MRG|{}^^^BENCH^MRN\r",
            journey.patient.before_anybody_knew(journey.visit).mrn()
        );
    }
    write_visit(text, journey, step, &happened)?;
    write_rest(text, journey, &made)
}

fn write_patient(text: &mut String, patient: Patient) -> Result {
    let (mrn, nhs, born) = (patient.mrn(), patient.nhs_number(), patient.birth_date());
    let (family, given, middle) = (patient.family(), patient.given(), patient.middle());
    let (sex, title) = if patient.is_female() { ("F", "MS") } else { ("M", "MR") };
    let (street, house, ethnic) = (patient.street(), patient.number % 180 + 1, patient.ethnic_group());
    write!(text, "PID|1|{mrn}|{mrn}^^^BENCH^MRN~{nhs}^^^NHSNBR^NHSNMBR||")?;
    write!(text, "{family}^{given}^{middle}^^{title}^^CURRENT||{born}|{sex}|||")?;
    write!(text, "{house} {street}^^BENCHBURY^^BB{} {}QX^GBR^HOME||", house % 30 + 1, house % 9)?;
    write!(text, "020 7946 {:04}^PRN^PH~07700 900{:03}^PRN^CP||ENG|M|2L|", mrn % 10_000, mrn % 1000)?;
    write!(text, "||||{ethnic}||||||||N\r")?;
    write!(
        text,
        "PD1|||BENCHBURY HEALTH CENTRE^^X{:05}|G{:07}^NIGHTINGALE^FLO\r",
        mrn % 90_000,
        mrn % 8_000_000
    )?;
    write!(
        text,
        "NK1|1|{family}^{middle}^^^MR|SPOUSE|{house} {street}^^BENCHBURY^^BB{} 1QX^GBR|",
        house % 30 + 1
    )?;
    write!(text, "020 7946 {:04}^PRN^PH||EMERGENCY CONTACT\r", (mrn + 1) % 10_000)
}

fn write_visit(text: &mut String, journey: &Journey, step: Step, happened: &Stamp) -> Result {
    let class = if step == Step::Register { "E" } else { "I" };
    let (here, before) = (journey.place, Known(journey.former_place));
    let is_discharge = step == Step::Discharge;
    let disposition = if is_discharge { "HOME" } else { "" };
    let destination = if is_discharge { "USUAL RESIDENCE" } else { "" };
    let discharged = Known(is_discharge.then_some(happened));
    let admitted = Known(journey.arrived.map(Stamp));
    write!(text, "PV1|1|{class}|{here}|EMERGENCY||{before}|")?;
    write!(
        text,
        "C31337^ALDERSON^MAUDE^^^DR^^^BENCH^^^^PROVID|C31338^BIRTWHISTLE^TOM^^^DR^^^BENCH^^^^PROVID|"
    )?;
    write!(text, "C31339^CRABTREE^IRIS^^^DR^^^BENCH^^^^PROVID|GENMED||||19|||C31337^ALDERSON^MAUDE^^^DR|")?;
    write!(text, "INPATIENT|{}^^^^VISITID|", 700_000_000 + journey.visit)?;
    // PV1-20 to PV1-35 are empty.
    write!(text, "{}{disposition}|{destination}|||||||{admitted}|{discharged}\r", "|".repeat(16))?;
    // PV2-4 to PV2-37 are empty.
    write!(text, "PV2||NHS|CHEST PAIN^Chest pain on exertion{}Ambulance\r", "|".repeat(35))
}

fn write_rest(text: &mut String, journey: &Journey, made: &Stamp) -> Result {
    let mrn = journey.goes_by().mrn();
    write!(text, "ROL|1|UP|GP|G{:07}^NIGHTINGALE^FLO^^^DR^^^GMC^^^^GMC|{made}\r", mrn % 8_000_000)?;
    write!(text, "AL1|1|DA|9000{}^SUBSTANCE NUMBER {}^BENCHCODE|MODERATE|RASH\r", mrn % 97, mrn % 97)?;
    write!(text, "GT1|1|{mrn}|{}^{}||||||P\r", journey.patient.family(), journey.patient.given())?;
    write!(text, "ZPV|||||||||||||{made}||||Emergency department pathway|MED^General medicine\r")?;
    write!(text, "ZPU|1|{}|Benchbury commissioning group\r", journey.visit)
}

#[cfg(test)]
mod tests {
    use super::super::{AdtStream, StreamSettings};
    use emap_ids_reader::{ConvertSettings, Converter, Outcome};
    use emap_interchange::{AdtEvent, InterchangeValue, Payload};

    #[test]
    fn every_message_converts_and_its_fields_stand_where_they_belong() {
        let mut converter = Converter::new(ConvertSettings::default());
        for message in AdtStream::new(StreamSettings {
            messages: 3000,
            cancellations: 0.1,
            merges: 0.1,
            ..StreamSettings::default()
        }) {
            let conversion = converter.convert("0000000001", message.text.as_bytes());
            let Outcome::Messages(messages) = conversion.outcome else {
                panic!("{conversion:?}\n{}", message.text)
            };
            assert_eq!(messages.len(), 1);
            let Payload::Adt(adt) = &messages[0].payload else { panic!("no patient message") };
            assert!(adt.mrn.as_deref().is_some_and(|mrn| mrn.starts_with(['4', '8']) && mrn.len() == 8));
            if message.trigger == "A40" {
                let previous = adt.event.previous_identifiers().and_then(|(mrn, _)| mrn);
                assert!(previous.is_some_and(|mrn| mrn.starts_with('8')));
                continue;
            }
            assert!(adt.visit_number.as_deref().is_some_and(|visit| visit.starts_with("70000")));
            assert_eq!(adt.mode_of_arrival, InterchangeValue::Save("Ambulance".to_owned()));
            assert!(matches!(adt.ethnic_group, InterchangeValue::Save(_)));
            assert_eq!(adt.patient_is_alive, InterchangeValue::Save(true));
            assert!(matches!(&adt.full_location_string, InterchangeValue::Save(bed) if bed.starts_with('T')));
            let moved = matches!(adt.previous_location_string, InterchangeValue::Save(_));
            match &adt.event {
                AdtEvent::TransferPatient { .. } => assert!(moved),
                AdtEvent::CancelTransferPatient { cancelled_date_time, cancelled_location } => {
                    assert!(cancelled_date_time.is_some());
                    assert_eq!(cancelled_location.as_ref(), adt.previous_location_string.saved());
                }
                AdtEvent::DischargePatient { discharge_date_time, discharge_disposition, .. } => {
                    assert!(discharge_date_time.is_some());
                    assert_eq!(discharge_disposition.as_deref(), Some("HOME"));
                }
                _ => {}
            }
        }
    }
}
