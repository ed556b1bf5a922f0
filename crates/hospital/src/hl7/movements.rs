//! ADT messages.

use std::fmt::{Result, Write};

use super::segments::{Empty, Stamp, write_pid, write_pv1};
use crate::{
    event::{Event, Movement, MovementKind},
    person::{Mrn, Person},
};

pub(super) fn write(text: &mut String, event: &Event, movement: &Movement) -> Result {
    let (made, happened) = (Stamp(event.at), Stamp(movement.happened));
    let trigger = movement.kind.trigger();
    write!(text, "EVN|{trigger}|{made}||ADT_EVENT|4412^OKONEDO^PIERS^^^^^^BENCH^^^^^HUB|{happened}\r")?;
    write_pid(text, event.patient)?;
    write_relatives(text, event.patient)?;
    match movement.kind {
        MovementKind::Merge { previous } | MovementKind::ChangeIdentifiers { previous } => {
            return write_mrg(text, previous, None);
        }
        MovementKind::MoveVisit { previous } => write_mrg(text, previous, Some(event.visit.id()))?,
        _ => {}
    }
    let pending = match movement.kind {
        MovementKind::Plan { to } | MovementKind::CallOff { to } => to,
        // The bed that will be free.
        MovementKind::PlanDischarge | MovementKind::CallOffDischarge => event.visit.place,
        _ => None,
    };
    write_pv1(text, &event.visit, pending)?;
    write_rest(text, event)?;
    if let MovementKind::Swap { other, visit } = movement.kind {
        write_pid(text, other)?;
        write_pv1(text, &visit, None)?;
    }
    Ok(())
}

/// MRG: the number up to now; of a visit too, if it is moved.
fn write_mrg(text: &mut String, previous: Mrn, visit: Option<String>) -> Result {
    write!(text, "MRG|{previous}^^^BENCH^MRN")?;
    if let Some(visit) = visit {
        write!(text, "||||{visit}")?;
    }
    text.write_str("\r")
}

/// PD1 and NK1.
fn write_relatives(text: &mut String, patient: Person) -> Result {
    let (mrn, house) = (patient.mrn.digits(), patient.house());
    let (practice, doctor) = (mrn % 90_000, mrn % 8_000_000);
    write!(text, "PD1|||BENCHBURY HEALTH CENTRE^^X{practice:05}|G{doctor:07}^NIGHTINGALE^FLO\r")?;
    let (family, middle, street) = (patient.family(), patient.middle(), patient.street());
    write!(text, "NK1|1|{family}^{middle}^^^MR|SPOUSE|{house} {street}^^BENCHBURY^^")?;
    let (area, telephone) = (house % 30 + 1, (mrn + 1) % 10_000);
    write!(text, "BB{area} 1QX^GBR|020 7946 {telephone:04}^PRN^PH||EMERGENCY CONTACT\r")
}

fn write_rest(text: &mut String, event: &Event) -> Result {
    let (patient, made) = (event.patient, Stamp(event.at));
    let mrn = patient.mrn.digits();
    // PV2-4 to PV2-37 are empty.
    write!(text, "PV2||NHS|CHEST PAIN^Chest pain on exertion{}Ambulance\r", Empty(35))?;
    write!(text, "ROL|1|UP|GP|G{:07}^NIGHTINGALE^FLO^^^DR^^^GMC^^^^GMC|{made}\r", mrn % 8_000_000)?;
    write!(text, "AL1|1|DA|9000{}^SUBSTANCE NUMBER {}^BENCHCODE|MODERATE|RASH\r", mrn % 97, mrn % 97)?;
    write!(text, "GT1|1|{mrn}|{}^{}||||||P\r", patient.family(), patient.given())?;
    write!(text, "ZPV|||||||||||||{made}||||Emergency department pathway|MED^General medicine\r")?;
    write!(text, "ZPU|1|{}|Benchbury commissioning group\r", event.visit.number)
}
