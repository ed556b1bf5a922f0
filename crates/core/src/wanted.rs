//! What the messages of a batch will ask for, so that it is read with a handful of queries.

use emap_interchange::{Adt, Message, Payload};
use emap_star::{
    Session, SessionError,
    rows::{
        DemographicByMrn, EventByVisit, LiveByMrn, Location, LocationByString, MrnByMrn, MrnByNhsNumber,
        StayByVisit, VisitByEncounter,
    },
};

/// Keys that messages announce.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    mrns: Vec<String>,
    nhs_numbers: Vec<String>,
    encounters: Vec<String>,
    locations: Vec<String>,
}

impl Wanted {
    /// The keys that one message will ask for.
    pub(crate) fn announce(&mut self, message: &Message) {
        match &message.payload {
            Payload::Adt(adt) => self.announce_adt(adt),
            _ => {}
        }
    }

    fn announce_adt(&mut self, adt: &Adt) {
        self.mrns.extend(adt.mrn.clone());
        self.nhs_numbers.extend(adt.nhs_number.clone());
        self.encounters.extend(adt.visit_number.clone());
        self.locations.extend(adt.full_location_string.saved().cloned());
        self.locations.extend(adt.previous_location_string.saved().cloned());
    }

    /// Names of the patients and encounters, by which processes keep out of each other's way.
    pub(crate) fn subjects(&self) -> Vec<String> {
        let named =
            |kind: &str, names: &[String]| names.iter().map(|n| format!("{kind} {n}")).collect::<Vec<_>>();
        let mut subjects = named("mrn", &self.mrns);
        subjects.extend(named("nhs", &self.nhs_numbers));
        subjects.extend(named("visit", &self.encounters));
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// Reads what was announced and what hangs on it.
    pub(crate) fn prefetch(self, session: &mut Session) -> Result<(), SessionError> {
        self.prefetch_people(session)?;
        self.prefetch_visits(session)
    }

    fn prefetch_people(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<MrnByMrn>(self.mrns.iter().cloned())?;
        session.prefetch::<MrnByNhsNumber>(self.nhs_numbers.iter().cloned())?;
        let mut mrn_ids =
            collect(&self.mrns, |mrn| ids(session.in_memory_rows::<MrnByMrn>(mrn), |row| row.mrn_id));
        mrn_ids.extend(collect(&self.nhs_numbers, |number| {
            ids(session.in_memory_rows::<MrnByNhsNumber>(number), |row| row.mrn_id)
        }));
        session.prefetch::<LiveByMrn>(mrn_ids.iter().copied())?;
        let live = collect(&mrn_ids, |mrn_id| {
            ids(session.in_memory_rows::<LiveByMrn>(mrn_id), |row| row.live_mrn_id)
        });
        session.prefetch::<DemographicByMrn>(live)
    }

    fn prefetch_visits(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<VisitByEncounter>(self.encounters.iter().cloned())?;
        let visits = collect(&self.encounters, |encounter| {
            ids(session.in_memory_rows::<VisitByEncounter>(encounter), |row| row.hospital_visit_id)
        });
        session.prefetch::<StayByVisit>(visits.iter().copied())?;
        session.prefetch::<EventByVisit>(visits.iter().copied())?;
        let mut places = collect(&visits, |visit| {
            ids(session.in_memory_rows::<StayByVisit>(visit), |row| row.location_id)
        });
        places.extend(collect(&visits, |visit| {
            session
                .in_memory_rows::<EventByVisit>(visit)
                .flat_map(|row| [Some(row.location_id), row.previous_location_id])
                .flatten()
                .collect()
        }));
        session.prefetch::<LocationByString>(self.locations.iter().cloned())?;
        session.prefetch_ids::<Location>(places)
    }
}

fn ids<'r, R: 'r>(rows: impl Iterator<Item = &'r R>, id: impl Fn(&R) -> i64) -> Vec<i64> {
    rows.map(id).collect()
}

fn collect<K>(keys: &[K], ids: impl Fn(&K) -> Vec<i64>) -> Vec<i64> {
    keys.iter().flat_map(ids).collect()
}
