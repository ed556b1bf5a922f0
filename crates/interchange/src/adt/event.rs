//! The nineteen kinds of ADT message and what each adds to the common part.

use crate::{codes::PendingType, types::Instant, value::InterchangeValue, wire::declare::variants};

variants! {
    /// What happened to a patient, a visit or an identity.
    #[derive(Clone, Debug, PartialEq)]
    pub enum AdtEvent in "adt." {
        /// A patient is admitted (A01).
        AdmitPatient {
            /// When the stay began (PV1-44).
            admission_date_time = "admissionDateTime": InterchangeValue<Instant>,
            /// Speciality that cares for the patient (PV1-10).
            #[since(AdtHospitalService)]
            hospital_service = "hospitalService": InterchangeValue<String>,
        },
        /// A patient moves, or the class of the visit changes (A02, A06, A07).
        TransferPatient {
            /// When the stay began (PV1-44).
            admission_date_time = "admissionDateTime": InterchangeValue<Instant>,
        },
        /// A patient leaves the hospital (A03).
        DischargePatient {
            /// When the stay began (PV1-44).
            admission_date_time = "admissionDateTime": InterchangeValue<Instant>,
            /// When the stay ended (PV1-45).
            discharge_date_time = "dischargeDateTime": Option<Instant>,
            /// What became of the patient (PV1-36).
            discharge_disposition = "dischargeDisposition": Option<String>,
            /// Where the patient went (PV1-37).
            discharge_location = "dischargeLocation": Option<String>,
        },
        /// A patient is registered, usually in the emergency department (A04).
        RegisterPatient {
            /// When the patient presented (PV1-44).
            presentation_date_time = "presentationDateTime": InterchangeValue<Instant>,
        },
        /// Patient or visit data changed (A08, A28, A31).
        UpdatePatientInfo {
            /// Speciality that cares for the patient (PV1-10).
            #[since(AdtHospitalService)]
            hospital_service = "hospitalService": InterchangeValue<String>,
        },
        /// Another speciality cares for the patient (Z99).
        #[since(SubSpeciality)]
        UpdateSubSpeciality {
            /// Which one (PV1-10).
            hospital_service = "hospitalService": InterchangeValue<String>,
        },
        /// An admission did not happen (A11).
        CancelAdmitPatient {
            /// When it was cancelled.
            cancelled_date_time = "cancelledDateTime": Option<Instant>,
        },
        /// A transfer did not happen (A12).
        CancelTransferPatient {
            /// When it was cancelled.
            cancelled_date_time = "cancelledDateTime": Option<Instant>,
            /// Where the patient did not go, `department^room^bed`.
            cancelled_location = "cancelledLocation": Option<String>,
        },
        /// A discharge did not happen (A13).
        CancelDischargePatient {
            /// When it was cancelled.
            cancelled_date_time = "cancelledDateTime": Option<Instant>,
        },
        /// One patient had two hospital numbers (A40).
        MergePatient {
            /// The hospital number to retire (MRG-1).
            previous_mrn = "previousMrn": Option<String>,
            /// National number that came with it.
            previous_nhs_number = "previousNhsNumber": Option<String>,
        },
        /// A visit belongs to another patient (A45).
        MoveVisitInformation {
            /// Hospital number the visit had belonged to.
            previous_mrn = "previousMrn": Option<String>,
            /// National number that came with it.
            previous_nhs_number = "previousNhsNumber": Option<String>,
            /// Number of the visit before the move.
            previous_visit_number = "previousVisitNumber": Option<String>,
        },
        /// A patient gets another hospital number that is not in use yet (A47).
        ChangePatientIdentifiers {
            /// Hospital number up to now.
            previous_mrn = "previousMrn": Option<String>,
            /// National number up to now.
            previous_nhs_number = "previousNhsNumber": Option<String>,
        },
        /// Everything about a person is removed (A29).
        DeletePersonInformation,
        /// Two patients change places (A17). Both locations are the final ones.
        SwapLocations {
            /// Hospital number of the second patient.
            other_mrn = "otherMrn": Option<String>,
            /// National number of the second patient.
            other_nhs_number = "otherNhsNumber": Option<String>,
            /// Visit of the second patient.
            other_visit_number = "otherVisitNumber": Option<String>,
            /// Where the second patient is now.
            other_full_location_string = "otherFullLocationString": InterchangeValue<String>,
        },
        /// A movement is planned (A15).
        PendingTransfer {
            /// What kind of movement.
            pending_event_type = "pendingEventType": Option<PendingType> = Some(PendingType::Transfer),
            /// Where the patient is to go.
            pending_destination = "pendingDestination": InterchangeValue<String>,
            /// Speciality that will care for the patient there (PV1-10).
            #[since(PendingHospitalService)]
            hospital_service = "hospitalService": InterchangeValue<String>,
        },
        /// A planned movement will not happen (A26).
        CancelPendingTransfer {
            /// What kind of movement.
            pending_event_type = "pendingEventType": Option<PendingType> = Some(PendingType::Transfer),
            /// Where the patient would have gone.
            pending_destination = "pendingDestination": InterchangeValue<String>,
            /// Speciality that would have cared for the patient there; not sent today.
            #[since(PendingHospitalService)]
            hospital_service = "hospitalService": InterchangeValue<String>,
            /// When the plan was cancelled.
            cancelled_date_time = "cancelledDateTime": Option<Instant>,
        },
        /// A patient is expected to leave (A16).
        #[since(PendingDischarge)]
        PendingDischarge {
            /// What kind of movement.
            pending_event_type = "pendingEventType": Option<PendingType> = Some(PendingType::Discharge),
            /// Where the patient is to go; not sent today.
            pending_destination = "pendingDestination": InterchangeValue<String>,
            /// Speciality of the patient then; not sent today.
            #[since(PendingHospitalService)]
            hospital_service = "hospitalService": InterchangeValue<String>,
        },
        /// A patient who was expected to leave stays (A25).
        #[since(PendingDischarge)]
        CancelPendingDischarge {
            /// What kind of movement.
            pending_event_type = "pendingEventType": Option<PendingType> = Some(PendingType::Discharge),
            /// Speciality of the patient then; not sent today.
            #[since(PendingHospitalService)]
            hospital_service = "hospitalService": InterchangeValue<String>,
            /// Where the patient would have gone; not sent today.
            pending_destination = "pendingDestination": InterchangeValue<String>,
            /// When the plan was cancelled.
            cancelled_date_time = "cancelledDateTime": Option<Instant>,
        },
        /// Patient and visit data found in a message about something else (orders, results,
        /// flowsheets). It fills gaps; real ADT messages are trusted more, and its location not at all.
        ImpliedAdtMessage,
    }
}

/// A movement that is planned, or was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending<'e> {
    /// What kind of movement.
    pub event_type: Option<PendingType>,
    /// Where the patient is to go.
    pub destination: &'e InterchangeValue<String>,
    /// Speciality that will care for the patient there.
    pub hospital_service: &'e InterchangeValue<String>,
}

impl Default for AdtEvent {
    /// An update of information, without any other event.
    fn default() -> Self {
        Self::UpdatePatientInfo { hospital_service: InterchangeValue::Unknown }
    }
}

impl AdtEvent {
    /// Begin of the stay, from the events that carry it.
    pub fn admission_date_time(&self) -> Option<&InterchangeValue<Instant>> {
        match self {
            Self::AdmitPatient { admission_date_time, .. }
            | Self::TransferPatient { admission_date_time }
            | Self::DischargePatient { admission_date_time, .. } => Some(admission_date_time),
            _ => None,
        }
    }

    /// The identifiers that were valid before, from the events that change them: hospital number,
    /// national number.
    pub fn previous_identifiers(&self) -> Option<(Option<&str>, Option<&str>)> {
        match self {
            Self::MergePatient { previous_mrn, previous_nhs_number }
            | Self::MoveVisitInformation { previous_mrn, previous_nhs_number, .. }
            | Self::ChangePatientIdentifiers { previous_mrn, previous_nhs_number } => {
                Some((previous_mrn.as_deref(), previous_nhs_number.as_deref()))
            }
            _ => None,
        }
    }

    /// What is planned and where, from the events about plans.
    pub fn pending(&self) -> Option<Pending<'_>> {
        match self {
            Self::PendingTransfer { pending_event_type, pending_destination, hospital_service }
            | Self::CancelPendingTransfer {
                pending_event_type, pending_destination, hospital_service, ..
            }
            | Self::PendingDischarge { pending_event_type, pending_destination, hospital_service }
            | Self::CancelPendingDischarge {
                pending_event_type,
                pending_destination,
                hospital_service,
                ..
            } => Some(Pending {
                event_type: *pending_event_type,
                destination: pending_destination,
                hospital_service,
            }),
            _ => None,
        }
    }

    /// Which speciality cares for the patient, from the events about what is, not what is planned.
    pub fn hospital_service(&self) -> Option<&InterchangeValue<String>> {
        match self {
            Self::AdmitPatient { hospital_service, .. }
            | Self::UpdatePatientInfo { hospital_service }
            | Self::UpdateSubSpeciality { hospital_service } => Some(hospital_service),
            _ => None,
        }
    }

    /// When something was cancelled, from the events that cancel.
    pub fn cancelled_date_time(&self) -> Option<Instant> {
        match self {
            Self::CancelAdmitPatient { cancelled_date_time }
            | Self::CancelTransferPatient { cancelled_date_time, .. }
            | Self::CancelDischargePatient { cancelled_date_time }
            | Self::CancelPendingTransfer { cancelled_date_time, .. }
            | Self::CancelPendingDischarge { cancelled_date_time, .. } => *cancelled_date_time,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::AdtEvent;
    use crate::wire::Classed;

    #[test]
    fn every_class_is_found_by_its_own_name() {
        let all = AdtEvent::all_classes();
        let names: HashSet<_> = all.iter().map(AdtEvent::class_name).collect();
        assert_eq!(names.len(), 19);
        for event in all {
            assert_eq!(AdtEvent::for_class(event.class_name()), Some(event));
        }
    }

    #[test]
    fn no_other_name_is_a_class() {
        let prefix = "uk.ac.ucl.rits.inform.interchange.";
        for name in ["AdmitPatient", "adt.AdtMessage", "adt.admitPatient", "adt.", ""] {
            assert_eq!(AdtEvent::for_class(&format!("{prefix}{name}")), None, "{name}");
        }
    }
}
