//! The segments that all messages have, and how values are written in them.

use std::fmt::{Display, Formatter, Result, Write};

use chrono_tz::Europe::London;
use emap_interchange::{Instant, PatientClass};

use crate::{event::Event, person::Person, place::Place, visit::Encounter};

/// A point in time, as on the hospital's clocks.
pub(super) struct Stamp(pub(super) Instant);

impl Display for Stamp {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        write!(formatter, "{}", self.0.with_timezone(&London).format("%Y%m%d%H%M%S"))
    }
}

/// The day of a point in time.
pub(super) struct Day(pub(super) Instant);

impl Display for Day {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        write!(formatter, "{}", self.0.with_timezone(&London).format("%Y%m%d"))
    }
}

/// A place with facility and department (data type PL).
pub(super) struct Location(pub(super) Place);

impl Display for Location {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Location(place) = self;
        match place.bed {
            Some(_) => write!(formatter, "{place}^BENCHHOSP^^BED^^^T{:02}", place.ward),
            None => write!(formatter, "T{:02}^^^BENCHHOSP^^DEPT", place.ward),
        }
    }
}

/// Nothing if not known.
pub(super) struct Known<T>(pub(super) Option<T>);

impl<T: Display> Display for Known<T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(formatter))
    }
}

/// Text in which separators are escaped.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        for character in self.0.chars() {
            match character {
                '|' => formatter.write_str("\\F\\")?,
                '^' => formatter.write_str("\\S\\")?,
                '&' => formatter.write_str("\\T\\")?,
                '~' => formatter.write_str("\\R\\")?,
                '\\' => formatter.write_str("\\E\\")?,
                _ => formatter.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// So many empty fields.
pub(super) struct Empty(pub(super) usize);

impl Display for Empty {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        (0..self.0).try_for_each(|_| formatter.write_char('|'))
    }
}

/// MSH.
pub(super) fn write_msh(text: &mut String, event: &Event) -> Result {
    let (header, made, id) = (event.header(), Stamp(event.at), event.number);
    write!(text, "MSH|^~\\&|{}|{}|EMAP|RECEIVER|{made}|INTERFACE|", header.sender, header.facility)?;
    write!(text, "{}^{}|{id}|T|2.5.1\r", header.message_type, header.trigger)
}

/// EVN of messages that are no movement.
pub(super) fn write_evn(text: &mut String, event: &Event) -> Result {
    write!(text, "EVN|{}|{}|||4412^OKONEDO^PIERS^^^^^^BENCH^^^^^HUB\r", event.trigger(), Stamp(event.at))
}

/// PID and PV1.
pub(super) fn write_frame(text: &mut String, event: &Event) -> Result {
    write_pid(text, event.patient)?;
    write_pv1(text, &event.visit, None)
}

/// PID.
pub(super) fn write_pid(text: &mut String, patient: Person) -> Result {
    let (mrn, born) = (patient.mrn, Known(patient.birth_date().map(|date| date.format("%Y%m%d"))));
    let (family, given, middle) = (patient.family(), patient.given(), patient.middle());
    let (street, house, ethnic) = (patient.street(), patient.house(), patient.ethnic_group().0);
    write!(text, "PID|1|{mrn}|{mrn}^^^BENCH^MRN")?;
    if let Some(nhs_number) = patient.nhs_number() {
        write!(text, "~{nhs_number}^^^NHSNBR^NHSNMBR")?;
    }
    write!(text, "||{family}^{given}^{middle}^^{}^^CURRENT||{born}|{}|||", patient.title(), patient.sex())?;
    write!(text, "{house} {street}^^BENCHBURY^^{}^GBR^HOME||", patient.postcode())?;
    let (telephone, mobile) = (mrn.digits() % 10_000, mrn.digits() % 1000);
    write!(text, "020 7946 {telephone:04}^PRN^PH~07700 900{mobile:03}^PRN^CP||ENG|M|2L|")?;
    write!(text, "||||{ethnic}||||||||N\r")
}

/// PV1; `pending`: where the patient is to go.
pub(super) fn write_pv1(text: &mut String, visit: &Encounter, pending: Option<Place>) -> Result {
    let Encounter { class, place, former, arrived, discharged, service, .. } = *visit;
    let class = if class == PatientClass::Emergency { "E" } else { "I" };
    let [place, former, pending] = [place, former, pending].map(|place| Known(place.map(Location)));
    let (disposition, destination) =
        if discharged.is_some() { ("HOME", "USUAL RESIDENCE") } else { ("", "") };
    let [arrived, discharged] = [arrived, discharged].map(|time| Known(time.map(Stamp)));
    write!(text, "PV1|1|{class}|{place}|{}||{former}|", visit.admission_type())?;
    write!(
        text,
        "C31337^ALDERSON^MAUDE^^^DR^^^BENCH^^^^PROVID|C31338^BIRTWHISTLE^TOM^^^DR^^^BENCH^^^^PROVID|"
    )?;
    write!(text, "C31339^CRABTREE^IRIS^^^DR^^^BENCH^^^^PROVID|{service}^Speciality {service}||||19|||")?;
    write!(text, "C31337^ALDERSON^MAUDE^^^DR|")?;
    write!(text, "INPATIENT|{}^^^^VISITID|", visit.id())?;
    // PV1-20 to PV1-35 are empty.
    write!(text, "{}{disposition}|{destination}|||||{pending}||{arrived}|{discharged}\r", Empty(16))
}
