//! Keys that no column can hold: their message fails alone, for a reason that names the column.

use emap_core::Outcome;
use emap_interchange::{
    AdvanceDecision, Condition, ConsultRequest, Flowsheet, Form, FormAnswer, LabOrder, LabResult,
    LocationMetadata, Message,
};
use emap_star::rows::{EtlMessageReject, VisitObservation};
use emap_test_support::messages::{admit, update, with};

use crate::{
    clinical::messages::{asked, consult, decision, epic, problem, pulse},
    labs::messages::{lab, number, order, with_results},
    reference::messages::{answer, clarity, form, place, template},
    world::{World, incoming},
};

/// PostgreSQL has no character U+0000.
const NUL: &str = "xxx\0";

#[allow(clippy::unnecessary_wraps, reason = "as the messages have it")]
fn nul() -> Option<String> {
    Some(NUL.to_owned())
}

/// Each text by which rows are looked up, spoilt in a message of its own; and its column.
fn spoilt() -> Vec<(&'static str, Message)> {
    let admission = |mrn, visit, place| admit(mrn, visit, place, "2031-03-02T08:00:00Z");
    let observed = |change: fn(&mut Flowsheet)| {
        let mut flowsheet = pulse(80.0, "09:00");
        change(&mut flowsheet);
        epic(flowsheet)
    };
    let ordered = |change: fn(&mut LabOrder)| {
        let mut order = with_results(vec![number("K", 4.5, "09:00")], order("09:00"));
        change(&mut order);
        lab(order)
    };
    let filled_in = |change: fn(&mut Form)| {
        let mut form = form("F1", vec![answer("Q1", "yes", "01")]);
        change(&mut form);
        clarity(form)
    };
    vec![
        ("mrn.mrn", observed(|sent| sent.mrn = nul())),
        ("mrn.mrn", admission(NUL, "V2", "W1^R^B")),
        ("mrn.nhs_number", with(admission("M2", "V2", "W1^R^B"), |adt| adt.nhs_number = nul())),
        ("hospital_visit.encounter", observed(|sent| sent.visit_number = nul())),
        ("hospital_visit.encounter", admission("M1", NUL, "W1^R^B")),
        ("location.location_string", admission("M1", "V1", NUL)),
        ("visit_observation_type.interface_id", observed(|sent| sent.interface_id = nul())),
        (
            "visit_observation_type.id_in_application",
            observed(|sent| (sent.interface_id, sent.flowsheet_id) = (None, nul())),
        ),
        ("condition_type.internal_code", epic(Condition { condition_code: nul(), ..problem("09:00") })),
        ("consultation_type.code", epic(ConsultRequest { consultation_type: nul(), ..consult("09:00") })),
        ("question.question", epic(ConsultRequest { questions: asked(&[(NUL, "yes")]), ..consult("09:00") })),
        (
            "advance_decision_type.care_code",
            epic(AdvanceDecision { advance_care_code: nul(), ..decision("09:00") }),
        ),
        ("lab_battery.lab_provider", ordered(|sent| sent.test_battery_coding_system = nul())),
        ("lab_battery.battery_code", ordered(|sent| sent.test_battery_local_code = nul())),
        ("lab_sample.external_lab_number", ordered(|sent| sent.lab_specimen_number = nul())),
        (
            "lab_test_definition.test_lab_code",
            ordered(|sent| {
                let spoil = |result: &mut LabResult| result.test_item_local_code = nul();
                sent.lab_results.iter_mut().for_each(spoil);
            }),
        ),
        ("form_definition.internal_id", template(NUL, Some("Review"), Some("01"))),
        ("form_definition.internal_id", filled_in(|sent| sent.form_id = nul())),
        ("form.internal_id", filled_in(|sent| sent.form_instance_id = nul())),
        ("form_question.internal_id", filled_in(|sent| sent.answers[0].question_id = nul())),
        ("form_answer.internal_id", filled_in(|sent| sent.answers[0].source_message_id = nul())),
        (
            "location.location_string",
            clarity(LocationMetadata { hl7_string: nul(), department_id: None, ..place(None, None) }),
        ),
    ]
}

#[test]
fn a_key_that_cannot_be_stored_fails_its_own_message_and_the_reason_names_the_column() {
    for mut world in [World::in_memory(), World::on_postgres()] {
        let (columns, messages): (Vec<_>, Vec<_>) = spoilt().into_iter().unzip();
        let mut batch = vec![incoming(&epic(pulse(80.0, "09:00")))];
        batch.extend(messages.iter().map(incoming));
        batch.push(incoming(&epic(pulse(81.0, "10:00"))));
        let mut reports = world.deliver(&batch);
        for good in [reports.pop().unwrap(), reports.remove(0)] {
            assert_eq!(good.outcome, Outcome::Success, "{:?}", good.reason);
        }
        for (column, report) in columns.into_iter().zip(reports) {
            assert_eq!(report.outcome, Outcome::Error, "{column}");
            let reason = format!("text for {column} contains the character U+0000");
            assert_eq!(report.reason, Some(reason));
        }
        assert_eq!(world.only::<VisitObservation>().value_as_real, Some(81.0));
        assert_eq!(world.count::<EtlMessageReject>(), batch.len() - 2);
    }
}

#[test]
fn a_key_that_the_message_does_not_use_fails_nothing() {
    let renamed = FormAnswer { source_message_id: nul(), ..answer("Q1", "no", "02") };
    let messages = [
        // No update of a person creates visit or place.
        update("M1", NUL, NUL, "2031-03-02T08:00:00Z"),
        // An answer is found by its question.
        clarity(form("F1", vec![answer("Q1", "yes", "01")])),
        clarity(form("F1", vec![renamed])),
        // A value is found by the identifier in HL7, if it has one.
        epic(pulse(80.0, "09:00")),
        epic(Flowsheet { flowsheet_id: nul(), ..pulse(81.0, "10:00") }),
    ];
    let mut world = World::everywhere(&messages);
    assert_eq!(world.count::<EtlMessageReject>(), 0);
    assert_eq!(world.only::<VisitObservation>().value_as_real, Some(81.0));
    assert_eq!(world.receive(messages), [Outcome::Success; 5]);
}
