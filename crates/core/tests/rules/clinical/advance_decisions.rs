//! Advance decisions.

use emap_core::Outcome;
use emap_interchange::AdvanceDecision as Decided;
use emap_star::rows::*;

use super::messages::{asked, at, decision, epic};
use crate::world::World;

#[test]
fn a_decision_makes_patient_visit_kind_and_decision_known() {
    let questions = asked(&[("Capacity?", "yes"), ("Discussed with family?", "yes"), ("Review?", "weekly")]);
    let message = Decided { questions, ..decision("09:00") };
    let mut world = World::after([epic(message.clone())]);
    let kind: AdvanceDecisionType = world.only();
    assert_eq!((kind.care_code.as_str(), kind.name.as_str()), ("AD3", "Ceiling of care"));
    let row: AdvanceDecision = world.only();
    assert_eq!((row.internal_id, row.requested_datetime), (41, Some(at("06:00"))));
    assert_eq!(row.status_change_datetime, Some(at("09:00")));
    assert_eq!((row.cancelled, row.closed_due_to_discharge), (Some(false), Some(false)));
    let visit: HospitalVisit = world.only();
    assert_eq!((row.hospital_visit_id, visit.valid_from), (visit.hospital_visit_id, at("09:00")));
    assert_eq!((world.count::<Question>(), world.count::<RequestAnswer>()), (3, 3));
    assert_eq!(world.rows::<RequestAnswer>()[0].parent_table, "ADVANCE_DECISION");
    let before = world.content();
    world.receive([epic(message)]);
    assert_eq!(world.content(), before);
}

#[test]
fn newer_flags_apply_with_their_time_and_older_do_not() {
    let cancelled = |time| epic(Decided { cancelled: true, ..decision(time) });
    let mut world = World::after([epic(decision("09:00")), cancelled("08:00")]);
    let row: AdvanceDecision = world.only();
    assert_eq!((row.cancelled, row.status_change_datetime), (Some(false), Some(at("09:00"))));
    world.receive([cancelled("10:00")]);
    let row: AdvanceDecision = world.only();
    assert_eq!((row.cancelled, row.status_change_datetime), (Some(true), Some(at("10:00"))));
    world.receive([epic(Decided { closed_due_to_discharge: true, ..decision("11:00") })]);
    let row: AdvanceDecision = world.only();
    assert_eq!((row.cancelled, row.closed_due_to_discharge), (Some(false), Some(true)));
    assert_eq!(world.count::<AdvanceDecisionAudit>(), 2);
    let moved = Decided { requested_date_time: Some(at("06:30")), ..decision("11:00") };
    world.receive([epic(moved)]);
    let row: AdvanceDecision = world.only();
    assert_eq!((row.closed_due_to_discharge, row.requested_datetime), (Some(false), Some(at("06:30"))));
}

#[test]
fn the_first_message_names_the_kind_for_good() {
    let renamed = Decided { advance_decision_type_name: Some("Other".to_owned()), ..decision("10:00") };
    let nameless = Decided { advance_decision_type_name: None, ..decision("11:00") };
    let world = World::after([epic(decision("09:00")), epic(renamed), epic(nameless)]);
    assert_eq!(world.only::<AdvanceDecisionType>().name, "Ceiling of care");
}

#[test]
fn answers_are_of_the_time_of_the_request() {
    let answered = |answer, time| {
        epic(Decided { questions: asked(&[("Discussed with family?", answer)]), ..decision(time) })
    };
    let world = World::after([answered("yes", "09:00"), answered("no", "08:00")]);
    let row: RequestAnswer = world.only();
    assert_eq!((row.answer.as_deref(), row.valid_from), (Some("no"), at("06:00")));
}

#[test]
fn what_lacks_something_leaves_a_reason() {
    // How many rows there are then of: patient, kind, decision.
    type Mistake = (fn(&mut Decided), Outcome, &'static str, [usize; 3]);
    let mistakes: [Mistake; 7] = [
        (|d| d.mrn = None, Outcome::RequiredDataMissing, "MRN", [0, 0, 0]),
        (|d| d.visit_number = Some(String::new()), Outcome::RequiredDataMissing, "visit number", [1, 0, 0]),
        (|d| d.advance_care_code = None, Outcome::RequiredDataMissing, "advanceCareCode", [1, 0, 0]),
        (
            |d| d.advance_decision_type_name = None,
            Outcome::RequiredDataMissing,
            "advanceDecisionTypeName",
            [1, 0, 0],
        ),
        (
            |d| d.advance_decision_number = None,
            Outcome::RequiredDataMissing,
            "advanceDecisionNumber",
            [1, 1, 0],
        ),
        (|d| d.status_change_date_time = None, Outcome::Error, "statusChangeDatetime", [0, 0, 0]),
        (|d| d.requested_date_time = None, Outcome::RequiredDataMissing, "requestedDatetime", [1, 1, 1]),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut message = decision("09:00");
        spoil(&mut message);
        let mut world = World::in_memory();
        let report = world.report(&epic(message));
        assert_eq!(report.outcome, outcome, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
        let counts =
            [world.count::<Mrn>(), world.count::<AdvanceDecisionType>(), world.count::<AdvanceDecision>()];
        assert_eq!(counts, rows, "{word}");
    }
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        epic(Decided { cancelled: true, ..decision("10:00") }),
        epic(decision("09:00")),
        epic(Decided { advance_decision_number: None, ..decision("11:00") }),
        epic(Decided { questions: asked(&[("Review?", "weekly")]), ..decision("12:00") }),
        epic(Decided { advance_decision_number: Some(42), ..decision("13:00") }),
    ]);
}
