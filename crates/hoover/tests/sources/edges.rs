//! Data as sources really have them: rows that a load left twice, blanks for numbers, hours in which clocks change.

use emap_interchange::Payload;

use crate::{site::Site, sources::ids};

#[test]
fn of_several_rows_of_a_person_that_are_marked_as_latest_the_newest_counts() {
    let site = Site::new();
    site.caboodle
        .run_script("INSERT INTO dbo.wh_person (person_key, version, hospital_number, nhs_number, is_latest) VALUES (1, 3, 'MRN9', NULL, 1)")
        .unwrap();
    let opt_outs = site.query(&["ResearchOptOut"]);
    assert_eq!(ids(&opt_outs), ["3", "1", "2"]);
    let Payload::ResearchOptOut(first) = &opt_outs[1].payload else { panic!("{opt_outs:?}") };
    assert_eq!((first.mrn.as_deref(), first.nhs_number.as_deref()), (Some("MRN9"), None));
    let window = ["Flowsheet", "--from", "2021-05-01T00:00:00Z", "--until", "2021-05-01T01:00:00Z"];
    assert_eq!(ids(&site.query(&window)), ["1001", "1002", "1003", "1006"]);
}

#[test]
fn blanks_are_no_number() {
    let site = Site::new();
    site.caboodle
        .run_script("UPDATE dbo.wh_person SET hospital_number = '   ', nhs_number = ' ' WHERE person_key = 3")
        .unwrap();
    site.clarity
        .run_script("UPDATE dbo.rpt_patient SET hospital_number = ' ' WHERE patient_ref = 'P2'")
        .unwrap();
    let (opt_outs, log) = site.query_with_log(&["ResearchOptOut"]);
    assert_eq!(ids(&opt_outs), ["1", "2"]);
    assert!(log.contains("row 3: has neither hospital number nor NHS number"), "{log}");
    let window = ["PatientProblem", "--from", "2021-06-01T00:00:00Z", "--until", "2021-06-30T00:00:00Z"];
    let (problems, log) = site.query_with_log(&window);
    assert!(problems.is_empty() && log.contains("row 42: has no hospital number"), "{log}");
}

#[test]
fn infections_of_the_hours_in_which_clocks_change_come_in_order_and_in_their_windows() {
    let site = Site::new();
    // The first of these hours was skipped, the last was there twice.
    site.clarity
        .run_script(
            "INSERT INTO dbo.rpt_infection
             (infection_no, patient_ref, visit_ref, kind_ref, state_code, added_at_local, resolved_at_local, onset_on, note_text)
             VALUES
             (31, 'P1', NULL, 1, 1, '2022-03-27 01:30:00', NULL, NULL, NULL),
             (32, 'P1', NULL, 1, 1, '2022-03-27 02:15:00', NULL, NULL, NULL),
             (33, 'P1', NULL, 1, 2, '2022-03-27 00:59:59', '2022-03-27 02:30:00', NULL, NULL),
             (34, 'P1', NULL, 1, 1, '2022-10-30 01:30:00', NULL, NULL, NULL)",
        )
        .unwrap();
    let between = |from: &str, until: &str| {
        let messages = site.query(&["PatientInfection", "--from", from, "--until", until]);
        ids(&messages).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(between("2022-03-27T00:00:00Z", "2022-03-28T00:00:00Z"), ["32", "31", "33"]);
    assert_eq!(between("2022-03-27T01:00:00Z", "2022-03-27T01:30:00Z"), ["32"]);
    assert_eq!(between("2022-10-30T00:30:00Z", "2022-10-30T00:30:01Z"), ["34"]);
    assert!(between("2022-10-30T01:00:00Z", "2022-10-30T02:00:00Z").is_empty());
}

#[test]
fn lines_of_consults_that_are_there_twice_come_once_and_different_ones_with_one_number_all_come() {
    let site = Site::new();
    site.clarity
        .run_script(
            "INSERT INTO dbo.rpt_consult_comment (order_no, line, line_text) VALUES
             (82, 2, 'first'), (82, 2, 'also'), (82, 2, 'first'), (83, 1, 'one'), (83, 2, 'one')",
        )
        .unwrap();
    let window = ["ConsultRequest", "--from", "2021-06-20T00:00:00Z", "--until", "2021-06-21T00:00:00Z"];
    let messages = site.query(&window);
    let notes = |place: usize| match &messages[place].payload {
        Payload::ConsultRequest(request) => request.notes.get().cloned().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    let mut lines: Vec<String> = notes(1).lines().map(str::to_owned).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["", "also", "first", "last"]);
    assert_eq!(notes(2), "one\none", "two lines that read the same are two");
}
