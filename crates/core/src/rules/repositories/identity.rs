//! Identifiers of patients, where they lead after merges, and demographics.

use emap_interchange::{Adt, AdtEvent, ResearchOptOut};
use emap_star::{
    Batch, Removable, SessionError, Subject, UnitOfWork,
    rows::{
        CoreDemographic, DemographicByMrn, Form, FormByMrn, HospitalVisit, LiveByLiveMrn, LiveByMrn, Mrn,
        MrnByMrn, MrnByNhsNumber, MrnId, MrnToLive, VisitByMrn,
    },
};

use super::{at_most_one::at_most_one, hospital_services, in_memory::ids_under};

/// What a message says of a patient's identity. Only "not there" counts as absent; an empty text is a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identifiers<'m> {
    pub(crate) mrn: Option<&'m str>,
    pub(crate) nhs_number: Option<&'m str>,
}

impl<'m> Identifiers<'m> {
    /// Of the patient whom a message about movements or identities concerns.
    pub(crate) fn of(message: &'m Adt) -> Self {
        Self { mrn: message.mrn.as_deref(), nhs_number: message.nhs_number.as_deref() }
    }

    /// Those that were valid before the message, if it is one that changes identifiers.
    pub(crate) fn previous(message: &'m Adt) -> Self {
        let (mrn, nhs_number) = message.event.previous_identifiers().unwrap_or_default();
        Self { mrn, nhs_number }
    }

    /// Of the other patient, if the message is about two who change places.
    pub(crate) fn other(message: &'m Adt) -> Self {
        match &message.event {
            AdtEvent::SwapLocations { other_mrn, other_nhs_number, .. } => {
                Self { mrn: other_mrn.as_deref(), nhs_number: other_nhs_number.as_deref() }
            }
            _ => Self { mrn: None, nhs_number: None },
        }
    }

    /// Of the patient of an opt-out.
    pub(crate) fn of_opt_out(message: &'m ResearchOptOut) -> Self {
        Self { mrn: message.mrn.as_deref(), nhs_number: message.nhs_number.as_deref() }
    }

    /// A hospital number, as clinical messages give it.
    pub(crate) fn of_mrn(mrn: Option<&'m str>) -> Self {
        Self { mrn, nhs_number: None }
    }
}

/// The row with a hospital number.
pub(crate) fn by_mrn<'s>(work: &'s mut UnitOfWork, mrn: &str) -> Result<Option<&'s Mrn>, SessionError> {
    work.find_one::<MrnByMrn>(&mrn.to_owned())
}

/// The row with this primary key.
pub(crate) fn by_id(work: &mut UnitOfWork, mrn_id: MrnId) -> Result<&Mrn, SessionError> {
    work.get::<Mrn>(mrn_id)
}

/// All rows with an NHS number, the oldest first.
pub(crate) fn by_nhs_number<'s>(
    work: &'s mut UnitOfWork,
    nhs_number: &str,
) -> Result<Vec<&'s Mrn>, SessionError> {
    work.find::<MrnByNhsNumber>(&nhs_number.to_owned())
}

/// The row that has this NHS number and no hospital number.
pub(crate) fn by_nhs_number_alone<'s>(
    work: &'s mut UnitOfWork,
    nhs_number: &str,
) -> Result<Option<&'s Mrn>, SessionError> {
    Ok(at_most_one(by_nhs_number(work, nhs_number)?.into_iter().filter(|row| row.mrn.is_none())))
}

/// The row that says where an identifier leads.
pub(crate) fn lead_of(work: &mut UnitOfWork, mrn_id: MrnId) -> Result<&MrnToLive, SessionError> {
    work.find_one::<LiveByMrn>(&mrn_id)?
        .ok_or(SessionError::RowMissing { table: "mrn_to_live of mrn", id: mrn_id.number() })
}

/// The rows of all identifiers that lead to this one; itself among them as long as it is in force.
pub(crate) fn leading_to(work: &mut UnitOfWork, live_mrn_id: MrnId) -> Result<Vec<&MrnToLive>, SessionError> {
    work.find::<LiveByLiveMrn>(&live_mrn_id)
}

/// What is known of the patient with this (live) identifier.
pub(crate) fn demographics(
    work: &mut UnitOfWork,
    mrn_id: MrnId,
) -> Result<Option<&CoreDemographic>, SessionError> {
    work.find_one::<DemographicByMrn>(&mrn_id)
}

/// An identifier that is being created leads nowhere yet, none leads to it, and it has no demographics.
pub(crate) fn nothing_refers_to(work: &mut UnitOfWork, mrn_id: MrnId) {
    work.known_absent::<LiveByMrn>(mrn_id);
    work.known_absent::<LiveByLiveMrn>(mrn_id);
    work.known_absent::<DemographicByMrn>(mrn_id);
}

/// No other process works on the patient who has this identifier, as far as it has been read where it leads.
pub(crate) fn is_locked(batch: &Batch<'_>, mrn_id: MrnId) -> bool {
    leads_to(batch, &[mrn_id]).into_iter().all(|live| batch.has_locked(Subject::Patient(live)))
}

/// Patients whom messages name.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    /// Everybody.
    named: Numbers,
    /// Those of whom all identifiers are asked for, not only the one in force.
    whole: Numbers,
    /// Those who are to be deleted with all that belongs to them.
    deleted: Numbers,
}

impl Announced {
    /// A clinical message names a patient.
    pub(crate) fn add_mrn(&mut self, mrn: Option<&String>) {
        self.named.add(Identifiers::of_mrn(mrn.map(String::as_str)));
    }

    pub(crate) fn add_adt(&mut self, message: &Adt) {
        let (patient, previous) = (Identifiers::of(message), Identifiers::previous(message));
        for identifiers in [patient, previous, Identifiers::other(message)] {
            self.named.add(identifiers);
        }
        match message.event {
            AdtEvent::MergePatient { .. } | AdtEvent::ChangePatientIdentifiers { .. } => {
                self.whole.add(patient);
                self.whole.add(previous);
            }
            AdtEvent::DeletePersonInformation => {
                self.whole.add(patient);
                self.deleted.add(patient);
            }
            _ => {}
        }
    }

    pub(crate) fn add_opt_out(&mut self, message: &ResearchOptOut) {
        self.named.add(Identifiers::of_opt_out(message));
        self.whole.add(Identifiers::of_opt_out(message));
    }

    /// Hospital numbers that are named.
    pub(crate) fn mrns(&self) -> &[String] {
        &self.named.mrns
    }

    /// NHS numbers that are named.
    pub(crate) fn nhs_numbers(&self) -> &[String] {
        &self.named.nhs_numbers
    }

    /// The identifiers with these numbers, where they lead, and who they are; all that lead where some of these lead;
    /// and what is to be deleted.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<MrnByMrn>(self.named.mrns.iter().cloned())?;
        work.prefetch::<MrnByNhsNumber>(self.named.nhs_numbers.iter().cloned())?;
        let named = self.named.rows(work);
        work.prefetch::<LiveByMrn>(named.iter().copied())?;
        work.prefetch::<DemographicByMrn>(leads_to(work, &named))?;
        self.read_groups(work)?;
        self.read_belongings(work)
    }

    /// All identifiers that lead where some of these lead, or to these.
    fn read_groups(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        let mut heads = self.whole.rows(work);
        heads.extend(leads_to(work, &heads));
        work.prefetch::<LiveByLiveMrn>(heads.iter().copied())?;
        work.prefetch_ids::<Mrn>(members(work, &heads))
    }

    /// What is deleted with patients. Their groups are known already.
    fn read_belongings(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        let group = self.deleted.group(work);
        work.prefetch::<DemographicByMrn>(group.iter().copied())?;
        work.prefetch::<VisitByMrn>(group.iter().copied())?;
        work.prefetch::<FormByMrn>(group.iter().copied())?;
        hospital_services::read(work, &self.deleted_encounters(work))?;
        HospitalVisit::prefetch_dependents(work, &ids_under::<VisitByMrn>(work, &group))?;
        Form::prefetch_dependents(work, &ids_under::<FormByMrn>(work, &group))
    }

    /// Numbers of the visits that are to be deleted.
    pub(crate) fn deleted_encounters(&self, work: &UnitOfWork) -> Vec<String> {
        let group = self.deleted.group(work);
        let visits = group.iter().flat_map(|mrn_id| work.in_memory_rows::<VisitByMrn>(mrn_id));
        visits.map(|visit| visit.encounter.clone()).collect()
    }

    /// No other process works on whoever these numbers mean now, or on numbers that mean nobody.
    pub(crate) fn are_locked(&self, batch: &Batch<'_>) -> bool {
        let owners_are_locked = |rows: Vec<MrnId>, number: Subject<'_>| {
            if rows.is_empty() {
                return batch.has_locked(number);
            }
            rows.into_iter().all(|mrn_id| is_locked(batch, mrn_id))
        };
        let mut mrns = self.named.mrns.iter();
        let mut nhs_numbers = self.named.nhs_numbers.iter();
        mrns.all(|mrn| owners_are_locked(ids_under::<MrnByMrn>(batch, [mrn]), Subject::Mrn(mrn)))
            && nhs_numbers.all(|number| {
                owners_are_locked(ids_under::<MrnByNhsNumber>(batch, [number]), Subject::NhsNumber(number))
            })
    }
}

/// Hospital numbers and NHS numbers.
#[derive(Debug, Default)]
struct Numbers {
    mrns: Vec<String>,
    nhs_numbers: Vec<String>,
}

impl Numbers {
    fn add(&mut self, Identifiers { mrn, nhs_number }: Identifiers<'_>) {
        self.mrns.extend(mrn.map(str::to_owned));
        self.nhs_numbers.extend(nhs_number.map(str::to_owned));
    }

    /// The identifiers with these numbers.
    fn rows(&self, work: &UnitOfWork) -> Vec<MrnId> {
        let mut rows = ids_under::<MrnByMrn>(work, &self.mrns);
        rows.extend(ids_under::<MrnByNhsNumber>(work, &self.nhs_numbers));
        rows
    }

    /// All identifiers of the patients with these numbers.
    fn group(&self, work: &UnitOfWork) -> Vec<MrnId> {
        members(work, &leads_to(work, &self.rows(work)))
    }
}

/// Reads where these identifiers lead, as far as that is not known.
pub(super) fn read_leads(work: &mut UnitOfWork, mrn_ids: Vec<MrnId>) -> Result<(), SessionError> {
    work.prefetch::<LiveByMrn>(mrn_ids)
}

/// Identifiers in force that lead on from a hospital number, as far as they have been read.
pub(super) fn live_in_memory(work: &UnitOfWork, mrn: &String) -> Vec<MrnId> {
    leads_to(work, &ids_under::<MrnByMrn>(work, [mrn]))
}

fn leads_to(work: &UnitOfWork, mrn_ids: &[MrnId]) -> Vec<MrnId> {
    let leads = mrn_ids.iter().flat_map(|mrn_id| work.in_memory_rows::<LiveByMrn>(mrn_id));
    leads.map(|row| row.live_mrn_id).collect()
}

fn members(work: &UnitOfWork, live_mrn_ids: &[MrnId]) -> Vec<MrnId> {
    let leads = live_mrn_ids.iter().flat_map(|live| work.in_memory_rows::<LiveByLiveMrn>(live));
    leads.map(|row| row.mrn_id).collect()
}
