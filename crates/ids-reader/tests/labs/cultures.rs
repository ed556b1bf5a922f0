//! The main laboratory: what grew in cultures, and what it is sensitive to.

use emap_ids_reader::RejectReason;
use emap_interchange::{
    InterchangeValue::{Delete, Unknown},
    LabIsolate, LabResult, LabResultStatus, ValueType,
};

use crate::{codes, hl7, message, order, orders, save, support::rejected, texts};

const CULTURE: &str =
    "OBR|1|90|24V000310|URNC^^WinPath|||202407051106||||||clinical|||||||||202407080937||MC|F";
const SENSITIVITIES: &str =
    "OBR|2|90|24V000310|SENS^^WinPath|||202407051106||||||of the child|||||||||||MC|F|ISOLATE&&x^1";
const ORC: &str = "ORC|RE|90|24V000310";
const CODE: &str = "OBX|1|CE|ISOLATE^^W|1|ECOL^Escherichia coli|||||||F";
const RESISTANT: &str = "OBX|1|ST|TRI||TRI|||R|||F";

fn culture(observations: &[&str]) -> String {
    message("WinPath", "ORU^R01", &[&[ORC, CULTURE], observations].concat())
}

fn results(observations: &[&str]) -> Vec<LabResult> {
    order(&culture(observations)).lab_results
}

/// The isolate of the only result.
fn isolate(observations: &[&str]) -> LabIsolate {
    let mut results = results(observations);
    assert_eq!(results.len(), 1);
    *results.remove(0).lab_isolate.unwrap()
}

#[test]
fn text_and_code_with_one_sub_id_are_one_isolate() {
    let found = results(&[
        "OBX|1|ST|ISOLATE^^W|1|Heavy growth of|g||A|||P",
        "NTE|1||of the first",
        "OBX|2|CE|ISOLATE^^W|1|ECOL^Escherichia coli|||B|||F",
        "NTE|1||lost",
    ]);
    let [result] = &*found else { panic!("{found:?}") };
    assert_eq!(result.mime_type, Some(ValueType::LabIsolate));
    assert_eq!(result.string_value, Unknown);
    assert_eq!(
        (&result.abnormal_flag, &result.notes, &result.units),
        (&save("A"), &save("of the first"), &save("g"))
    );
    assert_eq!(result.result_status, Some(LabResultStatus::Preliminary));
    let expected = LabIsolate {
        isolate_code: Some("ECOL".to_owned()),
        isolate_name: Some("Escherichia coli".to_owned()),
        quantity: save("Heavy growth of"),
        ..LabIsolate::new(Some("90".to_owned()), Some("1".to_owned()))
    };
    assert_eq!(result.lab_isolate.as_deref(), Some(&expected));
}

/// The laboratory's microbiology system names no coding system of the culture itself.
#[test]
fn a_culture_without_a_coding_system_comes_out_as_any_other() {
    let unnamed = hl7("win_path/cultures/code_and_name");
    let named = unnamed.replace("WDC^WOUND CULTURE|", "WDC^WOUND CULTURE^WinPath|");
    assert_ne!(unnamed, named);
    assert_eq!(orders(&unnamed), orders(&named));
    let order = order(&unnamed);
    assert_eq!(order.test_battery_coding_system.as_deref(), Some("WIN_PATH"));
    assert_eq!(order.lab_results[0].lab_isolate.as_ref().unwrap().sensitivities.len(), 1);
}

#[test]
fn a_text_is_about_the_culture_or_about_the_amount() {
    let growth = |text: &str| {
        let isolate = isolate(&[&format!("OBX|1|ST|ISOLATE^^W|1|{text}||||||F")]);
        (isolate.culture_type, isolate.quantity)
    };
    assert_eq!(growth("Anaerobic bottle culture yields:"), (save("Anaerobic bottle"), Unknown));
    assert_eq!(growth("10,000 CFU/mL"), (Unknown, save("10,000 CFU/mL")));
    assert_eq!(growth("culture yields:"), (Unknown, save("culture yields:")));
    assert_eq!(growth("x culture yields: y"), (Unknown, save("x culture yields: y")));
    assert_eq!(growth("\"\""), (Unknown, Unknown));
    assert_eq!(growth(""), (Unknown, Unknown));
    assert_eq!(growth("one~two"), (Unknown, save("one\ntwo")));
}

#[test]
fn codes_and_names() {
    let organism = |value: &str| {
        let isolate = isolate(&[&format!("OBX|1|CE|ISOLATE^^W|1|{value}||||||F")]);
        (isolate.isolate_code.unwrap(), isolate.isolate_name)
    };
    let named = |code: &str, name: &str| (code.to_owned(), Some(name.to_owned()));
    assert_eq!(organism("NG9   ^No growth  ^W"), named("NG9", "No growth"));
    assert_eq!(organism(" A \\T\\ B&x^ E. coli&y~C^D"), named("A & B", "E. coli"));
    assert_eq!(organism("\"\"^\"\""), named("\"\"", "\"\""));
    assert_eq!(organism("A"), ("A".to_owned(), None));
    assert!(matches!(rejected(&culture(&["OBX|1|CE|ISOLATE|1|^name||||||F"])), RejectReason::IsolateCode(_)));
}

#[test]
fn other_types_say_nothing_about_the_isolate() {
    for (data_type, value) in [("TX", "x"), ("FT", "x"), ("NM", "5"), ("CWE", "a^b"), ("CE", ""), ("ST", "")]
    {
        let found = results(&[&format!("OBX|1|{data_type}|ISOLATE^^W|1|{value}||||||F")]);
        assert_eq!(found[0].mime_type, Some(ValueType::LabIsolate));
        let expected = LabIsolate::new(Some("90".to_owned()), Some("1".to_owned()));
        assert_eq!(found[0].lab_isolate.as_deref(), Some(&expected), "{data_type}");
    }
    assert_eq!(texts(&results(&["OBX|1|FT|ISOLATE^^W|1|kept"])), ["kept"]);
}

#[test]
fn what_comes_later_wins_unless_it_says_nothing() {
    let found = isolate(&[
        "OBX|1|ST|ISOLATE^^W|1|few||||||F",
        CODE,
        "OBX|3|CE|ISOLATE^^W|1|KLPN||||||F",
        "OBX|4|ST|ISOLATE^^W|1|many||||||F",
        "OBX|5|ST|ISOLATE^^W|1|||||||F",
    ]);
    assert_eq!(found.isolate_code.as_deref(), Some("KLPN"));
    assert_eq!(found.isolate_name.as_deref(), Some("Escherichia coli"));
    assert_eq!(found.quantity, save("many"));
}

#[test]
fn isolates_stand_where_they_begin() {
    let found = results(&[
        "OBX|1|FT|URNC||report",
        "OBX|2|ST|ISOLATE^^W|2|few",
        "OBX|3|FT|URST||status",
        CODE,
        "OBX|5|CE|ISOLATE^^W|2|CALB^Candida",
    ]);
    assert_eq!(codes(&found), ["URNC", "ISOLATE", "URST", "ISOLATE"]);
    let ids: Vec<_> = found.iter().filter_map(|result| result.observation_sub_id.as_deref()).collect();
    assert_eq!(ids, ["", "2", "", "1"]);
}

#[test]
fn isolates_without_sub_id_stay_apart() {
    let found = results(&["OBX|1|ST|ISOLATE||few", "OBX|2|CE|ISOLATE||ECOL^E. coli"]);
    let ids: Vec<_> =
        found.iter().map(|result| result.lab_isolate.as_ref().unwrap().isolate_id.as_deref()).collect();
    assert_eq!(ids, [Some(""), Some("")]);
    assert_eq!(texts(&found), ["few", ""]);
}

#[test]
fn the_same_sub_id_in_another_order_is_another_isolate() {
    let other = CULTURE.replace("|90|", "|91|");
    let text = message("WinPath", "ORU^R01", &[ORC, CULTURE, CODE, "ORC|RE|91|24V000310", &other, CODE]);
    let found = orders(&text);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|order| order.lab_results.len() == 1));
}

/// A culture with one isolate, and sensitivities with changes.
fn with_child(change: impl Fn(&str) -> String) -> String {
    let child = change(&format!("{ORC}\n{SENSITIVITIES}\n{RESISTANT}"));
    message("WinPath", "ORU^R01", &[ORC, CULTURE, CODE, &child])
}

#[test]
fn sensitivities_become_part_of_the_isolate() {
    let found = order(&with_child(str::to_owned));
    let isolate = found.lab_results[0].lab_isolate.as_ref().unwrap();
    assert_eq!(isolate.clinical_information, save("of the child"));
    let [sensitivity] = &*isolate.sensitivities else { panic!("{isolate:?}") };
    assert_eq!((&sensitivity.string_value, &sensitivity.abnormal_flag), (&save("TRI"), &save("R")));
    assert_eq!((sensitivity.result_status, sensitivity.result_time), (Some(LabResultStatus::Final), None));
    assert_eq!(sensitivity.epic_care_order_number.as_deref(), Some("90"));
}

#[test]
fn children_may_come_first() {
    let text = message("WinPath", "ORU^R01", &[ORC, SENSITIVITIES, RESISTANT, ORC, CULTURE, CODE]);
    let in_order = order(&with_child(str::to_owned));
    assert_eq!(order(&text), in_order);
}

#[test]
fn of_two_children_the_last_one_counts() {
    let text =
        with_child(|child| format!("{child}\n{}", child.replace("TRI", "NIT").replace("of the child", "")));
    let found = order(&text);
    let isolate = found.lab_results[0].lab_isolate.as_ref().unwrap();
    assert_eq!(codes(&isolate.sensitivities), ["NIT"]);
    assert_eq!(isolate.clinical_information, Unknown);
}

#[test]
fn a_child_needs_its_parent() {
    for change in [
        ("ISOLATE&&x^1", "ISOLATE&&x^2"),
        ("ISOLATE&&x^1", "URNC&&x^1"),
        ("ISOLATE&&x^1", "^1"),
        ("|90|", "|91|"),
        ("|90|", "||"),
        ("ORC|RE", "ORC|CA"),
    ] {
        let reason = rejected(&with_child(|child| child.replace(change.0, change.1)));
        assert!(matches!(reason, RejectReason::NoParent(2)), "{change:?}: {reason}");
    }
}

#[test]
fn a_parent_that_is_left_out_is_none() {
    let text = with_child(str::to_owned).replacen("ORC|RE", "ORC|XO", 1);
    assert!(matches!(rejected(&text), RejectReason::NoParent(2)));
}

#[test]
fn an_order_that_names_no_sub_id_is_no_child() {
    let found = orders(&with_child(|child| child.replace("ISOLATE&&x^1", "ISOLATE&&x")));
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].parent_observation_identifier.as_deref(), Some("ISOLATE"));
    assert_eq!(found[0].lab_results[0].lab_isolate.as_ref().unwrap().sensitivities, []);
}

#[test]
fn each_isolate_has_its_own_sensitivities() {
    let found = orders(&hl7("win_path/cultures/two_isolates"));
    let isolates =
        found.iter().flat_map(|order| &order.lab_results).filter_map(|result| result.lab_isolate.as_ref());
    let sensitivities: Vec<_> = isolates.map(|isolate| codes(&isolate.sensitivities)).collect();
    assert_eq!(sensitivities, [vec!["FLX", "PEN"], vec!["FLU"]]);
}

#[test]
fn two_cultures_with_sensitivities_in_one_message() {
    let second = |text: &str| text.replace("|90|", "|91|");
    let text = message(
        "WinPath",
        "ORU^R01",
        &[
            ORC,
            CULTURE,
            CODE,
            ORC,
            SENSITIVITIES,
            RESISTANT,
            &second(ORC),
            &second(CULTURE),
            CODE,
            &second(ORC),
            &second(SENSITIVITIES),
            RESISTANT,
        ],
    );
    let found = orders(&text);
    assert_eq!(found.len(), 2);
    for order in &found {
        assert_eq!(order.lab_results[0].lab_isolate.as_ref().unwrap().sensitivities.len(), 1);
    }
}

#[test]
fn a_deleted_flag_is_deleted_of_sensitivities_too() {
    let found = order(&with_child(|child| child.replace("|||R|||F", "||||||F")));
    let isolate = found.lab_results[0].lab_isolate.as_ref().unwrap();
    assert_eq!(isolate.sensitivities[0].abnormal_flag, Delete(None));
}
