//! What the messages of a batch will ask for, so that it is read with a handful of queries and nobody else changes it
//! meanwhile.

mod conditions;
mod flowsheets;
mod forms;
mod labs;
mod people;
mod places;
mod requests;

use emap_interchange::{Adt, AdtEvent, Message, Payload};
use emap_star::{
    Session, SessionError, Subject, Subjects,
    rows::{EventByVisit, Location, LocationByString, PlanByVisit, StayByVisit, VisitByEncounter},
};

use self::{
    conditions::Conditions, flowsheets::Flowsheets, forms::Forms, labs::Labs, people::Numbers,
    places::Places, requests::Requests,
};

/// Keys that messages announce.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    people: Numbers,
    /// Those of whom all identifiers are asked for, not only the one in force.
    whole: Numbers,
    /// Those who are to be deleted with all that hangs on their visits.
    erased: Numbers,
    encounters: Vec<String>,
    /// Encounters named by messages that move nobody.
    mentioned: Vec<String>,
    /// Encounters for which movements are planned or called off.
    planned: Vec<String>,
    locations: Vec<String>,
    flowsheets: Flowsheets,
    conditions: Conditions,
    requests: Requests,
    labs: Labs,
    forms: Forms,
    places: Places,
}

impl Wanted {
    /// The keys that one message will ask for.
    pub(crate) fn announce(&mut self, message: &Message) {
        match &message.payload {
            Payload::Adt(adt) => self.announce_adt(adt),
            Payload::ResearchOptOut(opt_out) => {
                let (mrn, nhs_number) = (opt_out.mrn.as_deref(), opt_out.nhs_number.as_deref());
                self.people.add(mrn, nhs_number);
                self.whole.add(mrn, nhs_number);
            }
            Payload::Flowsheet(flowsheet) => {
                self.mention(flowsheet.mrn.as_ref(), flowsheet.visit_number.as_ref());
                self.flowsheets.announce(flowsheet);
            }
            Payload::FlowsheetMetadata(metadata) => self.flowsheets.announce_metadata(metadata),
            Payload::Condition(condition) => {
                self.mention(condition.mrn.as_ref(), condition.visit_number.saved());
                self.conditions.announce(condition);
            }
            Payload::ConsultRequest(request) => {
                self.mention(request.mrn.as_ref(), request.visit_number.as_ref());
                self.requests.announce_consultation(request);
            }
            Payload::ConsultMetadata(metadata) => self.requests.announce_consultation_type(metadata),
            Payload::AdvanceDecision(decision) => {
                self.mention(decision.mrn.as_ref(), decision.visit_number.as_ref());
                self.requests.announce_decision(decision);
            }
            Payload::LabOrder(order) => {
                self.mention(
                    order.mrn.as_ref(),
                    order.visit_number.as_ref().filter(|number| !number.is_empty()),
                );
                self.requests.announce_questions(&order.questions);
                self.labs.announce(order);
            }
            Payload::LabMetadata(metadata) => self.labs.announce_metadata(metadata),
            Payload::Form(form) => {
                self.mention(form.mrn.as_ref(), form.visit_number.as_ref());
                self.forms.announce(form);
            }
            Payload::FormMetadata(_) => self.forms.announce_template(message.source_message_id.as_ref()),
            Payload::FormQuestionMetadata(_) => {
                self.forms.announce_question(message.source_message_id.as_ref());
            }
            Payload::LocationMetadata(place) => self.places.announce(place),
            Payload::DepartmentMetadata(department) => self.places.announce_department(department),
            Payload::Waveform(_) => {}
        }
    }

    /// A message is about this patient and this visit, but not about the patient's whereabouts.
    fn mention(&mut self, mrn: Option<&String>, visit_number: Option<&String>) {
        self.people.add(mrn.map(String::as_str), None);
        self.mentioned.extend(visit_number.cloned());
    }

    fn announce_adt(&mut self, adt: &Adt) {
        let (mrn, nhs_number) = (adt.mrn.as_deref(), adt.nhs_number.as_deref());
        self.people.add(mrn, nhs_number);
        self.encounters.extend(adt.visit_number.clone());
        self.locations.extend(adt.full_location_string.saved().cloned());
        self.locations.extend(adt.previous_location_string.saved().cloned());
        if let Some((_, destination)) = adt.event.pending() {
            self.planned.extend(adt.visit_number.clone());
            self.locations.extend(destination.saved().cloned());
        }
        if let Some((mrn, nhs_number)) = adt.event.previous_identifiers() {
            self.people.add(mrn, nhs_number);
        }
        match &adt.event {
            AdtEvent::CancelTransferPatient { cancelled_location, .. } => {
                self.locations.extend(cancelled_location.clone());
            }
            AdtEvent::MergePatient { previous_mrn, previous_nhs_number }
            | AdtEvent::ChangePatientIdentifiers { previous_mrn, previous_nhs_number } => {
                self.whole.add(mrn, nhs_number);
                self.whole.add(previous_mrn.as_deref(), previous_nhs_number.as_deref());
            }
            AdtEvent::MoveVisitInformation { previous_visit_number, .. } => {
                self.encounters.extend(previous_visit_number.clone());
            }
            AdtEvent::DeletePersonInformation => {
                self.whole.add(mrn, nhs_number);
                self.erased.add(mrn, nhs_number);
            }
            AdtEvent::SwapLocations {
                other_mrn,
                other_nhs_number,
                other_visit_number,
                other_full_location_string,
            } => {
                self.people.add(other_mrn.as_deref(), other_nhs_number.as_deref());
                self.encounters.extend(other_visit_number.clone());
                self.locations.extend(other_full_location_string.saved().cloned());
            }
            _ => {}
        }
    }

    /// The patients, encounters and departments by which processes keep out of each other's way.
    pub(crate) fn subjects(&self) -> Subjects {
        let distinct = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names.dedup();
            names
        };
        Subjects {
            mrns: distinct(&self.people.mrns),
            nhs_numbers: distinct(&self.people.nhs_numbers),
            encounters: distinct(&[self.encounters.as_slice(), &self.mentioned].concat()),
            departments: self.places.departments(),
        }
    }

    /// Whether everything that the messages reach by way of the rows just read is locked. What only the rows name is
    /// added to the subjects, so that the next attempt locks it.
    pub(crate) fn is_covered(&self, session: &Session, subjects: &mut Subjects) -> bool {
        let mut visits = self.erased.encounters(session);
        visits.retain(|encounter| !session.has_locked(Subject::Encounter(encounter)));
        let covered = visits.is_empty() && self.people.are_locked(session);
        subjects.encounters.extend(visits);
        covered
    }

    /// Reads what was announced and what hangs on it.
    pub(crate) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        self.people.prefetch(session)?;
        self.whole.prefetch_groups(session)?;
        self.erased.prefetch_belongings(session)?;
        self.prefetch_visits(session)?;
        self.flowsheets.prefetch(session)?;
        self.conditions.prefetch(session)?;
        self.requests.prefetch(session)?;
        self.labs.prefetch(session)?;
        self.forms.prefetch(session)?;
        self.places.prefetch(session)
    }

    fn prefetch_visits(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<VisitByEncounter>(self.encounters.iter().chain(&self.mentioned).cloned())?;
        let visits = collect(&self.encounters, |encounter| visits_of(session, encounter));
        session.prefetch::<StayByVisit>(visits.iter().copied())?;
        session.prefetch::<EventByVisit>(visits.iter().copied())?;
        let planned = collect(&self.planned, |encounter| visits_of(session, encounter));
        session.prefetch::<PlanByVisit>(planned)?;
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

fn visits_of(session: &Session, encounter: &String) -> Vec<i64> {
    ids(session.in_memory_rows::<VisitByEncounter>(encounter), |row| row.hospital_visit_id)
}

fn ids<'r, R: 'r>(rows: impl Iterator<Item = &'r R>, id: impl Fn(&R) -> i64) -> Vec<i64> {
    rows.map(id).collect()
}

fn collect<K>(keys: &[K], ids: impl Fn(&K) -> Vec<i64>) -> Vec<i64> {
    keys.iter().flat_map(ids).collect()
}
