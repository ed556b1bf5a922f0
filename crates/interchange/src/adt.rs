//! Admissions, discharges, transfers and patient identity: one family of messages.

mod event;

pub use self::event::{AdtEvent, Pending};

use chrono::NaiveDate;

use crate::{codes::PatientClass, types::Instant, value::InterchangeValue, wire::declare::record};

record! {
    /// What every admission, discharge, transfer or identity message says about patient and visit.
    #[derive(Default)]
    // A movement that no peer fills in, and nobody reads.
    pub struct Adt ignoring ["matchedMovementId" since AdmissionType] {
        /// When the source wrote the message (EVN-2).
        recorded_date_time = "recordedDateTime": Option<Instant>,
        /// Event reason code of the source (EVN-4).
        event_reason_code = "eventReasonCode": Option<String>,
        /// When the event happened, if the source says so (EVN-6).
        event_occurred_date_time = "eventOccurredDateTime": Option<Instant>,
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// National number of the patient.
        nhs_number = "nhsNumber": Option<String>,
        /// Hospital number of the visit, also called encounter.
        visit_number = "visitNumber": Option<String>,
        /// How the patient came (PV2-38).
        mode_of_arrival = "modeOfArrival": InterchangeValue<String>,
        /// Ethnic group (PID-22).
        ethnic_group = "ethnicGroup": InterchangeValue<String>,
        /// Present location, `department^room^bed` (PV1-3).
        full_location_string = "fullLocationString": InterchangeValue<String>,
        /// Location before the event, same form (PV1-6).
        previous_location_string = "previousLocationString": InterchangeValue<String>,
        /// Date of birth, a calendar date without a zone (PID-7).
        patient_birth_date = "patientBirthDate": InterchangeValue<NaiveDate>,
        /// Time of birth, if known better than by the day (PID-7).
        patient_birth_date_time = "patientBirthDateTime": InterchangeValue<Instant>,
        /// Kind of stay (PV1-2).
        patient_class = "patientClass": InterchangeValue<PatientClass>,
        /// Time of death (PID-29).
        patient_death_date_time = "patientDeathDateTime": InterchangeValue<Instant>,
        /// Whether the patient is alive (PID-30, negated).
        patient_is_alive = "patientIsAlive": InterchangeValue<bool>,
        /// Family name (PID-5.1).
        patient_family_name = "patientFamilyName": InterchangeValue<String>,
        /// Given name (PID-5.2).
        patient_given_name = "patientGivenName": InterchangeValue<String>,
        /// Middle name or initial (PID-5.3).
        patient_middle_name = "patientMiddleName": InterchangeValue<String>,
        /// Religion (PID-17).
        patient_religion = "patientReligion": InterchangeValue<String>,
        /// Sex (PID-8).
        patient_sex = "patientSex": InterchangeValue<String>,
        /// Title (PID-5.5).
        patient_title = "patientTitle": InterchangeValue<String>,
        /// Postcode (PID-11.5).
        patient_zip_or_postal_code = "patientZipOrPostalCode": InterchangeValue<String>,
        /// How urgent the admission is (PV1-4).
        #[since(AdmissionType)]
        admission_type = "admissionType": InterchangeValue<String>,
    } with {
        /// What happened, with what only this kind of event says.
        pub event: AdtEvent,
    }
}

impl Adt {
    /// Since when the message holds: when the event happened, else when it was recorded.
    pub fn valid_from(&self) -> Option<Instant> {
        self.event_occurred_date_time.or(self.recorded_date_time)
    }
}
