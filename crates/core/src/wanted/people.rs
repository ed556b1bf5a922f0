//! Patients by their numbers, the identifiers these lead to, and what belongs to them.

use emap_star::{
    Removable, Session, SessionError, Subject,
    rows::{
        DemographicByMrn, Form, FormByMrn, HospitalVisit, LiveByLiveMrn, LiveByMrn, Mrn, MrnByMrn,
        MrnByNhsNumber, VisitByMrn,
    },
};

use super::{collect, ids};

/// Hospital numbers and NHS numbers that messages name.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) mrns: Vec<String>,
    pub(super) nhs_numbers: Vec<String>,
}

impl Numbers {
    pub(super) fn add(&mut self, mrn: Option<&str>, nhs_number: Option<&str>) {
        self.mrns.extend(mrn.map(str::to_owned));
        self.nhs_numbers.extend(nhs_number.map(str::to_owned));
    }

    /// The identifiers with these numbers, where they lead, and who they are.
    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<MrnByMrn>(self.mrns.iter().cloned())?;
        session.prefetch::<MrnByNhsNumber>(self.nhs_numbers.iter().cloned())?;
        let named = self.named(session);
        session.prefetch::<LiveByMrn>(named.iter().copied())?;
        session.prefetch::<DemographicByMrn>(leads_to(session, &named))
    }

    /// All identifiers that lead where these lead, or to these.
    pub(super) fn prefetch_groups(&self, session: &mut Session) -> Result<(), SessionError> {
        let mut heads = self.named(session);
        heads.extend(leads_to(session, &heads));
        session.prefetch::<LiveByLiveMrn>(heads.iter().copied())?;
        session.prefetch_ids::<Mrn>(collect(&heads, |head| members(session, *head)))
    }

    /// What is deleted with these patients. Their groups are known already.
    pub(super) fn prefetch_belongings(&self, session: &mut Session) -> Result<(), SessionError> {
        let group = self.group(session);
        session.prefetch::<DemographicByMrn>(group.iter().copied())?;
        session.prefetch::<VisitByMrn>(group.iter().copied())?;
        session.prefetch::<FormByMrn>(group.iter().copied())?;
        let visits = collect(&group, |mrn_id| {
            ids(session.in_memory_rows::<VisitByMrn>(mrn_id), |row| row.hospital_visit_id)
        });
        let forms =
            collect(&group, |mrn_id| ids(session.in_memory_rows::<FormByMrn>(mrn_id), |row| row.form_id));
        HospitalVisit::prefetch_dependents(session, &visits)?;
        Form::prefetch_dependents(session, &forms)
    }

    /// Visit numbers of these patients.
    pub(super) fn encounters(&self, session: &Session) -> Vec<String> {
        self.group(session)
            .iter()
            .flat_map(|mrn_id| session.in_memory_rows::<VisitByMrn>(mrn_id))
            .map(|visit| visit.encounter.clone())
            .collect()
    }

    /// Identifiers in force that these numbers lead to.
    pub(super) fn live(&self, session: &Session) -> Vec<i64> {
        leads_to(session, &self.named(session))
    }

    /// No other process works on whoever these numbers mean now, or on numbers that mean nobody.
    pub(super) fn are_locked(&self, session: &Session) -> bool {
        let is_locked = |named: Vec<i64>, number: Subject<'_>| {
            if named.is_empty() {
                return session.has_locked(number);
            }
            leads_to(session, &named).into_iter().all(|live| session.has_locked(Subject::Patient(live)))
        };
        self.mrns.iter().all(|mrn| is_locked(of_mrn(session, mrn), Subject::Mrn(mrn)))
            && self
                .nhs_numbers
                .iter()
                .all(|number| is_locked(of_nhs_number(session, number), Subject::NhsNumber(number)))
    }

    fn named(&self, session: &Session) -> Vec<i64> {
        let mut named = collect(&self.mrns, |mrn| of_mrn(session, mrn));
        named.extend(collect(&self.nhs_numbers, |number| of_nhs_number(session, number)));
        named
    }

    fn group(&self, session: &Session) -> Vec<i64> {
        collect(&leads_to(session, &self.named(session)), |live| members(session, *live))
    }
}

fn of_mrn(session: &Session, mrn: &String) -> Vec<i64> {
    ids(session.in_memory_rows::<MrnByMrn>(mrn), |row| row.mrn_id)
}

fn of_nhs_number(session: &Session, number: &String) -> Vec<i64> {
    ids(session.in_memory_rows::<MrnByNhsNumber>(number), |row| row.mrn_id)
}

fn leads_to(session: &Session, mrn_ids: &[i64]) -> Vec<i64> {
    collect(mrn_ids, |mrn_id| ids(session.in_memory_rows::<LiveByMrn>(mrn_id), |row| row.live_mrn_id))
}

fn members(session: &Session, live_mrn_id: i64) -> Vec<i64> {
    ids(session.in_memory_rows::<LiveByLiveMrn>(&live_mrn_id), |row| row.mrn_id)
}
