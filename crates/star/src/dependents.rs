//! What hangs on a row, table by table, and goes with it.

#![allow(clippy::wildcard_imports, reason = "nearly every row that belongs to a patient is meant")]

use crate::{
    error::SessionError,
    index::Lookup,
    row::{Instant, Row},
    rows::*,
    session::Session,
    tables::{Holds, Tables},
};

/// A row that can be deleted together with everything that hangs on it.
pub trait Removable: Row {
    /// Tables and columns by which rows hang on this one, directly.
    const DEPENDENTS: &'static [(&'static str, &'static str)];

    /// Reads everything that hangs on these rows, with one query for each table.
    fn prefetch_dependents(session: &mut Session, ids: &[i64]) -> Result<(), SessionError>;
    /// Deletes everything that hangs on these rows.
    fn delete_dependents(
        session: &mut Session,
        ids: &[i64],
        valid_until: Instant,
    ) -> Result<(), SessionError>;
}

/// `Row: [Lookup, …]`: rows found under this row's key hang on it. `Lookup if condition`: only those that fulfil it.
macro_rules! dependents {
    ($($row:ident: [$($lookup:ident $(if $condition:expr)?),*],)*) => {
        $(impl Removable for $row {
            const DEPENDENTS: &'static [(&'static str, &'static str)] =
                &[$((<$lookup as Lookup>::Row::TABLE, $lookup::COLUMN)),*];

            #[allow(unused_variables, reason = "nothing hangs on some rows")]
            fn prefetch_dependents(session: &mut Session, ids: &[i64]) -> Result<(), SessionError> {
                $(prefetch::<$row, $lookup>(session, ids)?;)*
                Ok(())
            }

            #[allow(unused_variables, reason = "nothing hangs on some rows")]
            fn delete_dependents(
                session: &mut Session,
                ids: &[i64],
                valid_until: Instant,
            ) -> Result<(), SessionError> {
                $(delete::<$row, $lookup>(session, ids, dependents!(@condition $($condition)?), valid_until)?;)*
                Ok(())
            }
        })*
    };
    (@condition) => { |_| true };
    (@condition $condition:expr) => { $condition };
}

dependents! {
    HospitalVisit: [
        StayByVisit, EventByVisit, PlanByVisit, ObservationByVisit, LabOrderByVisit, ConditionByVisit,
        ConditionVisitByVisit, ConsultationByVisit, AdvanceDecisionByVisit, FormByVisit
    ],
    LocationVisit: [],
    LocationEvent: [],
    PlannedMovement: [],
    VisitObservation: [],
    LabOrder: [LabResultByOrder],
    LabResult: [IsolateByResult],
    LabIsolate: [SensitivityByIsolate],
    LabSensitivity: [],
    PatientCondition: [ConditionVisitByCondition, ReactionByCondition],
    ConditionVisit: [],
    AllergenReaction: [],
    ConsultationRequest: [AnswerByParent if |answer| answer.parent_table == "CONSULT_REQUEST"],
    AdvanceDecision: [AnswerByParent if |answer| answer.parent_table == "ADVANCE_DECISION"],
    RequestAnswer: [],
    Form: [FormAnswerByForm],
    FormAnswer: [],
}

fn prefetch<P, L>(session: &mut Session, parents: &[i64]) -> Result<(), SessionError>
where
    P: Row,
    L: Lookup<Key = i64>,
    L::Row: Removable,
    Tables: Holds<P> + Holds<L::Row>,
{
    session.prefetch_children::<P, L>(parents)?;
    let found = found::<L>(session, parents, |_| true);
    if found.is_empty() { Ok(()) } else { L::Row::prefetch_dependents(session, &found) }
}

fn delete<P, L>(
    session: &mut Session,
    parents: &[i64],
    condition: impl Fn(&L::Row) -> bool,
    valid_until: Instant,
) -> Result<(), SessionError>
where
    P: Row,
    L: Lookup<Key = i64>,
    L::Row: Removable,
    Tables: Holds<P> + Holds<L::Row>,
{
    session.prefetch_children::<P, L>(parents)?;
    let found = found::<L>(session, parents, condition);
    if found.is_empty() { Ok(()) } else { session.delete_with_dependents::<L::Row>(&found, valid_until) }
}

fn found<L>(session: &Session, parents: &[i64], condition: impl Fn(&L::Row) -> bool) -> Vec<i64>
where
    L: Lookup<Key = i64>,
    Tables: Holds<L::Row>,
{
    let rows = parents.iter().flat_map(|parent| session.in_memory_rows::<L>(parent));
    rows.filter(|row| condition(row)).map(Row::id).collect()
}
