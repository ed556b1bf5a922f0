//! Bodies of which a value cannot be read.

use emap_core::Outcome;
use emap_interchange::Message;
use emap_star::rows::*;

use super::messages::{allergy, clarity, consult, decision, described, problem, pulse};
use crate::{
    batches::{assert_unreadable, garbled},
    world::World,
};

#[test]
fn one_value_that_cannot_be_read_spoils_its_message_alone() {
    let observed = clarity(pulse(80.0, "09:00"));
    let allergic = clarity(allergy(&["rash"], "09:00"));
    let asked = clarity(consult("09:00"));
    let cases: [(&Message, &str, &str); 12] = [
        (&observed, r#""valueType":"NUMERIC""#, "valueType"),
        (&observed, r#""value":80.0"#, "numericValue.value"),
        (&observed, r#""isRealTime":true"#, "isRealTime"),
        (&allergic, r#""action":"ADD""#, "action"),
        (&allergic, r#""value":11"#, "epicConditionId.value"),
        (&allergic, r#""reactions":["rash"]"#, "reactions"),
        (&clarity(problem("09:00")), r#""addedDate":null"#, "addedDate"),
        (&asked, r#""epicConsultId":31"#, "epicConsultId"),
        (&asked, r#""cancelled":false"#, "cancelled"),
        (&clarity(decision("09:00")), r#""advanceDecisionNumber":41"#, "advanceDecisionNumber"),
        (&clarity(decision("09:00")), r#""closedDueToDischarge":false"#, "closedDueToDischarge"),
        (&clarity(described(None, Some("F9"), "09:00")), r#""creationInstant":null"#, "creationInstant"),
    ];
    for (message, written, place) in cases {
        assert_unreadable(message, written, place);
    }
}

#[test]
fn an_empty_number_is_none() {
    let consultation = garbled(&clarity(consult("09:00")), r#""epicConsultId":31"#, r#""epicConsultId":"""#);
    let number = r#""advanceDecisionNumber":41"#;
    let decided = garbled(&clarity(decision("09:00")), number, r#""advanceDecisionNumber":"""#);
    let mut world = World::in_memory();
    let reports = world.deliver(&[consultation, decided]);
    for (report, field) in reports.iter().zip(["epicConsultId", "advanceDecisionNumber"]) {
        assert_eq!(report.outcome, Outcome::RequiredDataMissing);
        assert!(report.reason.as_deref().unwrap().contains(field), "{:?}", report.reason);
    }
    assert_eq!(world.count::<ConsultationRequest>() + world.count::<AdvanceDecision>(), 0);
    let unnumbered = garbled(&clarity(allergy(&[], "09:00")), r#""value":11"#, r#""value":"""#);
    assert_eq!(world.deliver(&[unnumbered])[0].outcome, Outcome::Success);
    assert_eq!(world.only::<PatientCondition>().internal_id, None);
}
