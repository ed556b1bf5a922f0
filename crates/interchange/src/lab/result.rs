//! Results, and what grew in a culture: an isolate is part of a result, and its sensitivities are results.

use crate::{
    codes::{LabResultStatus, ValueType},
    types::Instant,
    value::InterchangeValue,
    wire::declare::record,
};

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

record! {
    /// An isolate and what it is sensitive to.
    pub struct LabIsolate as "lab.LabIsolateMsg" {
        /// The hospital's number of the order.
        epic_care_order_number = "epicCareOrderNumber": Option<String>,
        /// Which isolate of the order it is; code and name may change while it is identified.
        isolate_id = "isolateId": Option<String>,
        /// Code of the organism.
        isolate_code = "isolateCode": Option<String>,
        /// Name of the organism.
        isolate_name = "isolateName": Option<String>,
        /// How it was grown.
        culture_type = "cultureType": InterchangeValue<String>,
        /// How much there was.
        quantity = "quantity": InterchangeValue<String>,
        /// What the clinician wrote.
        clinical_information = "clinicalInformation": InterchangeValue<String>,
        /// Effect of antibiotics.
        sensitivities = "sensitivities": Vec<LabResult>,
    }
}

impl LabIsolate {
    /// An isolate of an order, of which nothing else is known yet.
    pub fn new(epic_care_order_number: Option<String>, isolate_id: Option<String>) -> Self {
        Self { epic_care_order_number, isolate_id, ..Self::default() }
    }

    /// Takes over what another part of the message says about the same isolate of the same order; its
    /// sensitivities stay aside.
    pub fn merge(&mut self, other: &Self) {
        fn take<T: Clone>(mine: &mut InterchangeValue<T>, theirs: &InterchangeValue<T>) {
            if theirs.is_save() {
                mine.clone_from(theirs);
            }
        }
        debug_assert!(self.is_same_isolate(other), "different isolates");
        self.isolate_code = other.isolate_code.clone().or_else(|| self.isolate_code.take());
        self.isolate_name = other.isolate_name.clone().or_else(|| self.isolate_name.take());
        take(&mut self.culture_type, &other.culture_type);
        take(&mut self.quantity, &other.quantity);
        take(&mut self.clinical_information, &other.clinical_information);
    }

    fn is_same_isolate(&self, other: &Self) -> bool {
        self.epic_care_order_number == other.epic_care_order_number && self.isolate_id == other.isolate_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_takes_the_values_of_the_other() {
        let start = || LabIsolate::new(Some("77120".to_owned()), Some("2".to_owned()));
        let mut isolate = LabIsolate {
            isolate_code: Some("KLPN".to_owned()),
            quantity: InterchangeValue::Save("few".to_owned()),
            ..start()
        };
        isolate.merge(&LabIsolate {
            isolate_name: Some("Klebsiella pneumoniae".to_owned()),
            quantity: InterchangeValue::delete(),
            culture_type: InterchangeValue::Save("aerobic".to_owned()),
            ..start()
        });
        assert_eq!(
            isolate,
            LabIsolate {
                isolate_code: Some("KLPN".to_owned()),
                isolate_name: Some("Klebsiella pneumoniae".to_owned()),
                quantity: InterchangeValue::Save("few".to_owned()),
                culture_type: InterchangeValue::Save("aerobic".to_owned()),
                ..start()
            }
        );
    }
}
