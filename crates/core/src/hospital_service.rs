//! Which speciality cared for a patient at one place, derived from what messages said about it.
//!
//! Messages about it come late, twice and in any order, and what a message adds depends on what was said of earlier
//! times. So each one leaves a [`Fact`], and the rows of a visit and place are computed from all of them ([`history`]):
//! the same facts give the same rows, whatever the order in which they became known.
//!
//! An admission always gives a row. An update gives one where the service differs from that of the row before; without
//! a row before it gives none. The cancellation of an admission marks the row before it, if that is an admission.

use emap_star::Instant;

/// What a message says about a visit and a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What happened.
    pub kind: FactKind,
    /// When; of a cancellation the time that it names.
    pub at: Instant,
    /// The speciality; none if the message says that there is none.
    pub service: Option<String>,
    /// When the source recorded it.
    pub recorded: Option<Instant>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// A patient was admitted to the care of a speciality.
    Admission,
    /// A speciality cares for the patient.
    Update,
    /// An admission did not happen.
    CancelAdmission,
}

impl FactKind {
    const NAMES: [(Self, &'static str); 3] = [
        (Self::Admission, "ADMISSION"),
        (Self::Update, "UPDATE"),
        (Self::CancelAdmission, "CANCEL_ADMISSION"),
    ];

    /// The name under which it is stored.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of row that may follow; none from a cancellation.
    pub fn row(self) -> Option<RowKind> {
        match self {
            Self::Admission => Some(RowKind::Admission),
            Self::Update => Some(RowKind::Change),
            Self::CancelAdmission => None,
        }
    }

    /// The kind that is stored under a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

impl Fact {
    /// Whether the other one says of the same event what this one does, perhaps with another service.
    pub fn repeats(&self, other: &Self) -> bool {
        self.kind == other.kind && self.at == other.at
    }

    /// Takes over what a repeat says, if that was recorded later. Returns whether anything changed.
    pub fn absorb(&mut self, repeat: &Self) -> bool {
        let newer = (repeat.recorded, &repeat.service) > (self.recorded, &self.service);
        if newer {
            self.service.clone_from(&repeat.service);
            self.recorded = repeat.recorded;
        }
        newer
    }
}

/// A row that does not follow from the facts: a movement that was planned, or a row of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<'r> {
    /// When the plan was made, or the event happened.
    pub at: Instant,
    /// What kind of row; puts rows of one instant in order.
    pub event_type: &'r str,
    /// The speciality.
    pub service: Option<&'r str>,
    /// It is an admission that can be cancelled.
    pub is_open_admission: bool,
}

/// What kind of row follows from a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An admission.
    Admission,
    /// Another speciality than before.
    Change,
}

impl RowKind {
    /// The row's event type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admission => "ADMISSION",
            Self::Change => "EDIT/HOSPITAL_SERVICE_CHANGE",
        }
    }
}

/// A row that follows from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// What kind of row.
    pub kind: RowKind,
    /// When it happened.
    pub at: Instant,
    /// The speciality.
    pub service: Option<String>,
    /// The row before it.
    pub before: Option<Before>,
    /// Of an admission that did not happen: the time that its cancellation names.
    pub cancelled_at: Option<Instant>,
}

/// A row that comes before another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// One that was given, by its place among those.
    Given(usize),
    /// One that follows from the facts, by its place among those.
    Derived(usize),
}

/// What is known of one visit and place.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The rows that follow from the facts, in order of time.
    pub rows: Vec<Derived>,
    /// Admissions among the given rows that did not happen, and the times that their cancellations name.
    pub cancelled: Vec<(usize, Instant)>,
}

/// What follows from the facts of one visit and place, of which none repeats another. Neither their order nor that of the
/// given rows matters, but that of equal ones among these.
pub fn history(given: &[Given<'_>], facts: &[Fact]) -> History {
    let mut history = History::default();
    let mut line = in_order_of_time(given, facts);
    let mut last: Option<(Before, Option<&str>)> = None;
    for entry in &mut line {
        match entry.what {
            What::Given(index) => last = Some((Before::Given(index), given[index].service)),
            What::Fact(fact) => {
                let before = last.map(|(before, _)| before);
                let Some(kind) = fact.kind.row() else { continue };
                let differs = last.is_some_and(|(_, service)| service != fact.service.as_deref());
                if kind == RowKind::Change && !differs {
                    continue;
                }
                let row = Before::Derived(history.rows.len());
                entry.row = Some(row);
                last = Some((row, fact.service.as_deref()));
                history.rows.push(Derived {
                    kind,
                    at: fact.at,
                    service: fact.service.clone(),
                    before,
                    cancelled_at: None,
                });
            }
        }
    }
    cancel(&mut history, given, &line, facts);
    history
}

/// A row that is given or may follow.
struct Entry<'f> {
    at: Instant,
    what: What<'f>,
    row: Option<Before>,
}

enum What<'f> {
    Given(usize),
    Fact(&'f Fact),
}

/// Of one instant: what was given, then admissions, then updates.
fn in_order_of_time<'f>(given: &[Given<'_>], facts: &'f [Fact]) -> Vec<Entry<'f>> {
    let mut order: Vec<usize> = (0..given.len()).collect();
    order.sort_by_key(|&index| (given[index].at, given[index].event_type));
    let given = order.into_iter().map(|index| Entry {
        at: given[index].at,
        what: What::Given(index),
        row: Some(Before::Given(index)),
    });
    let mut told: Vec<&Fact> = facts.iter().filter(|fact| fact.kind.row().is_some()).collect();
    told.sort_by_key(|fact| (fact.at, fact.kind));
    let told = told.into_iter().map(|fact| Entry { at: fact.at, what: What::Fact(fact), row: None });
    let mut line: Vec<Entry<'_>> = given.chain(told).collect();
    // Stable, so given rows stay before facts.
    line.sort_by_key(|entry| entry.at);
    line
}

/// Marks the admissions that did not happen.
fn cancel(history: &mut History, given: &[Given<'_>], line: &[Entry<'_>], facts: &[Fact]) {
    let mut times: Vec<Instant> =
        facts.iter().filter(|fact| fact.kind == FactKind::CancelAdmission).map(|fact| fact.at).collect();
    times.sort_unstable();
    for time in times {
        let before = line.iter().take_while(|entry| entry.at <= time).filter_map(|entry| entry.row).last();
        match before {
            Some(Before::Derived(row)) => {
                let row = &mut history.rows[row];
                if row.kind == RowKind::Admission && row.cancelled_at.is_none() {
                    row.cancelled_at = Some(time);
                }
            }
            Some(Before::Given(row)) => {
                let again = history.cancelled.iter().any(|(cancelled, _)| *cancelled == row);
                if given[row].is_open_admission && !again {
                    history.cancelled.push((row, time));
                }
            }
            None => {}
        }
    }
}
