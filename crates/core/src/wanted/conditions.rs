//! Conditions of patients.

use emap_interchange::{Condition, ConditionKind};
use emap_star::{
    Session, SessionError,
    rows::{
        ConditionByMrn, ConditionByNumber, ConditionType, ConditionTypeByCode, ConditionTypeCode,
        ConditionVisitByCondition, ReactionByCondition,
    },
};

use super::{collect, ids, people::Numbers};
use crate::controllers::condition_types::data_type;

/// Patients whose conditions are asked for, and what these are.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    patients: Numbers,
    kinds: Vec<ConditionTypeCode>,
    /// Infections that are looked up by number, whoever has them.
    infections: Vec<i64>,
}

impl Conditions {
    pub(super) fn announce(&mut self, message: &Condition) {
        self.patients.add(message.mrn.as_deref(), None);
        self.kinds.extend(message.condition_code.clone().map(|internal_code| ConditionTypeCode {
            data_type: data_type(&message.kind).to_owned(),
            internal_code,
        }));
        if matches!(message.kind, ConditionKind::PatientInfection { .. }) {
            self.infections.extend(message.epic_condition_id.get());
        }
    }

    /// Reads all conditions of the patients, who are known already, and what hangs on these.
    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<ConditionTypeByCode>(self.kinds.iter().cloned())?;
        session.prefetch::<ConditionByNumber>(self.infections.iter().copied())?;
        let patients = self.patients.live(session);
        session.prefetch::<ConditionByMrn>(patients.iter().copied())?;
        let conditions = collect(&patients, |mrn_id| {
            ids(session.in_memory_rows::<ConditionByMrn>(mrn_id), |row| row.patient_condition_id)
        });
        session.prefetch::<ConditionVisitByCondition>(conditions.iter().copied())?;
        session.prefetch::<ReactionByCondition>(conditions)?;
        // Which of those without a number are infections.
        let unnumbered = collect(&patients, |mrn_id| {
            let rows = session.in_memory_rows::<ConditionByMrn>(mrn_id);
            ids(rows.filter(|row| row.internal_id.is_none()), |row| row.condition_type_id)
        });
        session.prefetch_ids::<ConditionType>(unnumbered)
    }
}
