//! An order.

use super::result::LabResult;
use crate::{
    types::{Instant, Questions},
    value::InterchangeValue,
    wire::declare::record,
};

record! {
    /// One battery of tests ordered for one sample, with the results that came with this message.
    pub struct LabOrder as "lab.LabOrderMsg" ignoring ["numLabResults"] {
        /// Results of this order.
        lab_results = "labResultMsgs": Vec<LabResult>,
        /// Questions of the laboratory and their answers.
        questions = "questions": Questions,
        /// HL7 order control code (ORC-1): `NW`, `SC`, `SN`, `NA`, `CA`, `CR`, `OC`, `RE` …
        order_control_id = "orderControlId": Option<String>,
        /// The hospital's number of the order. A delete that names a number: that order is cancelled.
        epic_care_order_number = "epicCareOrderNumber": InterchangeValue<String>,
        /// The laboratory's number of the sample.
        lab_specimen_number = "labSpecimenNumber": Option<String>,
        /// What the sample is.
        specimen_type = "specimenType": InterchangeValue<String>,
        /// How it was taken.
        collection_method = "collectionMethod": InterchangeValue<String>,
        /// Where on the body.
        sample_site = "sampleSite": InterchangeValue<String>,
        /// When the sample was taken (the label printed); stays the same through the workflow.
        collection_date_time = "collectionDateTime": Option<Instant>,
        /// When the order last changed.
        status_change_time = "statusChangeTime": Option<Instant>,
        /// When the order was entered in the laboratory's system.
        order_date_time = "orderDateTime": InterchangeValue<Instant>,
        /// When the sample arrived.
        sample_received_time = "sampleReceivedTime": InterchangeValue<Instant>,
        /// When the order was requested; not for tests at the bedside.
        requested_date_time = "requestedDateTime": InterchangeValue<Instant>,
        /// Department of the laboratory.
        lab_department = "labDepartment": Option<String> = Some(String::new()),
        /// HL7 order status as sent.
        order_status = "orderStatus": Option<String>,
        /// HL7 result status of the order as sent.
        result_status = "resultStatus": Option<String>,
        /// Hospital number of the patient.
        mrn = "mrn": Option<String>,
        /// Number of the visit.
        visit_number = "visitNumber": Option<String>,
        /// Code of the battery.
        test_battery_local_code = "testBatteryLocalCode": Option<String>,
        /// Whose code that is: the name of an `OrderCodingSystem`.
        test_battery_coding_system = "testBatteryCodingSystem": Option<String>,
        /// Of an order that follows from a result: which observation that was.
        parent_observation_identifier = "parentObservationIdentifier": Option<String> = Some(String::new()),
        /// Of an order that follows from a result: its sub-id.
        parent_sub_id = "parentSubId": Option<String> = Some(String::new()),
        /// What the clinician wrote about the patient.
        clinical_information = "clinicalInformation": InterchangeValue<String>,
    }
}
