//! Allergies, infections and problems.

use emap_interchange::{Condition, ConditionAction, ConditionKind};
use proptest::{collection::vec, option, prelude::*};

use super::value::{
    date, maybe_constant, maybe_instant, maybe_text, text, wrapped, wrapped_instant, wrapped_text,
};

pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    let texts = (maybe_text(), maybe_text());
    let wrapped_texts = vec(wrapped_text(), 6);
    let times = (maybe_instant(), maybe_instant(), wrapped(date()));
    let rest = (maybe_constant(ConditionAction::ALL), wrapped(any::<i64>().boxed()), kind());
    (texts, wrapped_texts, times, rest).prop_map(|(texts, wrapped_texts, times, rest)| {
        let mut wrapped_texts = wrapped_texts.into_iter();
        Condition {
            mrn: texts.0,
            status: wrapped_texts.next().unwrap(),
            visit_number: wrapped_texts.next().unwrap(),
            condition_code: texts.1,
            condition_name: wrapped_texts.next().unwrap(),
            updated_date_time: times.0,
            added_date_time: times.1,
            onset_date: times.2,
            action: rest.0,
            epic_condition_id: rest.1,
            comment: wrapped_texts.next().unwrap(),
            sub_type: wrapped_texts.next().unwrap(),
            severity: wrapped_texts.next().unwrap(),
            kind: rest.2,
        }
    })
}

fn kind() -> impl Strategy<Value = ConditionKind> {
    prop_oneof![
        wrapped_instant()
            .prop_map(|resolved_date_time| ConditionKind::PatientInfection { resolved_date_time }),
        (option::of(date()), option::of(date())).prop_map(|(added_date, resolved_date)| {
            ConditionKind::PatientProblem { added_date, resolved_date }
        }),
        vec(text(), 0..4).prop_map(|reactions| ConditionKind::PatientAllergy { reactions }),
    ]
}
