//! The blood bank.

use emap_ids_reader::RejectReason;
use emap_interchange::InterchangeValue::{Delete, Save, Unknown};
use emap_test_support::messages::at;

use crate::{hl7, order, results, save, support::rejected, with_field};

const SCREEN: &str = "bank_manager/group_and_screen";

#[test]
fn notes_of_the_order_are_clinical_information() {
    let text = hl7(SCREEN);
    let noted = text.replace("\nOBX|1", "\nNTE|2||Second~ third \nOBX|1");
    assert_eq!(order(&noted).clinical_information, save("Anti-D known previously.\nSecond\nthird"));
    // Without notes there is none, even if a field has it.
    let silent = text.replace("NTE|||Anti-D known previously.|BMCOMMENT\n", "");
    assert_eq!(order(&silent).clinical_information, Unknown);
    assert!(order(&text).questions.is_empty());
}

#[test]
fn times() {
    let found = order(&hl7(SCREEN));
    let collected = at("2024-06-10T05:18:00Z");
    assert_eq!(found.collection_date_time, Some(collected));
    assert_eq!((found.order_date_time, found.sample_received_time), (Save(collected), Save(collected)));
    let asked = order(&with_field(&hl7(SCREEN), "OBR-6", "202406100600"));
    assert_eq!(asked.requested_date_time, Save(at("2024-06-10T05:00:00Z")));
    assert_eq!(order(&with_field(&hl7(SCREEN), "OBR-22", "")).status_change_time, None);
    // Times of the order segment are not read.
    assert_eq!(order(&with_field(&hl7(SCREEN), "ORC-9", "soon")), order(&hl7(SCREEN)));
}

#[test]
fn numbers() {
    let text = with_field(&with_field(&hl7(SCREEN), "ORC-2", "90"), "OBR-2", "91");
    let found = order(&text);
    assert_eq!(found.epic_care_order_number, Unknown);
    assert_eq!(found.lab_specimen_number.as_deref(), Some("24B000018"));
    assert_eq!(order(&with_field(&text, "ORC-1", "OC")).epic_care_order_number, Delete(None));
    assert_eq!(found.order_status, None);
}

#[test]
fn one_order_in_a_message() {
    let text = hl7(SCREEN);
    let again = &text[text.find("ORC").unwrap()..];
    assert_eq!(rejected(&format!("{text}{again}")), RejectReason::SeveralOrders(2));
}

#[test]
fn results_have_times_and_notes_of_their_own() {
    let found = results(&hl7(SCREEN));
    assert_eq!(found[1].result_time, Some(at("2024-06-10T09:32:00Z")));
    assert_eq!((&found[0].notes, &found[1].notes), (&Unknown, &save("Anti-D")));
    assert_eq!(results(&with_field(&hl7(SCREEN), "OBX-8", "N"))[0].abnormal_flag, save("N"));
}
