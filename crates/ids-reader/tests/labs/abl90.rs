//! Blood gas analysers.

use emap_ids_reader::SkipReason;
use emap_interchange::{
    InterchangeValue::{Delete, Save, Unknown},
    ValueType,
};
use emap_test_support::messages::at;

use crate::{hl7, order, results, save, support::skipped, with_field};

const GAS: &str = "abl90/gas";

#[test]
fn self_tests_are_skipped() {
    let text = with_field(&hl7(GAS), "OBR-15", "Proficiency Testing^x");
    assert_eq!(skipped(&text), SkipReason::SelfTest);
    assert_eq!(skipped(&with_field(&text, "OBR-7", "")), SkipReason::SelfTest, "whatever else is wrong");
    assert_eq!(
        order(&with_field(&text, "OBR-15", "proficiency testing")).specimen_type,
        save("proficiency testing")
    );
}

#[test]
fn every_value_is_a_number() {
    for data_type in ["ST", "NM", "TX", "SN"] {
        let found = results(&with_field(&hl7(GAS), "OBX-2", data_type));
        let first = (found[0].mime_type, found[0].numeric_value.clone(), found[0].result_operator.as_deref());
        assert_eq!(first, (Some(ValueType::Numeric), Save(7.415), Some("=")), "{data_type}");
    }
    let missing = &results(&with_field(&hl7(GAS), "OBX-5", ""))[0];
    assert_eq!((missing.mime_type, &missing.numeric_value), (Some(ValueType::Numeric), &Unknown));
    let found = results(&hl7(GAS));
    assert_eq!((&found[3].numeric_value, &found[3].string_value), (&Delete(None), &save("....")));
}

#[test]
fn results_have_times_of_their_own() {
    let found = results(&hl7(GAS));
    assert_eq!(found[2].result_time, Some(at("2024-06-10T08:39:02Z")));
    assert_eq!(results(&with_field(&hl7(GAS), "OBX-14", ""))[0].result_time, None);
}

#[test]
fn one_time_for_everything_after_the_sample_was_taken() {
    let found = order(&hl7(GAS));
    let received = at("2024-06-10T08:39:00Z");
    assert_eq!((found.order_date_time, found.sample_received_time), (Save(received), Save(received)));
    assert_eq!((found.status_change_time, found.requested_date_time), (Some(received), Unknown));
    let asked = order(&with_field(&hl7(GAS), "OBR-6", "202406100930"));
    assert_eq!(asked.requested_date_time, Save(at("2024-06-10T08:30:00Z")));
}

#[test]
fn a_control_code_means_nothing_here() {
    let text = hl7(GAS).replace("\nOBR", "\nORC|XX|90||||||||soon\nOBR");
    assert_eq!(order(&text), order(&hl7(GAS)));
}
