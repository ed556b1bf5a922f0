//! `emap messages check` tells a writer of messages what is wrong, and where.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// Exit status and what was printed about the paths, without the name of the directory.
fn check(directory: &Path, paths: &[&str]) -> (bool, Vec<String>) {
    let mut emap = Command::new(env!("CARGO_BIN_EXE_emap"));
    let output = emap.current_dir(directory).args(["messages", "check"]).args(paths).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), printed.lines().map(str::to_owned).collect())
}

/// A directory with these files; class names have `PKG` for the package.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = directory.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text.replace("PKG", "uk.ac.ucl.rits.inform.interchange")).unwrap();
    }
    directory
}

#[test]
fn the_fixtures_of_this_project_are_sound() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test-files");
    let (sound, lines) = check(&root, &["interchange"]);
    assert!(sound, "{lines:#?}");
    assert!(lines[0].ends_with("faults: 0"), "{lines:?}");
}

#[test]
fn every_fault_has_file_line_and_property() {
    let files = directory(&[
        (
            "ward/admission.yaml",
            "\
# An admission with a few slips.
\"@class\": \"PKG.adt.AdmitPatient\"
mrn: \"60030201\"
visitNumbr: \"5500302011\"
recordedDateTime: \"2031-05-12T07:40\"
patientSex:
  value: F
",
        ),
        ("ward/broken.yml", "- [\n"),
        ("ward/notes.txt", "no YAML"),
        (
            "two.yaml",
            "- \"@class\": \"PKG.ResearchOptOut\"\n- \"@class\": \"PKG.ResearchOptOut\"\n  active: perhaps\n",
        ),
    ]);
    let (sound, lines) = check(files.path(), &["two.yaml", "ward", "nowhere.yaml"]);
    assert!(!sound);
    let expected = [
        "two.yaml:3: [1].active: not true or false",
        "ward/admission.yaml:4: visitNumbr: unknown property",
        "ward/admission.yaml:5: recordedDateTime: not an instant with seconds and zone",
        "ward/admission.yaml:7: patientSex: \"@class\" is missing",
    ];
    assert_eq!(lines[..4], expected);
    assert!(lines[4].starts_with("ward/broken.yml:2: "), "{}", lines[4]);
    assert!(lines[5].starts_with("nowhere.yaml: No such file"), "{}", lines[5]);
    assert_eq!(lines[6..], ["files: 4, sound messages: 1, faults: 6"]);
}

#[test]
fn older_generations_refuse_what_is_newer() {
    let files = directory(&[
        ("admission.yaml", "\"@class\": \"PKG.adt.AdmitPatient\"\nmrn: \"60030201\"\nadmissionType: null\n"),
        (
            "plans.yaml",
            "- \"@class\": \"PKG.adt.PendingTransfer\"\n  hospitalService: null\n\
             - \"@class\": \"PKG.adt.PendingDischarge\"\n  mrn: \"60030202\"\n",
        ),
    ]);
    let admission = "./admission.yaml:3: admissionType: unknown property";
    let faults = |generation: &[&str]| {
        let (sound, mut lines) = check(files.path(), &[generation, &["."]].concat());
        let count = lines.pop().unwrap();
        assert_eq!(sound, lines.is_empty(), "{lines:?}");
        assert!(count.ends_with(&format!("faults: {}", lines.len())), "{count}");
        lines
    };
    assert_eq!(faults(&[]), [""; 0]);
    assert_eq!(faults(&["--generation", "2026"]), [""; 0]);
    assert_eq!(faults(&["--generation", "develop"]), [admission]);
    let expected = [
        admission,
        "./plans.yaml:2: [0].hospitalService: unknown property",
        "./plans.yaml:3: [1]: unknown class uk.ac.ucl.rits.inform.interchange.adt.PendingDischarge",
    ];
    assert_eq!(faults(&["--generation", "main"]), expected);
    assert_eq!(check(files.path(), &["--generation", "2027", "."]), (false, vec![]));
}

#[test]
fn values_are_never_printed() {
    let text = "\"@class\": \"PKG.adt.AdmitPatient\"\nrecordedDateTime: \"Smith\"\nSmith, John: \"Smith\"\n";
    let files = directory(&[("admission.yaml", text)]);
    let (sound, lines) = check(files.path(), &["."]);
    assert!(!sound && lines.len() == 3, "{lines:?}");
    assert!(!lines.concat().contains("Smith"), "{lines:?}");
}

const CULTURE: &str = "\
- \"@class\": \"PKG.lab.LabOrderMsg\"
  labResultMsgs:
    - \"@class\": \"PKG.lab.LabResultMsg\"
";

#[test]
fn defaults_are_checked_as_what_they_update() {
    let files = directory(&[
        ("culture.yaml", CULTURE),
        ("culture_order_defaults.yaml", "mrn: \"60030202\"\nresultTime: \"2031-05-12T07:40:00Z\"\n"),
        ("culture_result_defaults.yaml", "resultTime: \"2031-05-12T07:40:00Z\"\nisolateId: \"1\"\n"),
        ("culture_micro_isolate_defaults.yaml", "isolateId: \"1\"\nresultStatus: FINAL\n"),
        ("culture_micro_result_defaults.yaml", "mimeType: TEXT\nmrn: \"60030202\"\n"),
        ("round.yaml", "- \"@class\": \"PKG.visit_observations.Flowsheet\"\n"),
        ("round_defaults.yaml", "\"@class\": \"PKG.visit_observations.Flowsheet\"\nisRealTime: true\n"),
        ("silent.yaml", "- \"@class\": \"PKG.visit_observations.Flowsheet\"\n"),
        ("silent_defaults.yaml", "# to come\n"),
        ("unsound.yaml", "- \"@class\": \"PKG.Flowsheet\"\n"),
        ("unsound_defaults.yaml", "mrn: \"60030202\"\n"),
    ]);
    let (sound, lines) = check(files.path(), &["."]);
    assert!(!sound);
    let expected = [
        "./culture_micro_isolate_defaults.yaml:2: resultStatus: unknown property",
        "./culture_micro_result_defaults.yaml:2: mrn: unknown property",
        "./culture_order_defaults.yaml:2: resultTime: unknown property",
        "./culture_result_defaults.yaml:2: isolateId: unknown property",
        "./round_defaults.yaml:1: @class: unknown property",
        "./silent_defaults.yaml:1: not a mapping of properties: there is nothing in it",
        "./unsound.yaml:1: [0]: unknown class uk.ac.ucl.rits.inform.interchange.Flowsheet",
        "./unsound_defaults.yaml: cannot be checked until ./unsound.yaml is sound",
        "files: 11, sound messages: 3, faults: 8",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn changes_are_checked_against_the_message_they_change() {
    let files = directory(&[
        ("imaging/orm_defaults.yaml", "\"@class\": \"PKG.lab.LabOrderMsg\"\n"),
        ("imaging/cancelled.yaml", "orderControlId: CA\n"),
        ("imaging/odd.yaml", "orderControlId: CA\ncolour: red\n"),
        ("elsewhere/lonely.yaml", "orderControlId: CA\n"),
        ("elsewhere/lonelier_defaults.yaml", "orderControlId: CA\n"),
    ]);
    let (sound, lines) = check(files.path(), &["imaging/cancelled.yaml", "imaging/orm_defaults.yaml"]);
    assert!(sound, "{lines:?}");
    assert_eq!(lines, ["files: 2, sound messages: 1, faults: 0"]);
    let (_, lines) = check(&files.path().join("imaging"), &["odd.yaml"]);
    assert_eq!(lines[0], "odd.yaml:2: colour: unknown property");
    let (sound, lines) = check(files.path(), &["elsewhere"]);
    assert!(!sound);
    assert_eq!(lines[0], "elsewhere/lonelier_defaults.yaml:1: \"@class\" is missing");
    assert_eq!(lines[1], "elsewhere/lonely.yaml:1: \"@class\" is missing");
}

#[test]
fn nothing_to_check_is_a_fault_too() {
    let files = directory(&[("only/notes.txt", "")]);
    let (sound, lines) = check(files.path(), &["only"]);
    assert!(!sound);
    assert_eq!(lines, ["only: no YAML file is in it", "files: 0, sound messages: 0, faults: 1"]);
}
