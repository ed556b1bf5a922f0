//! What `ids-reader explain` reports of a message.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use emap_ids_reader::{
    ConvertSettings,
    explain::{Explanation, explain},
};
use emap_interchange::{Feature, Features, Generation};

const ADMISSION: &str = "MSH|^~\\&|EPIC|NORTHSIDE|||20260301083000||ADT^A01|17|T|2.5\r\
     EVN|A01|20260301083000||||20260301082500\r\
     PID|1||4100321^^^HOSP^MRN~7000000017^^^NHS^NHSNBR||Teapot^Clara||19610904|F\r\
     ZZZ|nobody reads this\r\
     PV1|1|I|W1^R2^B3||||||||||||||||990321|||||||||||||||||||||||||20260301082500\r";

fn explained(text: &str) -> Explanation {
    explain(&ConvertSettings::default(), "0000000007", text.as_bytes())
}

/// The features that are off and would have been needed, by property.
fn off(features: Features, text: &str) -> Vec<(String, Feature)> {
    let settings = ConvertSettings { features, ..ConvertSettings::default() };
    let explanation = explain(&settings, "0000000007", text.as_bytes());
    let properties = explanation.messages.into_iter().flat_map(|message| message.properties);
    properties.filter_map(|property| Some((property.path, property.off?))).collect()
}

fn origin(explanation: &Explanation, path: &str) -> (String, Vec<String>) {
    let mut properties = explanation.messages.iter().flat_map(|message| &message.properties);
    let property = properties.find(|property| property.path == path).unwrap();
    (property.value.clone(), property.from.clone())
}

#[test]
fn each_property_names_the_fields_it_comes_from() {
    let explanation = explained(ADMISSION);
    let places = |places: &[&str]| places.iter().map(|place| (*place).to_owned()).collect::<Vec<_>>();
    assert_eq!(origin(&explanation, "mrn"), ("\"4100321\"".to_owned(), places(&["PID-3[1].1"])));
    assert_eq!(origin(&explanation, "patientClass"), ("\"INPATIENT\"".to_owned(), places(&["PV1-2"])));
    let (location, from) = origin(&explanation, "fullLocationString");
    assert_eq!(location, "\"W1^R2^B3\"");
    assert_eq!(from, places(&["PV1-3.1", "PV1-3.2", "PV1-3.3"]));
    assert_eq!(origin(&explanation, "sourceMessageId").1, places(&[]));
    let read: Vec<_> =
        explanation.messages[0].properties.iter().flat_map(|property| &property.from).collect();
    assert!(!read.iter().any(|place| place.starts_with("ZZZ")), "{read:?}");
}

#[test]
fn parts_that_decide_what_the_message_gives_are_told_apart() {
    let explanation = explained(ADMISSION);
    let decisive: Vec<_> = explanation.decisive.iter().map(|(place, _)| place.as_str()).collect();
    assert!(decisive.contains(&"MSH-9.1") && decisive.contains(&"MSH-3"), "{decisive:?}");
}

#[test]
fn a_message_that_gives_nothing_has_its_reason() {
    let explanation = explained(&ADMISSION.replace("ADT^A01", "SIU^S12"));
    assert!(explanation.nothing_because.unwrap().starts_with("skipped:"));
    assert_eq!(explained("no message at all").header, None);
}

#[test]
fn properties_that_are_not_sent_name_the_feature_that_is_off() {
    let text = ADMISSION.replace("W1^R2^B3|||||||", "W1^R2^B3|Elective||||||Renal");
    let (service, admission) = ("hospitalService".to_owned(), "admissionType".to_owned());
    let both = [(admission, Feature::AdmissionType), (service, Feature::AdtHospitalService)];
    assert_eq!(off(Features::default(), &text), both);
    assert_eq!(off(Features::of(Generation::Main).with(Feature::AdmissionType), &text), both[1..]);
    assert_eq!(off(Features::of(Generation::Latest), &text), []);
    // Nothing is missed where there is no value.
    assert_eq!(off(Features::default(), ADMISSION), []);
    let reason = explained(&text.replace("ADT^A01", "ADT^Z99")).nothing_because.unwrap();
    assert!(reason.ends_with("while the feature sub_speciality is off"), "{reason}");
}

#[test]
fn the_command_prints_one_line_per_property() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ADMISSION).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_ids-reader")).arg("explain").arg(file.path()).output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("ADT^A01 from EPIC"), "{printed}");
    let line = printed.lines().find(|line| line.trim_start().starts_with("nhsNumber ")).unwrap();
    assert!(line.ends_with("PID-3[2].1"), "{line}");
}
