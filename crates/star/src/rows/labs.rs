//! Laboratory orders and results.

use chrono::{DateTime, Utc};

use super::identity::{HospitalVisitId, MrnId};
use crate::star_table::star_table;

star_table! {
    /// A set of laboratory tests that can be requested together from one provider.
    LabBattery: audited,
    known_by [lab_provider, battery_code],
    columns {
        /// Code of the battery at its provider.
        battery_code: Option<String> => (Nullable<Varchar>),
        /// Name for people; null until its description arrives.
        battery_name: Option<String> => (Nullable<Varchar>),
        /// Coding system that defines the code, for example `WIN_PATH`.
        lab_provider: String => (Varchar),
    }
    lookups {
        /// The battery with a code of a provider.
        shared_unique BatteryByCode: BatteryCode { lab_provider: String, battery_code: String },
    }
}

star_table! {
    /// A test has been seen among the results of a battery.
    LabBatteryElement: audited,
    known_by [lab_battery_id, lab_test_definition_id],
    columns {
        /// The battery.
        lab_battery_id: LabBatteryId => (BigInt),
        /// The test.
        lab_test_definition_id: LabTestDefinitionId => (BigInt),
    }
    lookups {
        /// The note that a test has been seen among the results of a battery.
        shared_unique ElementByParts: ElementParts { lab_battery_id: LabBatteryId, lab_test_definition_id: LabTestDefinitionId },
    }
}

star_table! {
    /// A laboratory test as one provider defines it; each provider of the same analyte has its own row.
    LabTestDefinition: audited,
    known_by [lab_provider, test_lab_code],
    columns {
        /// Section of the laboratory that does the test, code of the sender.
        lab_department: Option<String> => (Nullable<Varchar>),
        /// Coding system that defines the code, for example `WIN_PATH`.
        lab_provider: String => (Varchar),
        /// Name for people; null until its description arrives.
        name: Option<String> => (Nullable<Varchar>),
        /// Kept for the name of a standard vocabulary; no program fills it yet.
        standardised_vocabulary: Option<String> => (Nullable<Varchar>),
        /// Code of the test at its provider.
        test_lab_code: String => (Varchar),
        /// Kept for the code in that vocabulary; no program fills it yet.
        test_standard_code: Option<String> => (Nullable<Varchar>),
    }
    lookups {
        /// The test with a code of a provider.
        shared_unique TestByCode: TestCode { lab_provider: String, test_lab_code: String },
    }
}

star_table! {
    /// A specimen taken from a patient.
    LabSample: audited,
    known_by [mrn_id, external_lab_number],
    columns {
        /// How it was taken; several methods are separated by commas.
        collection_method: Option<String> => (Nullable<Text>),
        /// Number the laboratory gave to the specimen.
        external_lab_number: Option<String> => (Nullable<Varchar>),
        /// When the laboratory received it.
        receipt_at_lab_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// When it was taken from the patient.
        sample_collection_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Site of the body it was taken from.
        sample_site: Option<String> => (Nullable<Varchar>),
        /// Kind of specimen, code or text of the sender.
        specimen_type: Option<String> => (Nullable<Varchar>),
        /// Identifier of the patient. Laboratory data reaches the patient through the sample, not through
        /// the order.
        mrn_id: MrnId => (BigInt),
    }
    lookups {
        /// A patient's specimen with a number of the laboratory.
        unique SampleByNumber: SampleNumber { mrn_id: MrnId, external_lab_number: String },
    }
}

star_table! {
    /// A request for one battery of tests on one sample.
    LabOrder: audited_or_of_none,
    known_by [lab_sample_id, lab_battery_id],
    columns {
        /// Clinical details given with the request.
        clinical_information: Option<String> => (Nullable<Text>),
        /// Number of the order in the ordering system.
        internal_lab_number: Option<String> => (Nullable<Varchar>),
        /// When the order was placed.
        order_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// When it was requested.
        request_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Sending application, or `Not in Message` when the message names none.
        source_system: Option<String> => (Nullable<Varchar>),
        /// The visit; null if the laboratory named none.
        hospital_visit_id: Option<HospitalVisitId> => (Nullable<BigInt>),
        /// The battery requested.
        lab_battery_id: LabBatteryId => (BigInt),
        /// The sample to be tested.
        lab_sample_id: LabSampleId => (BigInt),
    }
    lookups {
        /// Orders placed during a visit.
        many LabOrderByVisit: hospital_visit_id => HospitalVisitId,
        /// Orders for a sample.
        many LabOrderBySample: lab_sample_id => LabSampleId,
    }
    twin_lookups {
        /// Former versions of the orders for a sample, and cancellations of orders that never came.
        many OrderVersionBySample: lab_sample_id => LabSampleId,
    }
}

star_table! {
    /// The result of one test of one order.
    LabResult: audited,
    known_by [lab_order_id, lab_test_definition_id],
    columns {
        /// Mark of the laboratory for a result out of range, for example `H`; null when normal.
        abnormal_flag: Option<String> => (Nullable<Varchar>),
        /// Notes of the laboratory on the result.
        comment: Option<String> => (Nullable<Text>),
        /// Where the value is: `numeric/plain` in `value_as_real`, `text/plain` in `value_as_text`,
        /// `application/pdf` in `value_as_bytes`, `link/lab_isolate` in `lab_isolate`.
        mime_type: Option<String> => (Nullable<Varchar>),
        /// Upper end of the reference range, in `units`; null if none or not a number.
        range_high: Option<f64> => (Nullable<Double>),
        /// Lower end of the reference range, in `units`; null if none or not a number.
        range_low: Option<f64> => (Nullable<Double>),
        /// Time of the result as held.
        result_last_modified_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// `=`, `<` or `>`: how `value_as_real` bounds the true value.
        result_operator: Option<String> => (Nullable<Varchar>),
        /// Stage of the result, for example `PRELIMINARY`, `FINAL` or `CORRECTED`.
        result_status: Option<String> => (Nullable<Varchar>),
        /// Unit in the sender's spelling, never converted.
        units: Option<String> => (Nullable<Varchar>),
        /// The value if it is a document (PDF).
        value_as_bytes: Option<Vec<u8>> => (Nullable<Bytea>),
        /// The value if it is a number, in `units`.
        value_as_real: Option<f64> => (Nullable<Double>),
        /// The value if it is text; lines are separated by line feeds.
        value_as_text: Option<String> => (Nullable<Text>),
        /// The order.
        lab_order_id: LabOrderId => (BigInt),
        /// The test.
        lab_test_definition_id: LabTestDefinitionId => (BigInt),
    }
    lookups {
        /// Results of an order.
        many LabResultByOrder: lab_order_id => LabOrderId,
    }
}

star_table! {
    /// An organism that grew in a culture.
    LabIsolate: audited,
    known_by [lab_result_id, lab_internal_id],
    columns {
        /// Remarks, for example a resistance.
        clinical_information: Option<String> => (Nullable<Varchar>),
        /// How it was cultured.
        culture_type: Option<String> => (Nullable<Varchar>),
        /// Code of the organism at the laboratory.
        isolate_code: Option<String> => (Nullable<Varchar>),
        /// Name of the organism.
        isolate_name: Option<String> => (Nullable<Varchar>),
        /// Number of the isolate within its result; stays the same while the organism is being
        /// identified.
        lab_internal_id: Option<String> => (Nullable<Varchar>),
        /// How much grew: a range of counts or a category.
        quantity: Option<String> => (Nullable<Varchar>),
        /// The culture's result.
        lab_result_id: LabResultId => (BigInt),
    }
    lookups {
        /// Organisms that grew in a culture.
        many IsolateByResult: lab_result_id => LabResultId,
    }
}

star_table! {
    /// How one isolate responds to one agent.
    LabSensitivity: audited,
    known_by [lab_isolate_id, agent],
    columns {
        /// Antimicrobial or other agent tested.
        agent: Option<String> => (Nullable<Varchar>),
        /// When this response was reported.
        reporting_datetime: Option<DateTime<Utc>> => (Nullable<Timestamptz>),
        /// Code of the response, for example `S` or `R`.
        sensitivity: Option<String> => (Nullable<Varchar>),
        /// The isolate.
        lab_isolate_id: LabIsolateId => (BigInt),
    }
    lookups {
        /// How an isolate responds to agents.
        many SensitivityByIsolate: lab_isolate_id => LabIsolateId,
    }
}
