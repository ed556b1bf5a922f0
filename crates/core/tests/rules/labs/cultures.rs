//! What grew in cultures, and what it responds to.

use emap_interchange::{InterchangeValue, LabIsolate as Sent, LabResult as SentResult, Message};
use emap_star::rows::*;

use super::messages::{at, culture, isolate, lab, order, text, with_results};
use crate::world::World;

/// The isolates as one laboratory message of this time reports them, each as a result of the same test.
fn grown(isolates: Vec<Sent>, time: &str) -> Message {
    lab(with_results(isolates.into_iter().map(|isolate| culture(isolate, time)).collect(), order(time)))
}

/// Isolates as `number: code since`, and responses as `number/agent: flag reported`.
fn rows(world: &World) -> Vec<String> {
    let isolates: Vec<LabIsolate> = world.rows();
    let number =
        |id| isolates.iter().find(|row| row.lab_isolate_id == id).unwrap().lab_internal_id.clone().unwrap();
    let word = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    let mut rows: Vec<_> = isolates
        .iter()
        .map(|row| {
            let number = word(&row.lab_internal_id);
            format!("{number}: {} {}", word(&row.isolate_code), row.valid_from.format("%H:%M"))
        })
        .collect();
    rows.extend(world.rows::<LabSensitivity>().iter().map(|row| {
        let reported = row.reporting_datetime.unwrap().format("%H:%M");
        format!("{}/{}: {} {reported}", number(row.lab_isolate_id), word(&row.agent), word(&row.sensitivity))
    }));
    rows.sort();
    rows
}

#[test]
fn a_culture_leads_to_its_isolate() {
    let full = Sent {
        culture_type: text("aerobic"),
        quantity: text("10^4"),
        clinical_information: text("resistant"),
        ..isolate("1", "KLPN", &[])
    };
    let unread = SentResult { string_value: text("see isolate"), ..culture(full, "09:00") };
    let world = World::after([lab(with_results(vec![unread], order("09:00")))]);
    let result: LabResult = world.only();
    assert_eq!(result.mime_type.as_deref(), Some("link/lab_isolate"));
    assert_eq!((&result.value_as_real, &result.value_as_text, &result.value_as_bytes), (&None, &None, &None));
    let row: LabIsolate = world.only();
    assert_eq!(row.lab_result_id, result.lab_result_id);
    assert_eq!(
        (row.isolate_code.as_deref(), row.isolate_name.as_deref()),
        (Some("KLPN"), Some("organism KLPN"))
    );
    assert_eq!((row.culture_type.as_deref(), row.quantity.as_deref()), (Some("aerobic"), Some("10^4")));
    assert_eq!(row.clinical_information.as_deref(), Some("resistant"));
}

#[test]
fn a_later_message_identifies_the_isolate_and_an_earlier_one_does_not() {
    let mut world = World::after([
        grown(vec![isolate("1", "GNEG", &[])], "09:00"),
        grown(vec![isolate("1", "KLPN", &[])], "10:00"),
    ]);
    assert_eq!(rows(&world), ["1: KLPN 10:00"]);
    assert_eq!(world.only::<LabResult>().result_last_modified_datetime, Some(at("10:00")));
    assert_eq!((world.count::<LabIsolateAudit>(), world.count::<LabResultAudit>()), (1, 1));
    let before = world.content();
    world.receive([grown(vec![isolate("1", "PSEU", &[])], "08:00")]);
    assert_eq!(world.content(), before);
}

#[test]
fn a_newer_message_changes_all_of_an_isolate_and_one_of_the_same_time_nothing() {
    let reported = |code: &str| Sent {
        culture_type: text(code),
        quantity: text(code),
        clinical_information: text(code),
        ..isolate("1", code, &[("AMOX", code)])
    };
    let of = |world: &World| {
        let (row, response): (LabIsolate, LabSensitivity) = (world.only(), world.only());
        let name = row.isolate_name.map(|name| name.replace("organism ", ""));
        [
            row.isolate_code,
            name,
            row.culture_type,
            row.quantity,
            row.clinical_information,
            response.sensitivity,
        ]
    };
    let all = |code: &str| [(); 6].map(|()| Some(code.to_owned()));
    // Also within one message.
    let mut world = World::after([grown(vec![reported("one"), reported("two")], "09:00")]);
    assert_eq!(of(&world), all("one"));
    world.receive([grown(vec![reported("three")], "09:00")]);
    assert_eq!(of(&world), all("one"));
    world.receive([grown(vec![reported("four")], "10:00")]);
    assert_eq!(of(&world), all("four"));
}

#[test]
fn a_culture_changes_when_its_isolate_does() {
    let reported = |code, resulted, time| {
        lab(with_results(vec![culture(isolate("1", code, &[]), resulted)], order(time)))
    };
    let mut world = World::after([reported("GNEG", "08:00", "09:00")]);
    assert_eq!(world.only::<LabResult>().result_last_modified_datetime, Some(at("09:00")));
    world.receive([reported("KLPN", "08:30", "10:00")]);
    let result: LabResult = world.only();
    assert_eq!((result.result_last_modified_datetime, result.valid_from), (Some(at("10:00")), at("08:30")));
    assert_eq!(world.only::<LabIsolate>().isolate_code.as_deref(), Some("KLPN"));
}

#[test]
fn isolates_of_one_test_have_responses_of_their_own() {
    let agents = [("AMOX", "R"), ("GENT", "S"), ("CIPR", "S"), ("MERO", "S"), ("TRIM", "R")];
    let noted = Sent { clinical_information: text("resistant"), ..isolate("2", "PSEU", &agents) };
    let world = World::after([grown(vec![isolate("1", "KLPN", &agents), noted], "09:00")]);
    assert_eq!((world.count::<LabResult>(), world.count::<LabTestDefinition>()), (1, 1));
    assert_eq!((world.count::<LabIsolate>(), world.count::<LabSensitivity>()), (2, 10));
    let isolates: Vec<LabIsolate> = world.rows();
    assert_eq!(isolates[1].clinical_information.as_deref(), Some("resistant"));
    assert_eq!(world.count::<LabResultAudit>() + world.count::<LabIsolateAudit>(), 0);
}

#[test]
fn later_messages_change_one_thing_and_leave_the_rest() {
    let mut world = World::after([
        grown(vec![isolate("1", "c1", &[("a", "S")]), isolate("2", "c2", &[])], "12:00"),
        grown(vec![isolate("1", "c9", &[("a", "R"), ("b", "S")]), isolate("2", "c2", &[])], "13:00"),
    ]);
    assert_eq!(rows(&world), ["1/a: R 13:00", "1/b: S 13:00", "1: c9 13:00", "2: c2 12:00"]);
    let result: LabResult = world.only();
    assert_eq!((result.valid_from, result.result_last_modified_datetime), (at("13:00"), Some(at("13:00"))));
    let counts = |world: &World| {
        (
            world.count::<LabResultAudit>(),
            world.count::<LabIsolateAudit>(),
            world.count::<LabSensitivityAudit>(),
        )
    };
    assert_eq!(counts(&world), (1, 1, 1));
    let before = world.content();
    world.receive([grown(vec![isolate("3", "c3", &[])], "12:30")]);
    assert_eq!(world.content(), before, "an isolate older than its result is not stored");
}

#[test]
fn a_result_that_changes_with_its_isolate_leaves_one_former_version() {
    let commented = |isolate, time, notes: &str| {
        let result = SentResult { notes: text(notes), ..culture(isolate, time) };
        lab(with_results(vec![result], order(time)))
    };
    let world = World::after([
        commented(isolate("1", "GNEG", &[]), "09:00", "growth"),
        commented(isolate("1", "KLPN", &[]), "10:00", "identified"),
    ]);
    let former: LabResultAudit = world.only();
    assert_eq!((former.comment.as_deref(), former.valid_until), (Some("growth"), Some(at("10:00"))));
}

#[test]
fn a_response_that_is_told_again_keeps_its_time() {
    let mut world = World::after([grown(vec![isolate("1", "KLPN", &[("AMOX", "S")])], "09:00")]);
    let response: LabSensitivity = world.only();
    assert_eq!(
        (response.sensitivity.as_deref(), response.reporting_datetime),
        (Some("S"), Some(at("09:00")))
    );
    world.receive([grown(vec![isolate("1", "KLPN", &[("AMOX", "S")])], "10:00")]);
    assert_eq!(world.only::<LabSensitivity>(), response);
    world.receive([grown(vec![isolate("1", "KLPN", &[("AMOX", "R")])], "11:00")]);
    let response: LabSensitivity = world.only();
    assert_eq!(
        (response.sensitivity.as_deref(), response.reporting_datetime),
        (Some("R"), Some(at("11:00")))
    );
}

#[test]
fn a_response_to_no_agent_is_left_out() {
    for agent in [InterchangeValue::Unknown, InterchangeValue::delete()] {
        let mut nameless = isolate("1", "KLPN", &[("AMOX", "S")]);
        nameless.sensitivities[0].string_value = agent;
        let world = World::after([grown(vec![nameless], "09:00")]);
        assert_eq!((world.count::<LabIsolate>(), world.count::<LabSensitivity>()), (1, 0));
    }
}

#[test]
fn a_new_response_leaves_isolate_and_result() {
    let mut world = World::after([grown(vec![isolate("1", "KLPN", &[("AMOX", "S")])], "09:00")]);
    let (result, known): (LabResult, LabIsolate) = (world.only(), world.only());
    world.receive([grown(vec![isolate("1", "KLPN", &[("AMOX", "S"), ("GENT", "R")])], "10:00")]);
    assert_eq!((world.only::<LabResult>(), world.only::<LabIsolate>()), (result, known));
    assert_eq!(rows(&world), ["1/AMOX: S 09:00", "1/GENT: R 10:00", "1: KLPN 09:00"]);
    world.receive([grown(vec![isolate("1", "KLPN", &[("GENT", "S"), ("MERO", "S")])], "09:30")]);
    assert_eq!(
        rows(&world),
        ["1/AMOX: S 09:00", "1/GENT: R 10:00", "1/MERO: S 09:30", "1: KLPN 09:00"],
        "each response goes by its own time"
    );
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        grown(vec![isolate("1", "c1", &[("a", "S")]), isolate("2", "c2", &[])], "12:00"),
        grown(vec![isolate("1", "c9", &[("a", "R"), ("b", "S")]), isolate("2", "c2", &[])], "13:00"),
        grown(vec![isolate("3", "c3", &[])], "12:30"),
        grown(vec![isolate("2", "c2", &[("a", "I")])], "14:00"),
    ]);
}
