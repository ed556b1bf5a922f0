//! Allergies, problems and infections.

use chrono::NaiveDate;
use chrono_tz::Europe::London;
use emap_interchange::{
    Condition, ConditionAction, ConditionKind, Instant,
    InterchangeValue::{self, Save},
    Payload,
};

use crate::{
    conditions::{Allergy, Infection, Problem},
    event::Event,
};

fn saved(text: &str) -> InterchangeValue<String> {
    Save(text.to_owned())
}

fn id(number: u64) -> InterchangeValue<i64> {
    InterchangeValue::from_option(number.try_into().ok())
}

fn day(at: Instant) -> NaiveDate {
    at.with_timezone(&London).date_naive()
}

pub(super) fn allergies(event: &Event, allergies: &[Allergy]) -> Vec<Payload> {
    let allergy = |allergy: &Allergy| {
        let reactions = allergy.reactions.iter().map(|reaction| (*reaction).to_owned()).collect();
        let action = if allergy.is_new { ConditionAction::Add } else { ConditionAction::Update };
        Condition {
            mrn: event.mrn(),
            sub_type: saved(allergy.kind),
            condition_code: Some(allergy.allergen.to_owned()),
            condition_name: saved(allergy.allergen),
            severity: saved(allergy.severity),
            action: Some(action),
            epic_condition_id: id(allergy.id),
            onset_date: InterchangeValue::from_option(NaiveDate::from_ymd_opt(2019, 6, 30)),
            added_date_time: Some(allergy.reported),
            status: saved("Active"),
            updated_date_time: Some(event.at),
            ..Condition::from(ConditionKind::PatientAllergy { reactions })
        }
        .into()
    };
    allergies.iter().map(allergy).collect()
}

pub(super) fn problems(event: &Event, problems: &[Problem]) -> Vec<Payload> {
    let problem = |problem: &Problem| {
        let updated = day(problem.updated);
        let resolved_date = problem.is_resolved.then_some(updated);
        let action = if problem.is_new { ConditionAction::Add } else { ConditionAction::Update };
        Condition {
            mrn: event.mrn(),
            visit_number: InterchangeValue::from_option(event.visit_number()),
            action: Some(action),
            updated_date_time: Some(problem.updated),
            condition_code: Some(problem.code.to_owned()),
            condition_name: saved(problem.name),
            epic_condition_id: id(problem.id),
            status: saved(if problem.is_resolved { "RESOLVED" } else { "ACTIVE" }),
            onset_date: InterchangeValue::from_option(NaiveDate::from_ymd_opt(2024, 1, 15)),
            comment: saved(" Seen on the ward round Plan as discussed"),
            ..Condition::from(ConditionKind::PatientProblem { added_date: Some(updated), resolved_date })
        }
        .into()
    };
    problems.iter().map(problem).collect()
}

pub(super) fn infection(event: &Event, infection: &Infection) -> Payload {
    Condition {
        mrn: event.mrn(),
        condition_code: Some(infection.name.to_owned()),
        added_date_time: Some(infection.added),
        updated_date_time: Some(event.at),
        ..Condition::from(ConditionKind::PatientInfection { resolved_date_time: InterchangeValue::Unknown })
    }
    .into()
}
