//! What allergies, infections and problems have in common.

use chrono::NaiveDate;
use emap_interchange::{Condition, ConditionAction, ConditionKind, Instant, InterchangeValue};

use crate::{
    cell::Local,
    clock::Converted,
    strategy::{Scope, Unconvertible, Updated},
    values::{label, required, wrapped},
};

/// The states that core knows.
const STATES: [&str; 3] = ["Active", "Resolved", "Deleted"];

/// Columns that all of them have.
#[derive(Debug)]
pub(super) struct Common<'r> {
    pub(super) number: i64,
    pub(super) hospital_number: Option<&'r str>,
    pub(super) visit_number: Option<&'r str>,
    pub(super) state_code: i32,
    pub(super) state_label: Option<&'r str>,
    pub(super) onset_on: Option<NaiveDate>,
    pub(super) note_text: Option<&'r str>,
}

impl Common<'_> {
    /// A condition of a code and a name; what only one kind has is left at its default.
    pub(super) fn condition(
        &self,
        code: String,
        name: &str,
        updated: Option<Instant>,
        kind: ConditionKind,
    ) -> Result<Condition, Unconvertible> {
        let state =
            label(self.number, Some(self.state_code), self.state_label, "state_code")?.unwrap_or_default();
        if !STATES.contains(&state) {
            return Err(Unconvertible::new(self.number, format!("state_code: unknown state {state:?}")));
        }
        let updated =
            updated.ok_or_else(|| Unconvertible::new(self.number, "has no time of its last change"))?;
        Ok(Condition {
            mrn: Some(required(self.number, self.hospital_number, "hospital number")?),
            status: InterchangeValue::Save(state.to_owned()),
            visit_number: wrapped(self.visit_number),
            condition_code: Some(code),
            condition_name: wrapped(Some(name)),
            updated_date_time: Some(updated),
            added_date_time: None,
            onset_date: InterchangeValue::from_option(self.onset_on),
            // The state says whether it was deleted.
            action: Some(ConditionAction::Add),
            epic_condition_id: InterchangeValue::Save(self.number),
            comment: wrapped(self.note_text),
            sub_type: InterchangeValue::Unknown,
            severity: InterchangeValue::Unknown,
            kind,
        })
    }
}

/// When a condition was last changed: by the source's record of changes the latest within the window, and for one of
/// which there is no record at all a time of its own.
///
/// The query gives every change of a range that is somewhat wider than the window, each with the one after it.
pub(super) fn updated(
    changed: Option<Local>,
    next_changed: Option<Local>,
    own: impl FnOnce() -> Option<Converted>,
    scope: &Scope,
) -> Updated {
    let Some(changed) = changed else { return Updated::known(own()) };
    let is_superseded = next_changed.is_some_and(|next| {
        let next = scope.clock.instant(next);
        next >= scope.clock.instant(changed) && Updated::at(next).is_within(scope, true)
    });
    if is_superseded { Updated::Superseded } else { Updated::Known(scope.clock.convert(changed)) }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::clock::Clock;

    #[test]
    fn of_several_changes_the_latest_within_the_window_counts() {
        let instant = |text: &str| -> Instant { text.parse().unwrap() };
        let scope = Scope {
            sub_id: "",
            from: Some(instant("2021-06-01T00:00:00Z")),
            until: Some(instant("2021-06-02T00:00:00Z")),
            is_continuation: true,
            clock: Clock::new(Tz::Europe__London),
            now: instant("2026-01-01T00:00:00Z"),
            date_from: None,
        };
        let local = |text: &str| Some(Local(text.parse().unwrap()));
        let within = |changed, next| updated(changed, next, || None, &scope).is_within(&scope, true);
        // 00:59:59 on the clocks is the last second of the window, 01:00 is after it.
        assert!(within(local("2021-06-02T00:59:59"), local("2021-06-02T01:00:00")));
        assert!(!within(local("2021-06-01T05:00:00"), local("2021-06-02T00:59:59")));
        assert!(!within(local("2021-06-01T00:59:59"), None));
        let midnight = scope.clock.convert(Local("2021-06-01T01:00:00".parse().unwrap()));
        assert!(updated(None, None, || Some(midnight), &scope).is_within(&scope, true));
        assert_eq!(updated(None, None, || None, &scope), Updated::Unknown);
    }
}
