//! What messages do to rows: three layers, in each of which a family of messages has one file of the same name.
//!
//! | Layer | For each family |
//! |---|---|
//! | processor | resolves patient and visit, and calls the controllers |
//! | controller | the rules: compares what is known with what the message says, and changes rows |
//! | repository | answers questions about the rows, and says what is read ahead for a batch; never writes |
//!
//! A new kind of message needs its files below, and an arm in [`ReadAhead::announce`] and in [`apply`].

pub(crate) mod settings;

pub use self::settings::Rules;

use emap_interchange::{Adt, AdtEvent, Message, Payload};
use emap_star::{Batch, Instant, MessageScope, SessionError, Subject, Subjects, UnitOfWork};

use crate::{
    failure::{Cause, Failure, required},
    scope::{Context, Scope},
    source::Source,
};

mod processors {
    pub(super) mod advance_decisions;
    pub(super) mod conditions;
    pub(super) mod consults;
    pub(super) mod flowsheets;
    pub(super) mod forms;
    pub(super) mod hospital_services;
    pub(super) mod identity;
    pub(super) mod labs;
    pub(super) mod locations;
    mod patient;
    pub(super) mod places;
    pub(super) mod planned_movements;
    pub(super) mod visits;
}

mod controllers {
    pub(super) mod advance_decisions;
    pub(super) mod conditions;
    pub(super) mod consults;
    pub(super) mod flowsheets;
    pub(super) mod forms;
    pub(super) mod hospital_services;
    pub(super) mod identity;
    pub(super) mod labs;
    pub(super) mod locations;
    pub(super) mod places;
    pub(super) mod planned_movements;
    pub(super) mod questions;
    pub(super) mod visits;
}

mod repositories {
    pub(super) mod advance_decisions;
    mod at_most_one;
    pub(super) mod conditions;
    pub(super) mod consults;
    pub(super) mod flowsheets;
    pub(super) mod forms;
    pub(super) mod hospital_services;
    pub(super) mod identity;
    mod in_memory;
    pub(super) mod labs;
    pub(super) mod locations;
    pub(super) mod places;
    pub(super) mod planned_movements;
    pub(super) mod questions;
    pub(super) mod visits;
}

/// What the messages of a batch will ask for, so that it is read with a handful of queries and no other process changes
/// it meanwhile.
macro_rules! read_ahead {
    ($($family:ident),* $(,)?) => {
        /// Keys that the messages of a batch announce.
        #[derive(Debug, Default)]
        pub(crate) struct ReadAhead {
            $($family: repositories::$family::Announced,)*
        }

        impl ReadAhead {
            /// Reads what was announced and what belongs to it, family by family.
            pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
                $(self.$family.read(work)?;)*
                Ok(())
            }
        }
    };
}

// In the order of reading: a family may ask for rows that belong to those of the families before it.
read_ahead! {
    identity,
    visits,
    locations,
    planned_movements,
    hospital_services,
    flowsheets,
    conditions,
    consults,
    advance_decisions,
    labs,
    questions,
    forms,
    places,
}

impl ReadAhead {
    /// The keys that one message will ask for.
    pub(crate) fn announce(&mut self, message: &Message) {
        match &message.payload {
            Payload::Adt(adt) => {
                self.identity.add_adt(adt);
                self.visits.add_adt(adt);
                self.locations.add_adt(adt);
                self.planned_movements.add_adt(adt);
                self.hospital_services.add_adt(adt);
            }
            Payload::ResearchOptOut(opt_out) => self.identity.add_opt_out(opt_out),
            Payload::Flowsheet(flowsheet) => {
                self.add_patient(flowsheet.mrn.as_ref(), flowsheet.visit_number.as_ref());
                self.flowsheets.add(flowsheet);
            }
            Payload::FlowsheetMetadata(metadata) => self.flowsheets.add_metadata(metadata),
            Payload::Condition(condition) => {
                self.add_patient(condition.mrn.as_ref(), condition.visit_number.saved());
                self.conditions.add(condition);
            }
            Payload::ConsultRequest(request) => {
                self.add_patient(request.mrn.as_ref(), request.visit_number.as_ref());
                self.consults.add(request);
                self.questions.add_consult(request);
            }
            Payload::ConsultMetadata(metadata) => self.consults.add_metadata(metadata),
            Payload::AdvanceDecision(decision) => {
                self.add_patient(decision.mrn.as_ref(), decision.visit_number.as_ref());
                self.advance_decisions.add(decision);
                self.questions.add_advance_decision(decision);
            }
            Payload::LabOrder(order) => {
                let visit_number = order.visit_number.as_ref().filter(|number| !number.is_empty());
                self.add_patient(order.mrn.as_ref(), visit_number);
                self.labs.add(order);
                self.questions.add_lab_order(order);
            }
            Payload::LabMetadata(metadata) => self.labs.add_metadata(metadata),
            Payload::Form(form) => {
                self.add_patient(form.mrn.as_ref(), form.visit_number.as_ref());
                self.forms.add(form);
            }
            Payload::FormMetadata(_) => self.forms.add_template(message.source_message_id.as_ref()),
            Payload::FormQuestionMetadata(_) => self.forms.add_question(message.source_message_id.as_ref()),
            Payload::LocationMetadata(place) => self.places.add(place),
            Payload::DepartmentMetadata(department) => self.places.add_department(department),
            Payload::Waveform(_) | Payload::WaveformHighFreq(_) | Payload::WaveformLowFreq(_) => {}
        }
    }

    /// A clinical message names its patient and perhaps a visit.
    fn add_patient(&mut self, mrn: Option<&String>, visit_number: Option<&String>) {
        self.identity.add_mrn(mrn);
        self.visits.add_encounter(visit_number);
    }

    /// The patients, encounters and departments by which processes keep out of each other's way.
    pub(crate) fn subjects(&self) -> Subjects {
        Subjects {
            mrns: distinct(self.identity.mrns()),
            nhs_numbers: distinct(self.identity.nhs_numbers()),
            encounters: distinct(self.visits.named()),
            departments: self.places.departments(),
            ..Subjects::default()
        }
    }

    /// Whether everything that the messages reach by way of the rows just read is locked. What only the rows name is
    /// added to the subjects, so that the next attempt locks it.
    pub(crate) fn is_covered(&self, batch: &Batch<'_>, subjects: &mut Subjects) -> bool {
        let mut visits = self.identity.deleted_encounters(batch);
        visits.extend(self.consults.encounters(batch));
        visits.extend(self.advance_decisions.encounters(batch));
        visits.extend(self.forms.encounters(batch));
        visits.retain(|encounter| !batch.has_locked(Subject::Encounter(encounter)));
        let mut patients = self.conditions.patients(batch);
        patients.extend(self.forms.patients(batch));
        patients.retain(|mrn_id| !repositories::identity::is_locked(batch, *mrn_id));
        // A mapping moves values of visits that no message names.
        let alone = self.flowsheets.will_map(batch) && !batch.is_alone();
        let covered = visits.is_empty() && patients.is_empty() && !alone && self.identity.are_locked(batch);
        subjects.encounters.extend(visits);
        subjects.patients.extend(patients);
        subjects.alone |= alone;
        covered
    }
}

fn distinct(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

/// Applies one message to the rows in memory.
pub(crate) fn apply(rows: &mut MessageScope<'_>, rules: Rules, message: &Message) -> Result<(), Failure> {
    if !rules.concern(message) {
        return Ok(());
    }
    let source = Source::new(message.source_system.as_deref(), message.source_message_id.as_deref());
    let context = Context { rows, rules, source };
    match &message.payload {
        Payload::Adt(adt) => {
            let message_time = required(adt.valid_from(), "eventOccurredDatetime or recordedDatetime");
            let mut scope = context.at(message_time.map_err(Failure::undoing_the_message)?);
            apply_adt(&mut scope, adt)
        }
        Payload::ResearchOptOut(opt_out) => processors::identity::process_opt_out(context, opt_out),
        Payload::Flowsheet(flowsheet) => processors::flowsheets::process(context, flowsheet),
        Payload::FlowsheetMetadata(metadata) => processors::flowsheets::process_metadata(context, metadata),
        Payload::Condition(condition) => processors::conditions::process(context, condition),
        Payload::ConsultRequest(request) => processors::consults::process(context, request),
        Payload::ConsultMetadata(metadata) => processors::consults::process_metadata(context, metadata),
        Payload::AdvanceDecision(decision) => processors::advance_decisions::process(context, decision),
        Payload::LabOrder(order) => processors::labs::process(context, order),
        Payload::LabMetadata(metadata) => processors::labs::process_metadata(context, metadata),
        Payload::Form(form) => processors::forms::process(context, form),
        Payload::FormMetadata(metadata) => processors::forms::process_metadata(context, metadata),
        Payload::FormQuestionMetadata(metadata) => {
            processors::forms::process_question_metadata(context, metadata)
        }
        Payload::LocationMetadata(place) => processors::places::process_location(context, place),
        Payload::DepartmentMetadata(department) => {
            processors::places::process_department(context, department)
        }
        // Single values are not stored; that is no failure.
        Payload::WaveformLowFreq(_) => Ok(()),
        Payload::Waveform(_) | Payload::WaveformHighFreq(_) => {
            Err(Cause::NotImplemented(message.class_name()).into())
        }
    }
}

fn apply_adt(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    match message.event {
        AdtEvent::PendingTransfer { .. }
        | AdtEvent::CancelPendingTransfer { .. }
        | AdtEvent::PendingDischarge { .. }
        | AdtEvent::CancelPendingDischarge { .. } => processors::planned_movements::process(scope, message),
        AdtEvent::UpdateSubSpeciality { .. } => processors::hospital_services::process(scope, message),
        AdtEvent::AdmitPatient { .. }
        | AdtEvent::RegisterPatient { .. }
        | AdtEvent::TransferPatient { .. }
        | AdtEvent::DischargePatient { .. }
        | AdtEvent::CancelAdmitPatient { .. }
        | AdtEvent::CancelTransferPatient { .. }
        | AdtEvent::CancelDischargePatient { .. }
        | AdtEvent::UpdatePatientInfo { .. }
        | AdtEvent::ImpliedAdtMessage => processors::locations::process(scope, message),
        AdtEvent::MergePatient { .. } => processors::identity::merge(scope, message),
        AdtEvent::ChangePatientIdentifiers { .. } => processors::identity::change_identifiers(scope, message),
        AdtEvent::DeletePersonInformation => processors::identity::delete_person(scope, message),
        AdtEvent::MoveVisitInformation { .. } => processors::visits::move_visit(scope, message),
        AdtEvent::SwapLocations { .. } => processors::locations::swap(scope, message),
    }
}

/// The time that the effect log gives for a message: when what it says was recorded or last changed. Descriptions of
/// kinds and places, and values of devices, have none there.
pub(crate) fn logged_time(message: &Message) -> Option<Instant> {
    match &message.payload {
        Payload::Adt(adt) => adt.recorded_date_time,
        Payload::Condition(condition) => condition.updated_date_time,
        Payload::AdvanceDecision(decision) => decision.status_change_date_time,
        Payload::Flowsheet(flowsheet) => flowsheet.updated_time,
        Payload::FlowsheetMetadata(metadata) => metadata.last_updated_instant,
        Payload::LabOrder(order) => order.status_change_time,
        Payload::ConsultRequest(_)
        | Payload::ConsultMetadata(_)
        | Payload::ResearchOptOut(_)
        | Payload::Form(_)
        | Payload::FormMetadata(_)
        | Payload::FormQuestionMetadata(_)
        | Payload::LabMetadata(_)
        | Payload::LocationMetadata(_)
        | Payload::DepartmentMetadata(_)
        | Payload::Waveform(_)
        | Payload::WaveformHighFreq(_)
        | Payload::WaveformLowFreq(_) => None,
    }
}
