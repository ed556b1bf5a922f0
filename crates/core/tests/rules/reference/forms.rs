//! Forms that clinicians filled in, and their answers.

use emap_core::Outcome;
use emap_interchange::{
    Form as FormMessage, FormAnswer as Answer,
    InterchangeValue::{self, Save},
};
use emap_star::{Instant, rows::*};
use emap_test_support::fixtures;

use super::messages::{answer, clarity, form, may, text};
use crate::world::World;

fn on_first_of_june(time: &str) -> Instant {
    format!("2031-06-01T{time}Z").parse().unwrap()
}

/// The answer with an identifier.
fn answered(world: &World, source_id: &str) -> FormAnswer {
    world.rows::<FormAnswer>().into_iter().find(|row| row.internal_id == source_id).unwrap()
}

#[test]
fn forms_make_known_what_they_mention_and_changes_keep_former_answers() {
    let world = World::after(fixtures::forms("wound_review.yaml"));
    assert_eq!((world.count::<Form>(), world.count::<FormAudit>()), (2, 0));
    let template: FormDefinition = world.only();
    assert_eq!((template.internal_id.as_str(), template.name), ("5130", None));
    assert_eq!(template.valid_from, on_first_of_june("09:00:00"));
    let questions: Vec<FormQuestion> = world.rows();
    assert_eq!(questions.len(), 10);
    assert!(questions.iter().all(|row| row.concept_name.is_none() && row.concept_abbrev_name.is_none()));
    let added = answered(&world, "HLV_ID$109").form_question_id;
    let added = questions.iter().find(|row| row.form_question_id == added).unwrap();
    assert_eq!(added.valid_from, on_first_of_june("09:00:01"), "the form's first filing, not the answer's");
    assert_eq!(world.count::<FormDefinitionAudit>() + world.count::<FormQuestionAudit>(), 0);
    let mut changed: Vec<_> =
        world.rows::<FormAnswerAudit>().into_iter().map(|row| row.internal_id).collect();
    changed.sort();
    assert_eq!(changed, ["HLV_ID$101", "HLV_ID$104", "HLV_ID$104"]);
    for row in world.rows::<FormAnswer>() {
        assert_eq!(Some(row.valid_from), row.filed_datetime);
        assert_eq!(row.context, None);
    }
}

#[test]
fn a_form_hangs_on_its_visit_and_was_first_filed_when_the_first_message_says() {
    let world = World::after(fixtures::forms("wound_review.yaml"));
    let form = world.rows::<Form>().remove(0);
    assert_eq!(form.internal_id, "NOTE_CSN$880101");
    assert_eq!(form.first_filed_datetime, Some(on_first_of_june("09:00:00")));
    assert_eq!(form.valid_from, on_first_of_june("09:00:00"));
    assert_eq!((form.mrn_id, form.note_id), (None, None));
    let visit = world.rows::<HospitalVisit>().remove(0);
    assert_eq!((visit.encounter.as_str(), visit.valid_from), ("5500301811", on_first_of_june("09:00:00")));
    assert_eq!(form.hospital_visit_id, Some(visit.hospital_visit_id));
}

#[test]
fn values_are_kept_in_their_types_and_as_text() {
    let world = World::after(fixtures::forms("wound_review.yaml"));
    let date = answered(&world, "HLV_ID$102");
    assert_eq!(date.value_as_date, Some("2031-05-28".parse().unwrap()));
    assert_eq!(date.value_as_text.as_deref(), Some("2031-05-28"));
    assert_eq!(answered(&world, "HLV_ID$103").value_as_datetime, Some(on_first_of_june("08:40:00")));
    assert_eq!(answered(&world, "HLV_ID$101").value_as_boolean, Some(false));
    let number = answered(&world, "HLV_ID$104");
    assert_eq!((number.value_as_number, number.value_as_text.as_deref()), (Some(2.5), Some("2.5")));
    assert_eq!(number.value_as_boolean, None);
}

#[test]
fn an_answer_is_of_its_last_change_and_a_repeated_note_of_its_first_filing() {
    let world = World::after(fixtures::forms("wound_review.yaml"));
    let filed = |id: &str| answered(&world, id).filed_datetime.unwrap();
    assert_eq!(filed("HLV_ID$104"), on_first_of_june("13:00:00"));
    assert_eq!(filed("HLV_ID$109"), on_first_of_june("10:00:00"));
    for unchanged in ["NOTE_CSN$880101", "HLV_ID$102", "HLV_ID$103", "HLV_ID$105"] {
        assert_eq!(filed(unchanged), on_first_of_june("09:00:00"), "{unchanged}");
    }
    let former = &world.rows::<FormAnswerAudit>()[0];
    assert_eq!(former.value_as_boolean, Some(true));
    assert_eq!(former.valid_from, on_first_of_june("09:00:00"));
    assert_eq!(former.valid_until, Some(on_first_of_june("11:00:00")));
}

#[test]
fn an_older_message_has_its_say_but_does_not_turn_back_the_filing_time() {
    let mut world = World::after([
        clarity(form("F1", vec![answer("N", "a note", "01"), answer("Q1", "1", "01")])),
        clarity(form("F1", vec![answer("N", "a note", "04"), answer("Q1", "0", "04")])),
    ]);
    assert_eq!(answered(&world, "A N").valid_from, may("01"));
    assert_eq!(world.only::<FormAnswerAudit>().valid_until, Some(may("04")));
    world.receive([clarity(form("F1", vec![answer("Q1", "x", "02")]))]);
    let row = answered(&world, "A Q1");
    assert_eq!(row.value_as_text.as_deref(), Some("x"));
    assert_eq!((row.filed_datetime, row.valid_from), (Some(may("04")), may("02")));
    assert_eq!(world.count::<FormAnswerAudit>(), 2);
}

#[test]
fn only_a_value_replaces_a_value() {
    let both = Answer { boolean_value: Save(true), ..answer("Q1", "1", "01") };
    let cleared = Answer {
        boolean_value: InterchangeValue::delete(),
        string_value: InterchangeValue::Unknown,
        ..answer("Q1", "", "02")
    };
    let mut world = World::after([clarity(form("F1", vec![both]))]);
    let before = world.content();
    world.receive([clarity(form("F1", vec![cleared]))]);
    assert_eq!(world.content(), before);
}

#[test]
fn an_answer_without_a_value_was_filed_when_the_message_says() {
    let empty = |day| Answer { string_value: InterchangeValue::Unknown, ..answer("Q1", "", day) };
    let mut world = World::after([clarity(form("F1", vec![empty("02")]))]);
    let row: FormAnswer = world.only();
    assert_eq!((row.filed_datetime, row.valid_from), (Some(may("02")), may("02")));
    world.receive([clarity(form("F1", vec![empty("04")]))]);
    assert_eq!(world.only::<FormAnswer>(), row, "filed anew, but not changed");
    world.receive([clarity(form("F1", vec![answer("Q1", "yes", "03")]))]);
    let row: FormAnswer = world.only();
    assert_eq!((row.filed_datetime, row.valid_from), (Some(may("03")), may("03")));
}

#[test]
fn answers_are_matched_by_question_whatever_their_identifier() {
    let renamed = Answer { source_message_id: Some("other".to_owned()), ..answer("Q1", "no", "02") };
    let world = World::after([
        clarity(form("F1", vec![answer("Q1", "yes", "01"), answer("Q2", "yes", "01")])),
        clarity(form("F1", vec![renamed])),
    ]);
    assert_eq!(world.count::<FormAnswer>(), 2);
    assert_eq!(answered(&world, "A Q1").value_as_text.as_deref(), Some("no"));
    assert_eq!(answered(&world, "A Q2").value_as_text.as_deref(), Some("yes"));
}

#[test]
fn a_question_asked_twice_at_first_has_two_answers_told_apart_by_identifier() {
    let named = |id: &str, value: &str, day| Answer {
        source_message_id: Some(id.to_owned()),
        ..answer("Q1", value, day)
    };
    let mut world =
        World::after([clarity(form("F1", vec![named("A1", "left", "01"), named("A2", "right", "01")]))]);
    assert_eq!(world.count::<FormAnswer>(), 2);
    world.receive([clarity(form("F1", vec![named("A2", "both", "02")]))]);
    assert_eq!(answered(&world, "A1").value_as_text.as_deref(), Some("left"));
    assert_eq!(answered(&world, "A2").value_as_text.as_deref(), Some("both"));
    let report = world.report(&clarity(form("F1", vec![named("A3", "none", "03")])));
    assert_eq!(report.outcome, Outcome::Error);
    assert!(report.reason.unwrap().contains("several answers"));
}

#[test]
fn a_known_form_keeps_visit_and_template() {
    let elsewhere = FormMessage {
        visit_number: Some("V2".to_owned()),
        form_id: Some("T2".to_owned()),
        ..form("F1", vec![answer("Q1", "no", "02")])
    };
    let mut world = World::after([clarity(form("F1", vec![answer("Q1", "yes", "01")]))]);
    let before: Form = world.only();
    world.receive([clarity(elsewhere)]);
    assert_eq!(world.only::<Form>(), before);
    assert_eq!(world.only::<FormAnswer>().value_as_text.as_deref(), Some("no"));
}

#[test]
fn what_lacks_something_leaves_a_reason_and_what_came_before() {
    // How many rows there are then of: form, question, answer.
    type Mistake = (fn(&mut FormMessage), Outcome, &'static str, [usize; 3]);
    let mistakes: [Mistake; 10] = [
        (|f| f.mrn = None, Outcome::RequiredDataMissing, "MRN", [0, 0, 0]),
        (|f| f.visit_number = None, Outcome::RequiredDataMissing, "visit number", [0, 0, 0]),
        (|f| f.visit_number = Some(String::new()), Outcome::RequiredDataMissing, "visit number", [0, 0, 0]),
        (|f| f.first_filed_date_time = None, Outcome::Error, "firstFiledDatetime", [0, 0, 0]),
        (|f| f.form_id = None, Outcome::RequiredDataMissing, "formId", [0, 0, 0]),
        (|f| f.form_instance_id = None, Outcome::RequiredDataMissing, "formInstanceId", [0, 0, 0]),
        (|f| f.answers[1].question_id = None, Outcome::RequiredDataMissing, "questionId", [1, 1, 1]),
        (
            |f| f.answers[1].source_message_id = None,
            Outcome::RequiredDataMissing,
            "sourceMessageId",
            [1, 2, 1],
        ),
        (|f| f.answers[1].filed_date_time = None, Outcome::RequiredDataMissing, "filedDatetime", [1, 2, 1]),
        (
            |f| f.answers[1].source_message_id = Some("A Q1".to_owned()),
            Outcome::Error,
            "another question",
            [0, 0, 0],
        ),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut message = form("F1", vec![answer("Q1", "yes", "01"), answer("Q2", "yes", "01")]);
        spoil(&mut message);
        let mut world = World::in_memory();
        let report = world.report(&clarity(message));
        assert_eq!(report.outcome, outcome, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
        let counts = [world.count::<Form>(), world.count::<FormQuestion>(), world.count::<FormAnswer>()];
        assert_eq!(counts, rows, "{word}");
        assert_eq!(world.count::<EtlMessageReject>(), 1);
    }
}

#[test]
fn a_repeated_answer_needs_no_time_and_a_changed_one_does() {
    let timeless = |value| Answer { filed_date_time: None, ..answer("Q1", value, "01") };
    let mut world = World::after([clarity(form("F1", vec![answer("Q1", "yes", "01")]))]);
    let before = world.content();
    assert_eq!(world.receive([clarity(form("F1", vec![timeless("yes")]))]), [Outcome::Success]);
    assert_eq!(world.content(), before);
    let message = clarity(form("F1", vec![answer("Q2", "new", "02"), timeless("no")]));
    assert_eq!(world.receive([message]), [Outcome::RequiredDataMissing]);
    assert_eq!(world.count::<FormAnswer>(), 2, "the answer before it stays");
    assert_eq!(answered(&world, "A Q1").value_as_text.as_deref(), Some("yes"));
}

#[test]
fn memory_and_database_agree() {
    let mut messages = fixtures::forms("wound_review.yaml");
    messages.extend([
        clarity(form("F1", vec![answer("N", "a note", "01"), answer("Q1", "1", "03")])),
        clarity(form("F1", vec![answer("N", "a note", "04"), answer("Q1", "0", "02")])),
        clarity(form("F2", vec![answer("Q1", "0", "02")])),
        clarity(FormMessage { visit_number: None, ..form("F3", Vec::new()) }),
        clarity(form("F1", vec![Answer { string_value: text("2"), ..answer("Q2", "", "05") }])),
    ]);
    messages.extend(fixtures::form_metadata("wound_review_definitions.yaml", Some(may("01"))));
    messages.extend(fixtures::form_question_metadata("wound_review_questions.yaml", Some(may("01"))));
    World::everywhere(&messages);
}
