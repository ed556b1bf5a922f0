//! What each data type gives, by `hoover query`.

use emap_interchange::{
    Condition, ConditionKind, EpicRecordStatus, InterchangeValue, LabsMetadataType, Message, Payload,
    ValueType,
};

use crate::sources::{Sources, ids};

fn window<'a>(name: &'a str, from: &'a str, until: &'a str) -> [&'a str; 5] {
    [name, "--from", from, "--until", until]
}

fn query(arguments: &[&str]) -> Vec<Message> {
    Sources::shared().query(arguments)
}

fn conditions(messages: &[Message]) -> Vec<&Condition> {
    let condition = |message: &'_ Message| match &message.payload {
        Payload::Condition(_) => (),
        other => panic!("{other:?}"),
    };
    messages.iter().for_each(condition);
    messages
        .iter()
        .filter_map(|message| match &message.payload {
            Payload::Condition(condition) => Some(condition.as_ref()),
            _ => None,
        })
        .collect()
}

macro_rules! payloads {
    ($messages:expr, $variant:ident) => {
        $messages
            .iter()
            .map(|message| match &message.payload {
                Payload::$variant(payload) => payload.as_ref(),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with properties that may be missing")]
fn at(text: &str) -> Option<emap_interchange::Instant> {
    Some(text.parse().unwrap())
}

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

#[test]
fn infections_of_one_night_come_by_number_and_one_without_hospital_number_is_named_in_the_log() {
    let (messages, log) = Sources::shared().query_with_log(&window(
        "PatientInfection",
        "2021-06-11T00:00:00Z",
        "2021-06-12T00:00:00Z",
    ));
    assert_eq!(ids(&messages), ["21", "22"]);
    assert!(log.contains("row 25: has no hospital number"), "{log}");
    let found = conditions(&messages);
    let [resolved, deleted] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(messages[0].source_system.as_deref(), Some("clarity"));
    assert_eq!(resolved.updated_date_time, at("2021-06-11T02:00:00Z"));
    assert_eq!((&resolved.status, &resolved.visit_number), (&save("Resolved"), &InterchangeValue::Unknown));
    assert_eq!(resolved.added_date_time, at("2021-06-01T09:00:00Z"));
    assert_eq!(resolved.epic_condition_id, InterchangeValue::Save(21));
    let resolved_at = InterchangeValue::Save("2021-06-10T11:00:00Z".parse().unwrap());
    assert_eq!(resolved.kind, ConditionKind::PatientInfection { resolved_date_time: resolved_at });
    assert_eq!((&deleted.status, &deleted.comment), (&save("Deleted"), &save("entered in error")));
    assert_eq!(deleted.visit_number, save("V901"));
}

#[test]
fn of_two_changes_in_a_window_the_later_counts_and_windows_are_half_open() {
    let between = |from, until| {
        let messages = query(&window("PatientInfection", from, until));
        ids(&messages).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(between("2021-06-11T00:00:00Z", "2021-06-13T00:00:00Z"), ["22", "21"]);
    assert_eq!(between("2021-06-12T02:00:00Z", "2021-06-12T02:00:01Z"), ["21"]);
    assert!(between("2021-06-12T02:00:01Z", "2021-06-13T00:00:00Z").is_empty());
    assert!(between("2021-06-11T02:00:01Z", "2021-06-12T02:00:00Z").is_empty());
    // Ordered by the time of its end; one without any time never comes.
    assert_eq!(between("2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z"), ["22", "21", "23"]);
}

#[test]
fn problems_of_a_day_are_of_its_midnight_and_have_the_first_icd_10_code() {
    let (messages, log) = Sources::shared().query_with_log(&window(
        "PatientProblem",
        "2021-05-31T23:00:00Z",
        "2021-07-01T00:00:00Z",
    ));
    assert_eq!(ids(&messages), ["41", "42"]);
    assert!(log.contains("row 43: has no ICD-10 code"), "{log}");
    let found = conditions(&messages);
    assert_eq!(found[0].updated_date_time, at("2021-05-31T23:00:00Z"));
    assert_eq!(found[0].condition_code.as_deref(), Some("J45.0"));
    let day = |text: &str| Some(text.parse().unwrap());
    let kind =
        ConditionKind::PatientProblem { added_date: day("2021-06-01"), resolved_date: day("2021-06-20") };
    assert_eq!(found[0].kind, kind);
    assert_eq!(
        (&found[1].status, found[1].updated_date_time),
        (&save("Deleted"), at("2021-06-05T01:00:00Z"))
    );
}

#[test]
fn allergies_have_their_reactions_in_order_and_come_once() {
    let messages = query(&window("PatientAllergy", "2021-06-15T00:00:00Z", "2021-06-15T00:00:01Z"));
    assert_eq!(ids(&messages), ["61", "62", "63"]);
    let found = conditions(&messages);
    let reactions: Vec<_> = found
        .iter()
        .map(|condition| match &condition.kind {
            ConditionKind::PatientAllergy { reactions } => reactions.join(","),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(reactions, ["Rash,Swelling", "Itching", ""]);
    assert_eq!((&found[0].severity, &found[0].sub_type), (&save("High"), &save("Drug")));
    assert_eq!(found[1].severity, InterchangeValue::Unknown);
}

#[test]
fn consults_keep_lines_in_order_without_multiplying_them() {
    let messages = query(&window("ConsultRequest", "2021-06-20T00:00:00Z", "2021-06-21T00:00:00Z"));
    assert_eq!(ids(&messages), ["81", "82", "83"]);
    let found = payloads!(messages, ConsultRequest);
    assert!(found[0].cancelled && found[0].questions.is_empty() && found[0].notes.is_unknown());
    assert_eq!(found[1].notes, save("first\n\nlast"));
    let answers: Vec<_> =
        found[1].questions.iter().map(|(q, a)| (q.as_str(), a.as_deref().unwrap())).collect();
    assert_eq!(answers, [("Reason?", "cough\nfor weeks"), ("Urgent?", "")]);
    assert!(found[2].closed_due_to_discharge && !found[2].cancelled);
    assert_eq!(found[2].scheduled_date_time, at("2021-06-21T08:00:00Z"));
}

#[test]
fn places_pair_beds_with_the_state_that_their_room_had() {
    let messages = query(&["LocationMetadata"]);
    let order = ["unit_3", "unit_2", "5000", "5001", "room_121", "5002", "5003", "5004", "unit_4"];
    assert_eq!(ids(&messages), order);
    let found = payloads!(messages, LocationMetadata);
    let strings: Vec<_> = found.iter().map(|place| place.hl7_string.as_deref().unwrap()).collect();
    assert_eq!((strings[1], strings[3], strings[4]), ("4711^null^null", "W1^R1^B1", "W1^R2^null"));
    let room_of = |place: usize| found[place].room_metadata.as_ref().unwrap().room_csn.unwrap();
    assert_eq!([2, 3, 4, 5, 6, 7].map(room_of), [111, 111, 121, 111, 112, 112]);
    let bed = |place: usize| found[place].bed_metadata.as_ref().unwrap();
    assert_eq!(bed(3).bed_record_state, Some(EpicRecordStatus::Active));
    assert_eq!((bed(7).is_pool_bed, bed(7).bed_facility.as_deref()), (Some(true), Some("Cot")));
    assert!(found[1].room_metadata.is_none() && found[4].bed_metadata.is_none());
    let later = query(&["LocationMetadata", "--from", "2021-02-10T09:00:00Z"]);
    assert_eq!(ids(&later), ["5004", "unit_4"]);
}

#[test]
fn departments_come_once_for_each_change_of_their_speciality() {
    let (messages, log) = Sources::shared().query_with_log(&["DepartmentMetadata"]);
    assert!(log.contains("row 4: state_code: unknown record status"), "{log}");
    let found = payloads!(messages, DepartmentMetadata);
    let changes: Vec<_> = found
        .iter()
        .map(|unit| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (
                unit.department_id.unwrap(),
                text(&unit.previous_department_speciality),
                text(&unit.department_speciality),
            )
        })
        .collect();
    let change = |unit, from: &str, to: &str| (unit, from.to_owned(), to.to_owned());
    let expected = [
        change(3, "", "Oncology"),
        change(1, "", "Cardiology"),
        change(2, "", ""),
        change(1, "Cardiology", "Neurology"),
        change(1, "Neurology", "Intensive Care"),
    ];
    assert_eq!(changes, expected);
    assert_eq!(found[1].department_contact_date, at("2020-05-31T23:00:00Z"));
    assert_eq!(found[2].department_record_status, Some(EpicRecordStatus::DeletedAndHidden));
    assert_eq!(found[2].combined_update, at("2021-01-05T10:00:00Z"));
    assert_eq!(ids(&messages)[1], "1_1609459200");
}

#[test]
fn laboratories_on_the_first_pass_and_later() {
    let (first, log) = Sources::shared().query_with_log(&["LabMetadata"]);
    assert!(log.contains("row 3: lab_system: unknown coding system"), "{log}");
    let found = payloads!(first, LabMetadata);
    let codes: Vec<_> = found.iter().map(|code| code.short_code.as_deref().unwrap()).collect();
    assert_eq!(codes, ["XCHE", "FBC", "HB", "2339-0"]);
    assert_eq!(found[1].valid_from, at("2020-01-02T00:00:00Z"));
    assert_eq!(found[1].labs_metadata_type, Some(LabsMetadataType::Battery));
    let later = query(&["LabMetadata", "--from", "2020-01-01T00:00:00Z"]);
    let found = payloads!(later, LabMetadata);
    // In UTC also in summer.
    assert_eq!(found[0].valid_from, at("2021-06-01T12:00:00.5Z"));
    assert_eq!(found.len(), 1);
}

#[test]
fn other_definitions() {
    let consults = query(&["ConsultMetadata"]);
    assert_eq!(ids(&consults), ["CON72", "CON71"]);
    let found = payloads!(consults, ConsultMetadata);
    assert_eq!(found[0].last_updated_date, at("2021-05-01T00:00:00Z"), "the configured start");
    assert_eq!(found[1].last_updated_date, at("2021-05-02T02:04:05Z"));

    let forms = query(&["FormMetadata"]);
    assert_eq!(ids(&forms), ["91", "92"]);
    let questions = query(&["FormQuestionMetadata"]);
    assert_eq!(ids(&questions), ["SITE#12", "SITE#13"]);
    let found = payloads!(questions, FormQuestionMetadata);
    assert_eq!(found[0].description.as_deref(), Some("Length of the wound\nin centimetres"));
    assert_eq!(found[1].description, None);
    let later = query(&["FormQuestionMetadata", "--from", "2021-06-01T00:00:00Z"]);
    assert_eq!(ids(&later), ["SITE#12"], "without a time only on the first pass");

    let map = query(&["FlowsheetMpiMetadata"]);
    let found = payloads!(map, FlowsheetMetadata);
    let pairs: Vec<_> = found
        .iter()
        .map(|pair| (pair.interface_id.as_deref().unwrap(), pair.flowsheet_id.as_deref().unwrap()))
        .collect();
    assert_eq!(pairs, [("10", "5"), ("9", "9")], "compared as text");
    assert_eq!(found[0].last_updated_instant, at("2021-06-01T00:00:00Z"));

    let rows = query(&["FlowsheetMetadata", "--from", "2021-06-01T00:00:00.122Z"]);
    assert_eq!(ids(&rows), ["2281", "5"]);
    let found = payloads!(rows, FlowsheetMetadata);
    assert_eq!((found[0].unit.as_deref(), found[0].interface_id.as_deref()), (Some(""), None));
    assert!(query(&["FlowsheetMetadata", "--from", "2021-06-01T00:00:00.123Z"]).is_empty());
}

#[test]
fn opt_outs_by_the_current_row_of_the_person() {
    let (messages, log) = Sources::shared().query_with_log(&["ResearchOptOut"]);
    assert_eq!(ids(&messages), ["3", "1", "2"]);
    assert!(log.contains("row 4: has neither hospital number nor NHS number"), "{log}");
    let found = payloads!(messages, ResearchOptOut);
    assert_eq!(found[0].last_updated, at("2019-01-01T00:00:00Z"));
    assert_eq!(found[1].mrn.as_deref(), Some("MRN1"));
    assert_eq!((found[2].mrn.as_deref(), found[2].active), (None, false));
}

#[test]
fn flowsheet_values_until_they_came_live() {
    let (messages, log) = Sources::shared().query_with_log(&window(
        "Flowsheet",
        "2021-05-01T00:00:00Z",
        "2021-05-01T01:00:00Z",
    ));
    assert_eq!(ids(&messages), ["1001", "1002", "1003", "1006"]);
    assert!(log.contains("row 1008: has no hospital number"), "{log}");
    let found = payloads!(messages, Flowsheet);
    let types: Vec<_> = found.iter().map(|value| value.value_type.unwrap()).collect();
    assert_eq!(types, [ValueType::Date, ValueType::Text, ValueType::Numeric, ValueType::Text]);
    assert_eq!((&found[1].string_value, &found[1].comment), (&save("12:30"), &save("by bottle")));
    assert_eq!((&found[2].numeric_value, &found[2].unit), (&InterchangeValue::Save(36.6), &save("C")));
    assert_eq!(found[2].updated_time, at("2021-05-01T00:00:00.001Z"));
    assert_eq!(found[3].string_value, save("n/a"));
    let boundary = query(&window("Flowsheet", "2021-05-01T00:00:00.001Z", "2021-05-01T00:20:00Z"));
    assert_eq!(ids(&boundary), ["1002", "1003"]);
}

#[test]
fn forms_group_what_was_filed_together() {
    let (messages, log) =
        Sources::shared().query_with_log(&window("Form", "2021-06-01T00:00:00Z", "2021-06-03T00:00:00Z"));
    let expected = [
        "2021-06-01T08:00:00Z_2021-06-01T08:00:00Z_NOTE_CSN$7",
        "2021-06-01T08:00:00Z_2021-06-01T08:00:00Z_NOTE_CSN$8",
        "2021-06-01T08:00:00Z_2021-06-02T08:30:00.250Z_NOTE_CSN$7",
    ];
    assert_eq!(ids(&messages), expected);
    assert!(log.contains("row 8: has no number of a note"), "{log}");
    let found = payloads!(messages, Form);
    let answers = &found[0].answers;
    let of: Vec<_> = answers.iter().map(|answer| answer.source_message_id.as_deref().unwrap()).collect();
    assert_eq!(of, ["NOTE_CSN$7", "HLV_ID$1", "HLV_ID$3", "HLV_ID$4", "HLV_ID$5", "HLV_ID$6"]);
    assert_eq!(answers[0].string_value, save("A note"));
    assert_eq!(answers[1].boolean_value, InterchangeValue::Save(true));
    assert_eq!(answers[2].numeric_value, InterchangeValue::Save(-1.5));
    assert!(answers[3].date_value.is_save() && answers[4].utc_date_time_value.is_save());
    assert_eq!((&answers[5].string_value, answers[5].numeric_value.is_unknown()), (&save("many"), true));
    assert!(log.contains("row=6"), "{log}");
}

#[test]
fn a_window_in_two_halves_gives_what_the_whole_gives() {
    for (name, half) in
        [("ConsultRequest", "2021-06-20T09:30:00Z"), ("Flowsheet", "2021-05-01T00:00:00.001Z")]
    {
        let (from, until) = ("2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z");
        let mut halves = query(&window(name, from, half));
        halves.extend(query(&window(name, half, until)));
        assert_eq!(halves, query(&window(name, from, until)), "{name}");
    }
}

#[test]
fn wrong_use_has_exit_code_2_and_a_source_that_is_away_1() {
    let site = Sources::shared();
    let code = |arguments: &[&str], more: &[(&str, &str)]| site.hoover(arguments, more).status.code();
    assert_eq!(code(&["query", "Farm"], &[]), Some(2));
    assert_eq!(code(&["query", "PatientProblem"], &[]), Some(2));
    let backwards = window("PatientProblem", "2021-02-01T00:00:00Z", "2021-01-01T00:00:00Z");
    assert_eq!(code(&[&["query"], &backwards[..]].concat(), &[]), Some(2));
    assert_eq!(code(&["run"], &[("HOOVER_DATE_FROM", "")]), Some(2));
    assert_eq!(code(&["query", "FormMetadata"], &[("CLARITY_PASSWORD", "wrong")]), Some(1));
    let empty = site.hoover(
        &[&["query"], &window("Form", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z")[..]].concat(),
        &[],
    );
    assert_eq!(String::from_utf8_lossy(&empty.stdout).trim(), "[]");
    let limited = site.query(&["LocationMetadata", "--limit", "2"]);
    assert_eq!(limited.len(), 2);
}
