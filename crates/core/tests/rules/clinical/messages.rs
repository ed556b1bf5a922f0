//! Short ways to say what clinical messages say.

pub(crate) use crate::messages::{asked, at, clarity, from, text};

use emap_interchange::{
    AdvanceDecision, Condition, ConditionKind, ConsultRequest, Flowsheet, FlowsheetMetadata,
    InterchangeValue::{self, Save},
    Message, Payload, ValueType,
};

/// From the hospital's own system.
pub(crate) fn epic(content: impl Into<Payload>) -> Message {
    from("EPIC", content)
}

/// A number, observed and charted at one time, under an identifier of HL7.
pub(crate) fn pulse(value: f64, time: &str) -> Flowsheet {
    Flowsheet {
        mrn: Some("M1".to_owned()),
        visit_number: Some("V1".to_owned()),
        interface_id: Some("77".to_owned()),
        value_type: Some(ValueType::Numeric),
        numeric_value: Save(value),
        unit: text("beats/min"),
        is_real_time: Some(true),
        observation_time: Some(at("08:00")),
        updated_time: Some(at(time)),
        ..Flowsheet::default()
    }
}

/// What the warehouse says of a kind of observation.
pub(crate) fn described(
    interface_id: Option<&str>,
    flowsheet_id: Option<&str>,
    time: &str,
) -> FlowsheetMetadata {
    FlowsheetMetadata {
        interface_id: interface_id.map(str::to_owned),
        flowsheet_id: flowsheet_id.map(str::to_owned),
        last_updated_instant: Some(at(time)),
        ..FlowsheetMetadata::default()
    }
}

pub(crate) fn allergy(reactions: &[&str], time: &str) -> Condition {
    let reactions = reactions.iter().map(|name| (*name).to_owned()).collect();
    condition(ConditionKind::PatientAllergy { reactions }, "PEANUT", 11, time)
}

pub(crate) fn problem(time: &str) -> Condition {
    condition(ConditionKind::PatientProblem { added_date: None, resolved_date: None }, "J45", 21, time)
}

/// An infection as the extract numbers it.
pub(crate) fn numbered_infection(number: i64, time: &str) -> Condition {
    let kind = ConditionKind::PatientInfection { resolved_date_time: InterchangeValue::Unknown };
    condition(kind, "FLU-B", number, time)
}

/// An infection as a live message reports it, added at the time of the message.
pub(crate) fn live_infection(time: &str) -> Condition {
    Condition {
        epic_condition_id: InterchangeValue::Unknown,
        added_date_time: Some(at(time)),
        ..numbered_infection(0, time)
    }
}

fn condition(kind: ConditionKind, code: &str, number: i64, time: &str) -> Condition {
    Condition {
        mrn: Some("M1".to_owned()),
        condition_code: Some(code.to_owned()),
        updated_date_time: Some(at(time)),
        epic_condition_id: Save(number),
        ..Condition::from(kind)
    }
}

/// A request with one question.
pub(crate) fn consult(time: &str) -> ConsultRequest {
    ConsultRequest {
        epic_consult_id: Some(31),
        mrn: Some("M1".to_owned()),
        visit_number: Some("V1".to_owned()),
        consultation_type: Some("CON9".to_owned()),
        status_change_date_time: Some(at(time)),
        scheduled_date_time: Some(at("18:00")),
        questions: asked(&[("Urgent?", "yes")]),
        ..ConsultRequest::default()
    }
}

/// A decision that was asked for at six.
pub(crate) fn decision(time: &str) -> AdvanceDecision {
    AdvanceDecision {
        advance_decision_number: Some(41),
        mrn: Some("M1".to_owned()),
        visit_number: Some("V1".to_owned()),
        advance_care_code: Some("AD3".to_owned()),
        advance_decision_type_name: Some("Ceiling of care".to_owned()),
        status_change_date_time: Some(at(time)),
        requested_date_time: Some(at("06:00")),
        questions: asked(&[("Discussed with family?", "yes")]),
        ..AdvanceDecision::default()
    }
}
