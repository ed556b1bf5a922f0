//! A result.

use super::LabIsolate;
use crate::wire::record;
use crate::{Instant, InterchangeValue, LabResultStatus, ValueType};

record! {
    /// One test's result, or one antibiotic's effect on an isolate.
    pub struct LabResult as "lab.LabResultMsg" {
        /// Kind of value.
        mime_type = "mimeType": Option<ValueType>,
        /// Code of the test.
        test_item_local_code = "testItemLocalCode": Option<String> = Some(String::new()),
        /// The laboratory's own name for the system of that code.
        test_item_coding_system = "testItemCodingSystem": Option<String> = Some(String::new()),
        /// Groups observations that belong together (OBX-4).
        observation_sub_id = "observationSubId": Option<String> = Some(String::new()),
        /// The value, if a number.
        numeric_value = "numericValue": InterchangeValue<f64>,
        /// The value as text.
        string_value = "stringValue": InterchangeValue<String>,
        /// The value as a document.
        byte_value = "byteValue": InterchangeValue<Vec<u8>>,
        /// Unit of the number.
        units = "units": InterchangeValue<String>,
        /// Lower end of what is normal.
        reference_low = "referenceLow": InterchangeValue<f64>,
        /// Upper end of what is normal.
        reference_high = "referenceHigh": InterchangeValue<f64>,
        /// How the value is out of the ordinary. Without one, a flag that was stored is cleared.
        abnormal_flag = "abnormalFlag": InterchangeValue<String> = InterchangeValue::delete(),
        /// `=`, `<`, `>` … before the number.
        result_operator = "resultOperator": Option<String>,
        /// How far the result has come.
        result_status = "resultStatus": Option<LabResultStatus> = Some(LabResultStatus::Unknown),
        /// When the result was known.
        result_time = "resultTime": Option<Instant>,
        /// Comments of the laboratory.
        notes = "notes": InterchangeValue<String>,
        /// What grew, if the test is a culture.
        lab_isolate = "labIsolate": Option<Box<LabIsolate>>,
        /// The hospital's number of the order.
        epic_care_order_number = "epicCareOrderNumber": Option<String>,
    }
}
