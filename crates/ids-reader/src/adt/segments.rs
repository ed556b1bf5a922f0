//! Where the segments of patient and visit are found.
//!
//! A segment belongs to the patient it follows; apart from that only names matter, not the order.

use emap_hl7::{Message, Segment};

use crate::{
    orders::Orders,
    patients::by_patient,
    views::{Evn, Mrg, Pid, Pv1, Pv2},
};

/// Which of its segments a message is read from: that depends on what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A patient and a visit.
    Visit,
    /// Two patients with a visit each.
    TwoVisits,
    /// A visit that is given to another patient. It stands with the identifiers it had.
    MovedVisit,
    /// A patient with two records. A visit in the message is only one of several.
    Patient,
    /// A patient, and a visit if there is a segment for it.
    PerhapsVisit,
}

/// The segments that describe the first patient of a message and the visit. What the message does not have reads as
/// absent.
pub(super) struct Segments<'a> {
    pub(super) evn: Option<Evn<'a>>,
    pub(super) pid: Pid<'a>,
    pub(super) pv1: Pv1<'a>,
    pub(super) pv2: Pv2<'a>,
    /// The identifiers up to now, if the message changes them.
    pub(super) mrg: Mrg<'a>,
    /// Whether this kind of message speaks of a visit, even if there is no segment for it.
    pub(super) has_visit: bool,
    /// The second patient.
    pub(super) other_pid: Pid<'a>,
    pub(super) other_pv1: Pv1<'a>,
}

impl Layout {
    pub(super) fn of_trigger(trigger: &str) -> Self {
        match trigger {
            "A17" => Self::TwoVisits,
            "A40" => Self::Patient,
            "A45" => Self::MovedVisit,
            "A47" | "Z99" => Self::PerhapsVisit,
            _ => Self::Visit,
        }
    }
}

impl<'a> Segments<'a> {
    pub(super) fn find(message: &Message<'a>, layout: Layout) -> Self {
        let mut patients = by_patient(message.segments());
        let (mine, others) = (patients.next().unwrap_or_default(), patients.next().unwrap_or_default());
        let mut found = Self::first_of_each(mine);
        match layout {
            Layout::Visit => {}
            Layout::TwoVisits => found.add_other(mine, others),
            Layout::MovedVisit => {
                found.pv1 = moved_visit(mine);
                found.pv2 = Pv2::missing();
            }
            Layout::Patient => {
                (found.pv1, found.pv2) = (Pv1::missing(), Pv2::missing());
                found.has_visit = false;
            }
            Layout::PerhapsVisit => found.has_visit = found.pv1.is_present(),
        }
        found
    }

    /// Of an order or a result, which names patient and visit along the way. It is no source for the mode of arrival.
    pub(super) fn of_orders(orders: &Orders<'a>) -> Self {
        let Orders { evn, pid, pv1, .. } = orders;
        Self { evn: evn.clone(), pid: pid.clone(), pv1: pv1.clone(), ..Self::missing() }
    }

    fn missing() -> Self {
        Self {
            evn: None,
            pid: Pid::missing(),
            pv1: Pv1::missing(),
            pv2: Pv2::missing(),
            mrg: Mrg::missing(),
            has_visit: true,
            other_pid: Pid::missing(),
            other_pv1: Pv1::missing(),
        }
    }

    fn first_of_each(segments: &[Segment<'a>]) -> Self {
        let mut found = Self::missing();
        for segment in segments {
            match segment.name() {
                Pid::NAME if !found.pid.is_present() => found.pid = Pid::of(segment),
                Evn::NAME if found.evn.is_none() => found.evn = Some(Evn::of(segment)),
                Pv1::NAME if !found.pv1.is_present() => found.pv1 = Pv1::of(segment),
                Pv2::NAME if !found.pv2.is_present() => found.pv2 = Pv2::of(segment),
                Mrg::NAME if !found.mrg.is_present() => found.mrg = Mrg::of(segment),
                _ => {}
            }
        }
        found
    }

    /// Each patient has the visit that follows. Where one has two and the other none, they come in the patients'
    /// order.
    fn add_other(&mut self, mine: &[Segment<'a>], others: &[Segment<'a>]) {
        let (mut my_visits, mut other_visits) = (visits(mine), visits(others));
        let (my_visit, other_visit) = match (my_visits.next(), other_visits.next()) {
            (Some(first), None) => (Some(first), my_visits.next()),
            (None, Some(first)) => match other_visits.next() {
                Some(second) => (Some(first), Some(second)),
                None => (None, Some(first)),
            },
            each => each,
        };
        self.pv1 = my_visit.unwrap_or_else(Pv1::missing);
        self.other_pv1 = other_visit.unwrap_or_else(Pv1::missing);
        self.other_pid = others.first().map_or_else(Pid::missing, Pid::of);
    }
}

fn visits<'a>(segments: &[Segment<'a>]) -> impl Iterator<Item = Pv1<'a>> {
    segments.iter().filter(|segment| segment.is(Pv1::NAME)).map(Pv1::of)
}

/// The visit that follows the first identifiers; failing that, one before them.
fn moved_visit<'a>(segments: &[Segment<'a>]) -> Pv1<'a> {
    let is_mrg = |segment: &Segment| segment.is(Mrg::NAME);
    let (before, after) = segments.split_at(segments.iter().position(is_mrg).unwrap_or(segments.len()));
    let end = after.iter().skip(1).position(is_mrg).map_or(after.len(), |position| position + 1);
    visits(&after[..end]).chain(visits(before)).next().unwrap_or_else(Pv1::missing)
}
