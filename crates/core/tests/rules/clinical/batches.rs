//! Batches of clinical messages.

use emap_interchange::{
    AdvanceDecision, Condition, ConsultMetadata, ConsultRequest, Flowsheet, InterchangeValue::Save, Message,
};
use emap_star::rows::*;

use super::messages::{
    allergy, asked, at, clarity, consult, decision, described, epic, live_infection, numbered_infection,
    problem, pulse, text,
};
use crate::{
    batches::{assert_good_ones_unharmed, cost},
    world::World,
};

/// One message of each kind about one patient; names, kinds and numbers are the patient's own.
pub(crate) fn about(n: i64, hour: &str) -> Vec<Message> {
    let time = &format!("{hour}:00");
    let (mrn, visit) = (Some(format!("M{n}")), format!("V{n}"));
    let of_patient = |condition: Condition| Condition {
        mrn: mrn.clone(),
        condition_code: Some(format!("C{n}")),
        visit_number: text(&visit),
        epic_condition_id: condition.epic_condition_id.map(|number| number * 1000 + n),
        ..condition
    };
    let visit_number = Some(visit.clone());
    vec![
        epic(Flowsheet {
            mrn: mrn.clone(),
            visit_number: visit_number.clone(),
            interface_id: Some(format!("I{n}")),
            ..pulse(80.0, time)
        }),
        clarity(described(None, Some(&format!("F{n}")), time)),
        clarity(of_patient(allergy(&["rash"], time))),
        epic(of_patient(problem(time))),
        epic(of_patient(live_infection("07:00"))),
        clarity(of_patient(numbered_infection(5, time))),
        epic(ConsultRequest {
            epic_consult_id: Some(1000 + n),
            mrn: mrn.clone(),
            visit_number: visit_number.clone(),
            consultation_type: Some(format!("T{n}")),
            questions: asked(&[(&format!("How is patient {n}?"), time)]),
            ..consult(time)
        }),
        clarity(ConsultMetadata {
            code: Some(format!("T{n}")),
            name: Some(format!("Kind {n}")),
            last_updated_date: Some(at(time)),
        }),
        epic(AdvanceDecision {
            advance_decision_number: Some(2000 + n),
            mrn,
            visit_number,
            advance_care_code: Some(format!("A{n}")),
            ..decision(time)
        }),
        clarity(described(Some(&format!("I{n}")), Some(&format!("F{n}")), time)),
    ]
}

#[test]
fn mappings_that_move_observations_cost_a_constant_number_of_queries() {
    let mut world = World::on_postgres();
    let halves = (0..40).flat_map(|n| {
        let live = Flowsheet { interface_id: Some(format!("I{n}")), ..pulse(80.0, "09:00") };
        let extract =
            Flowsheet { interface_id: None, flowsheet_id: Some(format!("F{n}")), ..pulse(81.0, "09:00") };
        [epic(live), clarity(extract)]
    });
    world.receive_together(halves);
    let mapping = |n| clarity(described(Some(&format!("I{n}")), Some(&format!("F{n}")), "10:00"));
    let mut cost = |range: std::ops::Range<i32>| cost(&mut world, range.map(mapping).collect());
    assert_eq!(cost(0..1), cost(1..40));
    assert_eq!((world.count::<VisitObservationType>(), world.count::<VisitObservation>()), (40, 40));
}

#[test]
fn a_message_that_fails_harms_no_other_of_its_batch() {
    let long = "x".repeat(256);
    let bad: Vec<Message> = vec![
        epic(Flowsheet { unit: text(&long), ..pulse(80.0, "09:00") }),
        epic(Condition { severity: text(&long), ..problem("09:00") }),
        epic(ConsultRequest { consultation_type: Some(long.clone()), ..consult("09:00") }),
        epic(AdvanceDecision { advance_decision_type_name: Some(long), ..decision("09:00") }),
        // Within chrono's calendar, outside PostgreSQL's.
        epic(ConsultRequest {
            epic_consult_id: Some(99),
            scheduled_date_time: Some("-9000-01-01T00:00:00Z".parse().unwrap()),
            ..consult("09:00")
        }),
        epic(Condition { epic_condition_id: Save(99), condition_code: None, ..allergy(&["rash"], "09:00") }),
    ];
    let world = assert_good_ones_unharmed(about, bad);
    assert_eq!(world.count::<ConsultationRequest>(), 5);
    assert_eq!(world.count::<VisitObservation>(), 5);
}
