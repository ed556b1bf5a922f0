//! What hangs on a row, table by table, and goes with it.

#![allow(clippy::wildcard_imports, reason = "nearly every row that belongs to a patient is meant")]

use crate::{
    error::SessionError,
    id::Id,
    index::Lookup,
    message_scope::MessageScope,
    row::Row,
    rows::*,
    tables::{Holds, Tables},
    unit_of_work::UnitOfWork,
    value::Instant,
};

/// A row that can be deleted together with everything that hangs on it.
pub trait Removable: Row {
    /// Tables and columns by which rows hang on this one, directly.
    const DEPENDENTS: &'static [(&'static str, &'static str)];

    /// Reads everything that hangs on these rows, with one query for each table.
    fn prefetch_dependents(work: &mut UnitOfWork, ids: &[Id<Self>]) -> Result<(), SessionError>;
    /// Deletes everything that hangs on these rows.
    fn delete_dependents(
        scope: &mut MessageScope<'_>,
        ids: &[Id<Self>],
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
            fn prefetch_dependents(work: &mut UnitOfWork, ids: &[Id<Self>]) -> Result<(), SessionError> {
                $(prefetch::<$row, $lookup>(work, ids)?;)*
                Ok(())
            }

            #[allow(unused_variables, reason = "nothing hangs on some rows")]
            fn delete_dependents(
                scope: &mut MessageScope<'_>,
                ids: &[Id<Self>],
                valid_until: Instant,
            ) -> Result<(), SessionError> {
                $(delete::<$row, $lookup>(scope, ids, dependents!(@condition $($condition)?), valid_until)?;)*
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

impl MessageScope<'_> {
    /// Deletes rows and everything that hangs on them, down to the last table.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub fn delete_with_dependents<R: Removable>(
        &mut self,
        ids: &[Id<R>],
        valid_until: Instant,
    ) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        R::delete_dependents(self, ids, valid_until)?;
        for id in ids {
            self.delete::<R>(*id, valid_until);
        }
        Ok(())
    }
}

fn prefetch<P, L>(work: &mut UnitOfWork, parents: &[Id<P>]) -> Result<(), SessionError>
where
    P: Row,
    L: Lookup<Key: From<Id<P>>>,
    L::Row: Removable,
    Tables: Holds<P> + Holds<L::Row>,
{
    work.prefetch_children::<P, L>(parents)?;
    let found = found::<P, L>(work, parents, |_| true);
    if found.is_empty() { Ok(()) } else { L::Row::prefetch_dependents(work, &found) }
}

fn delete<P, L>(
    scope: &mut MessageScope<'_>,
    parents: &[Id<P>],
    condition: impl Fn(&L::Row) -> bool,
    valid_until: Instant,
) -> Result<(), SessionError>
where
    P: Row,
    L: Lookup<Key: From<Id<P>>>,
    L::Row: Removable,
    Tables: Holds<P> + Holds<L::Row>,
{
    scope.prefetch_children::<P, L>(parents)?;
    let found = found::<P, L>(scope, parents, condition);
    if found.is_empty() { Ok(()) } else { scope.delete_with_dependents::<L::Row>(&found, valid_until) }
}

fn found<P, L>(work: &UnitOfWork, parents: &[Id<P>], condition: impl Fn(&L::Row) -> bool) -> Vec<Id<L::Row>>
where
    L: Lookup<Key: From<Id<P>>>,
    Tables: Holds<L::Row>,
{
    let rows =
        parents.iter().flat_map(|parent| work.in_memory_rows::<L>(&(*parent).into()).collect::<Vec<_>>());
    rows.filter(|row| condition(row)).map(Row::id).collect()
}
