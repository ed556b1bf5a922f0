//! The periods of a department's status and speciality. They are derived from all changes that were ever reported,
//! which are rows of their own.

use emap_interchange::DepartmentMetadata;
use emap_star::{
    Instant, MessageScope, just_after,
    rows::{DepartmentEvent, DepartmentId, DepartmentState},
};

use super::period::{Period, connect};
use crate::{
    changes::{self, Change, Derived},
    failure::{Cause, Failure, required},
    rules::repositories::places,
};

/// Status and speciality.
type State = (Option<String>, Option<String>);

/// Notes what a message says of a department, and shows the periods that follow from it.
///
/// # Errors
/// When another speciality is known of the time just before than the message says. What it says is noted all the same.
pub(crate) fn note(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    message: &DepartmentMetadata,
    source_id: Option<&str>,
) -> Result<(), Failure> {
    let mut own = event(rows, department_id, message, source_id)?;
    let mut events = known_or_seeded(rows, department_id)?;
    if let Some(last) = events.last() {
        // It is the last in the order of processing, whatever the clock says.
        own.stored_from = own.stored_from.max(just_after(last.stored_from));
    }
    let before = speciality_before(&events, &own);
    if before.is_none() && own.previous_speciality.is_some() {
        required(own.contact_datetime, "departmentContactDate")?;
    }
    let contradicts = contradicts(before.as_ref(), &own);
    let is_news = add(rows, &mut events, own)?;
    show(rows, department_id, &events)?;
    if is_news && contradicts {
        return Err(Cause::IncompatibleState("the department had another speciality before").into());
    }
    Ok(())
}

/// What the message says.
fn event(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    message: &DepartmentMetadata,
    source_id: Option<&str>,
) -> Result<DepartmentEvent, Failure> {
    let status = required(message.department_record_status, "departmentRecordStatus")
        .map_err(Failure::undoing_the_message)?;
    let at = required(
        message.speciality_update.or(message.department_contact_date),
        "specialityUpdate or departmentContactDate",
    )?;
    Ok(DepartmentEvent {
        contact_datetime: message.department_contact_date,
        previous_speciality: message.previous_department_speciality.clone(),
        source_id: source_id.map(str::to_owned),
        speciality: message.department_speciality.clone(),
        status: Some(status.display_text().to_owned()),
        ..DepartmentEvent::new(rows.next_id()?, rows.stored_from(), at, department_id)
    })
}

/// What was reported of the department, in the order of processing. Periods that are older than the keeping of reports
/// bear witness to theirs.
fn known_or_seeded(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
) -> Result<Vec<DepartmentEvent>, Failure> {
    let mut events: Vec<_> = places::department_events(rows, department_id)?.into_iter().cloned().collect();
    if events.is_empty() {
        for state in known_states(rows, department_id)? {
            let event = DepartmentEvent {
                speciality: state.speciality,
                status: state.status,
                ..DepartmentEvent::new(rows.next_id()?, state.stored_from, state.valid_from, department_id)
            };
            add(rows, &mut events, event)?;
        }
    }
    events.sort_by_key(|event| (event.stored_from, event.department_event_id));
    Ok(events)
}

/// The periods as they are stored, in order of time.
fn known_states(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
) -> Result<Vec<DepartmentState>, Failure> {
    let mut states: Vec<_> = places::department_states(rows, department_id)?.into_iter().cloned().collect();
    states.sort_by_key(|state| {
        (state.began(), state.ended().is_none(), state.stored(), state.department_state_id)
    });
    Ok(states)
}

/// Adds a report; says whether it is news. One that repeats another at most says since when the former speciality was
/// on record.
fn add(
    rows: &mut MessageScope<'_>,
    events: &mut Vec<DepartmentEvent>,
    own: DepartmentEvent,
) -> Result<bool, Failure> {
    let is_known = |known: &&mut DepartmentEvent| {
        (known.event_datetime, &known.speciality) == (own.event_datetime, &own.speciality)
    };
    let Some(known) = events.iter_mut().find(is_known) else {
        events.push(own.clone());
        rows.put(own)?;
        return Ok(true);
    };
    let reaches_back = match (account(&own), account(known)) {
        (Some(own), Some(known)) => own < known,
        (own, _) => own.is_some(),
    };
    if reaches_back {
        known.previous_speciality.clone_from(&own.previous_speciality);
        known.contact_datetime = own.contact_datetime;
        rows.put(known.clone())?;
    }
    Ok(false)
}

/// What a report says of the time before: since when, and which speciality.
fn account(event: &DepartmentEvent) -> Option<(Instant, &String)> {
    event.contact_datetime.zip(event.previous_speciality.as_ref())
}

/// The last report of the time before this one.
fn speciality_before(events: &[DepartmentEvent], own: &DepartmentEvent) -> Option<DepartmentEvent> {
    let before = events.iter().filter(|event| event.event_datetime < own.event_datetime);
    before.max_by_key(|event| event.event_datetime).cloned()
}

/// A change from another speciality than the one that is known.
fn contradicts(before: Option<&DepartmentEvent>, own: &DepartmentEvent) -> bool {
    before.is_some_and(|before| {
        state(before) != state(own)
            && own.previous_speciality.is_some()
            && own.previous_speciality != before.speciality
    })
}

fn state(event: &DepartmentEvent) -> State {
    (event.status.clone(), event.speciality.clone())
}

/// Brings the rows in line with the reports. A row keeps its key where it can: it goes to the period of its state that
/// begins when it begins, else to one of its state, in order of time.
fn show(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    events: &[DepartmentEvent],
) -> Result<(), Failure> {
    let change = |event: &DepartmentEvent| Change {
        at: event.event_datetime,
        state: state(event),
        former: account(event)
            .map(|(since, speciality)| (since, (event.status.clone(), Some(speciality.clone())))),
    };
    let periods = changes::periods(&events.iter().map(change).collect::<Vec<_>>());
    let known = known_states(rows, department_id)?;
    let mut left = known.clone();
    let mut shown: Vec<Option<DepartmentState>> = vec![None; periods.len()];
    for belongs in [begins_with, is_of] {
        for (period, row) in periods.iter().zip(&mut shown).filter(|(_, row)| row.is_none()) {
            *row = left.iter().position(|known| belongs(known, period)).map(|place| left.remove(place));
        }
    }
    for row in left {
        rows.delete::<DepartmentState>(row.department_state_id, row.valid_from);
    }
    let mut states = Vec::with_capacity(periods.len());
    for (period, row) in periods.into_iter().zip(shown) {
        states.push(match row {
            Some(row) => DepartmentState { valid_from: period.from, ..row },
            None => new_state(rows, department_id, period)?,
        });
    }
    connect(rows, &known, states)?;
    Ok(())
}

fn begins_with(row: &DepartmentState, period: &Derived<State>) -> bool {
    is_of(row, period) && row.valid_from == period.from
}

fn is_of(row: &DepartmentState, period: &Derived<State>) -> bool {
    (&row.status, &row.speciality) == (&period.state.0, &period.state.1)
}

fn new_state(
    rows: &mut MessageScope<'_>,
    department_id: DepartmentId,
    period: Derived<State>,
) -> Result<DepartmentState, Failure> {
    let (status, speciality) = period.state;
    let department_state_id = rows.next_id()?;
    Ok(DepartmentState {
        speciality,
        status,
        ..DepartmentState::new(department_state_id, rows.stored_from(), period.from, department_id)
    })
}
