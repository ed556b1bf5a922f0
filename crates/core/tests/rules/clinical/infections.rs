//! Infections, from live messages and from the nightly extract.

use chrono::NaiveDate;
use emap_core::Outcome;
use emap_interchange::{
    Condition, ConditionKind,
    InterchangeValue::{self, Save},
    Message,
};
use emap_star::rows::*;

use super::messages::{allergy, at, clarity, epic, from, live_infection, numbered_infection, text};
use crate::{order_dependence::depending, world::World};

fn of_patient(mrn: &str, message: Condition) -> Condition {
    Condition { mrn: Some(mrn.to_owned()), ..message }
}

fn of_kind(code: &str, message: Condition) -> Condition {
    Condition { condition_code: Some(code.to_owned()), ..message }
}

fn resolved_at(time: &str, message: Condition) -> Condition {
    Condition { kind: ConditionKind::PatientInfection { resolved_date_time: Save(at(time)) }, ..message }
}

/// Numbers of the infections that are known; none for live ones.
fn numbers(world: &World) -> Vec<Option<i64>> {
    world.rows::<PatientCondition>().into_iter().map(|row| row.internal_id).collect()
}

#[test]
fn a_live_infection_is_known_by_kind_and_time() {
    let world = World::after([epic(live_infection("09:00"))]);
    let row: PatientCondition = world.only();
    assert_eq!((row.valid_from, row.added_datetime), (at("09:00"), Some(at("09:00"))));
    assert_eq!((row.internal_id, row.resolution_datetime), (None, None));
    let kind: ConditionType = world.only();
    assert_eq!(
        (kind.data_type.as_str(), kind.valid_from, kind.name),
        ("PATIENT_INFECTION", at("09:00"), None)
    );
    let over =
        Condition { added_date_time: Some(at("09:00")), ..resolved_at("09:50", live_infection("10:00")) };
    let world = World::after([epic(live_infection("09:00")), epic(over)]);
    assert_eq!(world.only::<PatientCondition>().resolution_datetime, Some(at("09:50")));
}

#[test]
fn the_extract_says_more() {
    let message = Condition {
        condition_name: text("Influenza B"),
        comment: InterchangeValue::delete(),
        status: text("Active"),
        onset_date: Save(NaiveDate::from_ymd_opt(2031, 3, 1).unwrap()),
        visit_number: text("V1"),
        ..resolved_at("20:00", numbered_infection(51, "09:00"))
    };
    let other = of_patient("M2", Condition { visit_number: text("V2"), ..numbered_infection(52, "09:00") });
    let world =
        World::after([epic(of_patient("M3", live_infection("08:00"))), clarity(message), clarity(other)]);
    assert_eq!(world.only::<ConditionType>().name.as_deref(), Some("Influenza B"));
    let mrns: Vec<Mrn> = world.rows();
    assert_eq!(mrns[1].source_system.as_deref(), Some("clarity"));
    assert_eq!(world.count::<HospitalVisit>(), 2);
    let rows: Vec<PatientCondition> = world.rows();
    assert_eq!((rows[1].internal_id, rows[1].status.as_deref()), (Some(51), Some("Active")));
    assert_eq!(rows[1].resolution_datetime, Some(at("20:00")));
    assert!(rows[1].onset_date.is_some() && rows[1].comment.is_none() && rows[1].hospital_visit_id.is_some());
    assert_eq!(world.count::<ConditionVisit>(), 0, "infections are not linked");
}

#[test]
fn the_extract_takes_the_place_of_what_live_messages_said_of_the_patient() {
    let world = World::after([
        epic(live_infection("08:00")),
        epic(of_kind("POX", live_infection("09:00"))),
        epic(of_kind("POX", live_infection("09:30"))),
        epic(of_patient("M2", live_infection("08:00"))),
        clarity(numbered_infection(51, "09:00")),
    ]);
    assert_eq!(numbers(&world), [None, None, Some(51)], "newer ones and those of other patients stay");
    let former: Vec<PatientConditionAudit> = world.rows();
    let former: Vec<_> = former.iter().map(|row| (row.added_datetime, row.valid_until)).collect();
    let until = Some(at("09:00"));
    assert_eq!(former, [(Some(at("08:00")), until), (Some(at("09:00")), until)]);
}

#[test]
fn kinds_and_numbers_tell_infections_apart() {
    let pox = |message| of_kind("POX", message);
    let live = [live_infection("08:00"), pox(live_infection("08:00"))].map(epic);
    assert_eq!(numbers(&World::after(live)), [None, None]);
    let numbered = [
        numbered_infection(51, "08:00"),
        numbered_infection(52, "09:00"),
        pox(numbered_infection(51, "09:00")),
    ];
    assert_eq!(numbers(&World::after(numbered.map(clarity))), [Some(51), Some(52), Some(51)]);
}

#[test]
fn a_live_message_that_tells_a_number_is_as_good_as_the_extract() {
    let numbered = Condition { added_date_time: Some(at("09:00")), ..numbered_infection(51, "09:00") };
    let world = World::after([epic(live_infection("08:00")), epic(numbered)]);
    assert_eq!(numbers(&world), [Some(51)]);
    assert_eq!(world.only::<PatientConditionAudit>().added_datetime, Some(at("08:00")));
}

#[test]
fn the_extract_leaves_other_conditions_without_a_number_alone() {
    let unnumbered =
        Condition { epic_condition_id: InterchangeValue::delete(), ..allergy(&["rash"], "08:00") };
    let world = World::after([clarity(unnumbered), clarity(numbered_infection(51, "09:00"))]);
    assert_eq!(numbers(&world), [None, Some(51)]);
    assert_eq!(world.count::<AllergenReaction>(), 1);
}

#[test]
fn newer_messages_of_the_extract_change_its_row_whoever_has_it_and_older_do_not() {
    let resolved = |hour: &str, time| clarity(resolved_at(hour, numbered_infection(51, time)));
    let mut world = World::after([resolved("12:00", "09:00"), resolved("11:00", "08:00")]);
    assert_eq!(world.only::<PatientCondition>().resolution_datetime, Some(at("12:00")));
    world.receive([resolved("12:30", "09:00")]);
    assert_eq!(world.only::<PatientCondition>().resolution_datetime, Some(at("12:30")), "of equal time");
    world.receive([resolved("13:00", "10:00")]);
    assert_eq!(world.only::<PatientCondition>().resolution_datetime, Some(at("13:00")));
    world.receive([clarity(of_patient("M2", resolved_at("14:00", numbered_infection(51, "11:00"))))]);
    assert_eq!(world.only::<PatientCondition>().resolution_datetime, Some(at("14:00")));
}

#[test]
fn an_infection_without_time_of_entry_is_found_again() {
    let timeless = |time| epic(Condition { added_date_time: None, ..live_infection(time) });
    let world = World::after([timeless("09:00"), timeless("10:00")]);
    assert_eq!(world.only::<PatientCondition>().added_datetime, None);
}

#[test]
fn a_live_message_after_the_extract_keeps_the_number() {
    let extract = Condition { added_date_time: Some(at("07:00")), ..numbered_infection(51, "08:00") };
    let live =
        Condition { added_date_time: Some(at("07:00")), status: text("Resolved"), ..live_infection("09:00") };
    let world = World::after([clarity(extract), epic(live)]);
    let row: PatientCondition = world.only();
    assert_eq!((row.internal_id, row.status.as_deref()), (Some(51), Some("Resolved")));
}

/// The infection was entered at seven.
fn entered_at_seven(message: Condition) -> Condition {
    Condition { added_date_time: Some(at("07:00")), ..message }
}

/// As a live message and the extract report it; what the live message says is newer.
fn live_and_extracted() -> [Message; 2] {
    let live = Condition { status: text("Active"), ..entered_at_seven(live_infection("10:00")) };
    let extract = Condition {
        status: text("Suspected"),
        comment: text("Contact of a case"),
        ..entered_at_seven(numbered_infection(601, "09:00"))
    };
    [epic(live), clarity(extract)]
}

#[test]
fn live_and_extracted_reports_of_one_infection_are_one_whichever_comes_first() {
    let [live, extract] = live_and_extracted();
    let streams = [vec![&live, &extract], vec![&extract, &live], vec![&live, &extract, &live, &extract]];
    for stream in streams {
        let world = World::after(stream.into_iter().cloned());
        let row: PatientCondition = world.only();
        assert_eq!((row.internal_id, row.valid_from), (Some(601), at("10:00")));
        assert_eq!(row.status.as_deref(), Some("Active"), "the newer message counts");
        assert_eq!(row.comment.as_deref(), Some("Contact of a case"), "what it leaves open stays");
        world.assert_history();
    }
    assert_eq!(depending(&[live, extract]), ["mrn"]);
}

#[test]
fn live_and_extracted_reports_are_one_in_the_database_too() {
    let [live, extract] = live_and_extracted();
    let world = World::everywhere(&[live.clone(), extract.clone(), live, extract]);
    assert_eq!(numbers(&world), [Some(601)]);
}

#[test]
fn a_number_whose_time_of_entry_is_corrected_meets_the_live_report() {
    let [live, extract] = live_and_extracted();
    let mistaken = Condition { added_date_time: Some(at("06:00")), ..numbered_infection(601, "08:00") };
    let mut world = World::after([clarity(mistaken), live]);
    assert_eq!(numbers(&world), [Some(601), None], "so far these are two");
    world.receive([extract]);
    let row: PatientCondition = world.only();
    assert_eq!((row.internal_id, row.status.as_deref()), (Some(601), Some("Active")));
    assert_eq!((row.added_datetime, row.valid_from), (Some(at("07:00")), at("10:00")));
    world.assert_history();
}

#[test]
fn a_report_of_other_code_time_or_patient_is_another_infection() {
    let [live, _] = live_and_extracted();
    let extract = |message| clarity(of_patient("M1", message));
    let other_code = extract(of_kind("POX", entered_at_seven(numbered_infection(602, "09:00"))));
    let other_time = extract(numbered_infection(603, "09:00"));
    let other_patient = clarity(of_patient("M2", entered_at_seven(numbered_infection(604, "09:00"))));
    let world = World::after([live, other_code, other_time, other_patient]);
    assert_eq!(numbers(&world), [None, Some(602), Some(603), Some(604)]);
}

/// A store in which other software left one infection twice: the row of eight has a number, that of nine has none.
const ONE_INFECTION_TWICE: &str = "
    INSERT INTO mrn (mrn_id, mrn, research_opt_out, source_system, stored_from)
        VALUES (-1, 'M1', false, 'EPIC', now());
    INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, stored_from, valid_from)
        VALUES (-2, -1, -1, now(), '2031-03-02T06:00:00Z');
    INSERT INTO condition_type (condition_type_id, data_type, internal_code, stored_from, valid_from)
        VALUES (-3, 'PATIENT_INFECTION', 'FLU-B', now(), '2031-03-02T06:00:00Z');
    INSERT INTO patient_condition
            (patient_condition_id, internal_id, added_datetime, condition_type_id, mrn_id, stored_from, valid_from)
        VALUES (-5, 601, '2031-03-02T07:00:00Z', -3, -1, now(), '2031-03-02T08:00:00Z'),
               (-4, NULL, '2031-03-02T07:00:00Z', -3, -1, now(), '2031-03-02T09:00:00Z')";

#[test]
fn of_several_rows_the_latest_counts_and_the_log_says_so_once() {
    let mut world = World::on_postgres_with(ONE_INFECTION_TWICE);
    let [live, extract] = live_and_extracted();
    let warnings = crate::warnings::during(|| {
        assert_eq!(world.receive([live.clone(), live.clone()]), [Outcome::Success; 2]);
        assert_eq!(world.receive_together([live.clone(), live.clone()]), [Outcome::Success; 2]);
    });
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("patient_condition"), "{warnings:?}");
    for private in ["M1", "601", "FLU-B", "Active"] {
        assert!(!warnings[0].contains(private), "{warnings:?}");
    }
    let status = |row: PatientCondition| row.status;
    let rows: Vec<_> = world.rows::<PatientCondition>().into_iter().map(status).collect();
    assert_eq!(rows, [None, Some("Active".to_owned())]);
    // The extract mends it.
    assert_eq!(world.receive([extract]), [Outcome::Success]);
    let row: PatientCondition = world.only();
    assert_eq!((row.internal_id, row.status.as_deref()), (Some(601), Some("Active")));
}

#[test]
fn the_extract_needs_a_number_and_other_sources_are_not_known() {
    let unnumbered: [Message; 2] = [
        clarity(live_infection("09:00")),
        clarity(Condition { epic_condition_id: InterchangeValue::delete(), ..live_infection("09:00") }),
    ];
    for message in unnumbered {
        let mut world = World::after([epic(live_infection("08:00"))]);
        let report = world.report(&message);
        assert_eq!(report.outcome, Outcome::RequiredDataMissing);
        assert!(report.reason.unwrap().contains("epicConditionId"));
        assert_eq!(numbers(&world), [None]);
    }
    let mut world = World::after([epic(live_infection("08:00"))]);
    let report = world.report(&from("elsewhere", numbered_infection(51, "09:00")));
    assert_eq!(report.outcome, Outcome::RequiredDataMissing);
    assert!(report.reason.unwrap().contains("source"));
    assert_eq!(numbers(&world), [None], "an unknown source deletes nothing");
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        epic(live_infection("08:00")),
        epic(Condition { added_date_time: None, ..live_infection("08:05") }),
        epic(of_patient("M2", live_infection("08:00"))),
        clarity(live_infection("08:20")),
        clarity(Condition { visit_number: text("V1"), ..numbered_infection(51, "09:00") }),
        clarity(resolved_at("12:00", numbered_infection(51, "10:00"))),
        epic(live_infection("08:30")),
        clarity(of_patient("M2", numbered_infection(52, "07:00"))),
    ]);
}
