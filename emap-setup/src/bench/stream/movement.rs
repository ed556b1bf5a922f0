//! ADT messages: the steps of a journey.

use std::fmt::{Result, Write};

use super::StreamMessage;
use super::chance::Chance;
use super::journey::{Journey, Step};
use super::mix::{Family, Told};
use super::patient::Patient;
use super::text::{Header, IN_PATIENT, Moment, Stamp, write_patient, write_visit};

/// The patient's next step.
pub(super) fn advance(journey: &mut Journey, moment: Moment, chance: &mut Chance) -> StreamMessage {
    let step = journey.advance(moment.at, chance);
    let trigger = step.trigger();
    let header = Header { sender: "EPIC", facility: "BENCHHOSP", message_type: "ADT", trigger };
    StreamMessage::written(header, moment, Told::only(Family::Adt, 1), |text| {
        let (made, happened) = (Stamp(moment.at), Stamp(journey.happened));
        write!(text, "EVN|{trigger}|{made}||ADT_EVENT|4412^OKONEDO^PIERS^^^^^^BENCH^^^^^HUB|{happened}\r")?;
        write_patient(text, journey.goes_by())?;
        write_relatives(text, journey.goes_by())?;
        if step == Step::Merge {
            let former = journey.patient.before_anybody_knew(journey.visit);
            return write!(text, "MRG|{}^^^BENCH^MRN\r", former.mrn());
        }
        let class = if step == Step::Register { "E" } else { IN_PATIENT };
        write_visit(text, journey, class, (step == Step::Discharge).then_some(happened))?;
        write_rest(text, journey, &made)
    })
}

/// PD1 and NK1.
fn write_relatives(text: &mut String, patient: Patient) -> Result {
    let (mrn, house) = (patient.mrn(), patient.house());
    let (practice, doctor) = (mrn % 90_000, mrn % 8_000_000);
    write!(text, "PD1|||BENCHBURY HEALTH CENTRE^^X{practice:05}|G{doctor:07}^NIGHTINGALE^FLO\r")?;
    let (family, middle, street) = (patient.family(), patient.middle(), patient.street());
    write!(text, "NK1|1|{family}^{middle}^^^MR|SPOUSE|{house} {street}^^BENCHBURY^^")?;
    let (area, telephone) = (house % 30 + 1, (mrn + 1) % 10_000);
    write!(text, "BB{area} 1QX^GBR|020 7946 {telephone:04}^PRN^PH||EMERGENCY CONTACT\r")
}

fn write_rest(text: &mut String, journey: &Journey, made: &Stamp) -> Result {
    let mrn = journey.goes_by().mrn();
    // PV2-4 to PV2-37 are empty.
    write!(text, "PV2||NHS|CHEST PAIN^Chest pain on exertion{}Ambulance\r", "|".repeat(35))?;
    write!(text, "ROL|1|UP|GP|G{:07}^NIGHTINGALE^FLO^^^DR^^^GMC^^^^GMC|{made}\r", mrn % 8_000_000)?;
    write!(text, "AL1|1|DA|9000{}^SUBSTANCE NUMBER {}^BENCHCODE|MODERATE|RASH\r", mrn % 97, mrn % 97)?;
    write!(text, "GT1|1|{mrn}|{}^{}||||||P\r", journey.patient.family(), journey.patient.given())?;
    write!(text, "ZPV|||||||||||||{made}||||Emergency department pathway|MED^General medicine\r")?;
    write!(text, "ZPU|1|{}|Benchbury commissioning group\r", journey.visit)
}

#[cfg(test)]
mod tests {
    use super::super::{HospitalStream, StreamSettings};
    use emap_ids_reader::{ConvertSettings, Converter, ConversionOutcome};
    use emap_interchange::{AdtEvent, InterchangeValue, Payload};

    #[test]
    fn every_message_converts_and_its_fields_stand_where_they_belong() {
        let mut converter = Converter::new(ConvertSettings::default());
        for message in HospitalStream::new(StreamSettings {
            messages: 3000,
            cancellations: 0.1,
            merges: 0.1,
            ..StreamSettings::default()
        }) {
            let conversion = converter.convert("0000000001", message.text.as_bytes());
            let ConversionOutcome::Messages(messages) = conversion.outcome else {
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
