//! Requests for consultations.

use emap_core::Outcome;
use emap_interchange::{ConsultMetadata, ConsultRequest, Message};
use emap_star::rows::*;

use super::messages::{asked, at, clarity, consult, epic, text};
use crate::world::World;

fn named(name: &str, time: &str) -> Message {
    clarity(ConsultMetadata {
        code: Some("CON9".to_owned()),
        name: Some(name.to_owned()),
        last_updated_date: Some(at(time)),
    })
}

fn answers(world: &World) -> Vec<(String, Option<String>)> {
    let questions: Vec<Question> = world.rows();
    let mut answers: Vec<_> = world
        .rows::<RequestAnswer>()
        .into_iter()
        .map(|row| {
            let question = questions.iter().find(|question| question.question_id == row.question_id).unwrap();
            (question.question.clone(), row.answer)
        })
        .collect();
    answers.sort();
    answers
}

#[test]
fn a_request_makes_patient_visit_kind_and_request_known() {
    let mut world = World::after([epic(consult("09:00"))]);
    assert_eq!((world.count::<Mrn>(), world.count::<MrnToLive>()), (1, 1));
    let kind: ConsultationType = world.only();
    assert_eq!((kind.code.as_str(), kind.name, kind.valid_from), ("CON9", None, at("09:00")));
    let row: ConsultationRequest = world.only();
    assert_eq!((row.internal_id, row.comments.as_deref()), (31, None));
    assert_eq!((row.scheduled_datetime, row.status_change_datetime), (Some(at("18:00")), Some(at("09:00"))));
    assert_eq!((row.cancelled, row.closed_due_to_discharge), (Some(false), Some(false)));
    let visit: HospitalVisit = world.only();
    assert_eq!((row.hospital_visit_id, visit.valid_from), (visit.hospital_visit_id, at("09:00")));
    let before = world.content();
    world.receive([epic(consult("09:00")), epic(consult("10:00"))]);
    assert_eq!(world.content(), before, "what repeats what is known changes nothing");
}

#[test]
fn newer_messages_change_the_request_and_older_do_not() {
    let cancelled = |time| epic(ConsultRequest { cancelled: true, ..consult(time) });
    let closed = epic(ConsultRequest { closed_due_to_discharge: true, ..consult("11:00") });
    let noted = |time| epic(ConsultRequest { notes: text("by phone"), ..consult(time) });
    let mut world = World::after([epic(consult("09:00")), cancelled("08:00"), noted("08:30")]);
    let row: ConsultationRequest = world.only();
    assert_eq!((row.cancelled, row.comments), (Some(false), None));
    world.receive([epic(consult("10:00")), cancelled("10:00")]);
    let row: ConsultationRequest = world.only();
    assert_eq!((row.cancelled, row.status_change_datetime), (Some(true), Some(at("10:00"))));
    world.receive([closed, noted("12:00")]);
    let row: ConsultationRequest = world.only();
    assert_eq!((row.cancelled, row.closed_due_to_discharge), (Some(false), Some(false)));
    assert_eq!(row.comments.as_deref(), Some("by phone"));
    assert_eq!(world.count::<ConsultationRequestAudit>(), 3);
    world.receive([epic(ConsultRequest { scheduled_date_time: None, ..consult("13:00") })]);
    let row: ConsultationRequest = world.only();
    assert_eq!((row.scheduled_datetime, row.comments.as_deref()), (None, Some("by phone")));
    world.receive([epic(ConsultRequest { cancelled: true, scheduled_date_time: None, ..consult("13:00") })]);
    assert_eq!(world.only::<ConsultationRequest>().cancelled, Some(true), "of equal time");
}

#[test]
fn a_cancellation_of_nothing_is_a_cancelled_request() {
    let mut world = World::after([epic(ConsultRequest { cancelled: true, ..consult("10:00") })]);
    world.receive([epic(consult("09:00"))]);
    assert_eq!(world.only::<ConsultationRequest>().cancelled, Some(true));
}

#[test]
fn answers_change_with_newer_messages_only() {
    let with = |questions, time| epic(ConsultRequest { questions: asked(questions), ..consult(time) });
    let first = [("Urgent?", "yes"), ("Where?", "ward"), ("Why?", "")];
    let mut world = World::after([with(&first, "09:00"), with(&[("Where?", "clinic")], "10:00")]);
    let expected = |place: &str| {
        [("Urgent?", "yes"), ("Where?", place), ("Why?", "")]
            .map(|(question, answer)| (question.to_owned(), Some(answer.to_owned())))
    };
    assert_eq!(answers(&world), expected("clinic"));
    let former: RequestAnswerAudit = world.only();
    assert_eq!((former.answer.as_deref(), former.valid_until), (Some("ward"), Some(at("10:00"))));
    world.receive([with(&[("Where?", "home")], "09:30")]);
    assert_eq!(answers(&world), expected("clinic"));
    assert_eq!(world.rows::<RequestAnswer>()[0].parent_table, "CONSULT_REQUEST");
    let unanswered = [("Where?".to_owned(), None)].into_iter().collect();
    world.receive([epic(ConsultRequest { questions: unanswered, ..consult("11:00") })]);
    assert_eq!(answers(&world)[1], ("Where?".to_owned(), None), "no answer is an answer too");
}

#[test]
fn a_question_is_stored_once_and_answered_for_each_request() {
    let other = ConsultRequest { epic_consult_id: Some(32), ..consult("09:00") };
    let world = World::after([epic(consult("09:00")), epic(other)]);
    assert_eq!((world.count::<Question>(), world.count::<RequestAnswer>()), (1, 2));
}

#[test]
fn an_old_message_still_answers_what_nobody_answered() {
    let old = ConsultRequest { questions: asked(&[("Since when?", "May")]), ..consult("08:00") };
    let world = World::after([epic(consult("09:00")), epic(old)]);
    assert_eq!(world.count::<RequestAnswer>(), 2);
    assert_eq!(world.count::<ConsultationRequestAudit>(), 0);
}

#[test]
fn metadata_names_kinds() {
    let kind = |world: &World| {
        let kind: ConsultationType = world.only();
        (kind.name.unwrap(), kind.valid_from)
    };
    assert_eq!(kind(&World::after([named("Renal", "09:00")])), ("Renal".to_owned(), at("09:00")));
    let mut world = World::after([epic(consult("09:00")), named("Renal", "07:00")]);
    assert_eq!(kind(&world), ("Renal".to_owned(), at("07:00")), "any message names an unnamed kind");
    world.receive([named("Kidneys", "06:00"), named("Kidneys", "07:00"), epic(consult("11:00"))]);
    assert_eq!(kind(&world), ("Renal".to_owned(), at("07:00")));
    world.receive([named("Nephrology", "10:00")]);
    assert_eq!(kind(&world), ("Nephrology".to_owned(), at("10:00")));
}

#[test]
fn what_lacks_something_leaves_a_reason() {
    // How many rows there are then of: patient, kind, request.
    type Mistake = (fn(&mut ConsultRequest), Outcome, &'static str, [usize; 3]);
    let mistakes: [Mistake; 5] = [
        (|c| c.mrn = None, Outcome::RequiredDataMissing, "MRN", [0, 0, 0]),
        (|c| c.visit_number = None, Outcome::RequiredDataMissing, "visit number", [1, 0, 0]),
        (|c| c.consultation_type = None, Outcome::RequiredDataMissing, "code", [1, 0, 0]),
        (|c| c.epic_consult_id = None, Outcome::RequiredDataMissing, "epicConsultId", [1, 1, 0]),
        (|c| c.status_change_date_time = None, Outcome::Error, "statusChangeDatetime", [0, 0, 0]),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut message = consult("09:00");
        spoil(&mut message);
        let mut world = World::in_memory();
        let report = world.report(&epic(message));
        assert_eq!(report.outcome, outcome, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
        let counts =
            [world.count::<Mrn>(), world.count::<ConsultationType>(), world.count::<ConsultationRequest>()];
        assert_eq!(counts, rows, "{word}");
    }
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        epic(ConsultRequest { cancelled: true, ..consult("10:00") }),
        epic(ConsultRequest {
            questions: asked(&[("Urgent?", "no"), ("Where?", "ward")]),
            ..consult("09:00")
        }),
        named("Renal", "07:00"),
        epic(ConsultRequest { visit_number: None, ..consult("11:00") }),
        epic(ConsultRequest {
            notes: text("by phone"),
            questions: asked(&[("Where?", "home")]),
            ..consult("12:00")
        }),
        named("Nephrology", "12:00"),
    ]);
}
