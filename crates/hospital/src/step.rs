//! What can happen to a patient's record and visit.

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The patient comes as an emergency.
    Register,
    /// The patient is admitted; who is registered already stays in the same bed.
    Admit,
    /// To another bed.
    Transfer,
    /// The patient's data is sent again.
    Update,
    /// The patient leaves.
    Discharge,
    /// Undoes an admission or registration.
    CancelAdmit,
    /// Undoes the last transfer.
    CancelTransfer,
    /// Undoes a discharge.
    CancelDischarge,
    /// Two patients change beds.
    Swap,
    /// A transfer is planned.
    Plan,
    /// A plan is called off.
    CallOff,
    /// The patient is expected to leave.
    PlanDischarge,
    /// The patient is to stay after all.
    CallOffDischarge,
    /// Another speciality takes over, in the same bed.
    ChangeService,
    /// A result from a device at the bedside, which names patient and visit along the way.
    Measure,
    /// Another record turns out to be about the same person.
    Merge,
    /// The patient gets another number.
    ChangeIdentifiers,
    /// The visit turns out to be another patient's.
    MoveVisit,
    /// Everything about the person is removed.
    Delete,
}

impl Step {
    /// What undoes this step, if anything does.
    pub(crate) fn cancellation(self) -> Option<Self> {
        match self {
            Self::Admit => Some(Self::CancelAdmit),
            Self::Transfer => Some(Self::CancelTransfer),
            Self::Discharge => Some(Self::CancelDischarge),
            Self::Plan => Some(Self::CallOff),
            Self::PlanDischarge => Some(Self::CallOffDischarge),
            _ => None,
        }
    }
}
