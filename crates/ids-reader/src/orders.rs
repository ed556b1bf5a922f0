//! The orders of a message, each with what belongs to it.
//!
//! A segment belongs to what it follows, wherever the tables of HL7 have its place: local segments, and standard ones
//! that are out of place, are passed over and separate nothing. What belongs to a segment that is not read is not read
//! either; it is never added to what came before.

use emap_hl7::{Fields, Message, Segment};

use crate::{
    patients::by_patient,
    reasons::RejectReason,
    segments::is_looked_through,
    views::{Evn, Nte, Obr, Obx, Orc, Pid, Pv1},
};

/// The message types that carry orders or results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderMessage {
    /// ORM^O01, an order.
    OrmO01,
    /// ORR^O02, the answer to an order.
    OrrO02,
    /// ORU^R01, a result.
    OruR01,
    /// ORU^R30, a point-of-care result without an order.
    OruR30,
}

impl OrderMessage {
    /// Whether an order is what an ORC is about.
    fn has_orc_for_each_order(self) -> bool {
        matches!(self, Self::OrmO01 | Self::OrrO02)
    }
}

/// The first patient of a message with the visit and the orders. What a second patient brings is not read: it would
/// be taken for the first one's.
pub(crate) struct Orders<'a> {
    /// How many patients the message is about.
    pub(crate) patients: usize,
    pub(crate) evn: Option<Evn<'a>>,
    pub(crate) pid: Pid<'a>,
    pub(crate) pv1: Pv1<'a>,
    /// In the order of the message.
    pub(crate) all: Vec<Order<'a>>,
}

/// An order, or the results that answer one.
pub(crate) struct Order<'a> {
    pub(crate) orc: Orc<'a>,
    pub(crate) obr: Obr<'a>,
    /// Notes about the order as a whole.
    pub(crate) notes: Vec<Nte<'a>>,
    pub(crate) observations: Vec<Observation<'a>>,
}

/// One observed value.
pub(crate) struct Observation<'a> {
    pub(crate) obx: Obx<'a>,
    /// Notes about this value.
    pub(crate) notes: Vec<Nte<'a>>,
}

/// What the next note or observation belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Patient,
    Order,
    Observation,
    Specimen,
    /// A segment that is not read. Observations after it belong to the order all the same.
    Unread,
    /// An order or specimen that is not read, with its observations.
    UnreadOrder,
}

/// A specimen, which may have observations of its own behind it; they are no results.
const SPECIMEN: &str = "SPM";
/// Kinds of segments that have observations, and what may stand in the place of a request.
const WITH_OBSERVATIONS: [&str; 8] = [Orc::NAME, Obr::NAME, SPECIMEN, "ODS", "ODT", "RQ1", "RQD", "RXO"];

impl<'a> Orders<'a> {
    /// Groups the segments of a message.
    pub(crate) fn of(message: &Message<'a>, kind: OrderMessage) -> Self {
        let mut patients = by_patient(message.segments());
        let mine = patients.next().unwrap_or_default();
        let mut orders = Self {
            patients: 1 + patients.count(),
            evn: None,
            pid: Pid::missing(),
            pv1: Pv1::missing(),
            all: Vec::new(),
        };
        let mut owner = Owner::Patient;
        for segment in mine {
            match segment.name() {
                Pid::NAME if !orders.pid.is_present() => orders.pid = Pid::of(segment),
                Evn::NAME if orders.evn.is_none() => orders.evn = Some(Evn::of(segment)),
                Pv1::NAME if !orders.pv1.is_present() => orders.pv1 = Pv1::of(segment),
                Orc::NAME | Obr::NAME => owner = orders.begin_or_complete(segment, kind),
                SPECIMEN if kind == OrderMessage::OruR01 => owner = Owner::Specimen,
                Obx::NAME | Nte::NAME => owner = orders.add_to(owner, segment),
                name if is_looked_through(name) => {}
                name => owner = unread(name, owner),
            }
        }
        orders
    }

    /// The first request of the message; missing if it has none.
    pub(crate) fn first_request(&self) -> Obr<'a> {
        let mut requests = self.all.iter().map(|order| &order.obr);
        requests.find(|obr| obr.is_present()).map_or_else(Obr::missing, Obr::clone)
    }

    /// The order of a message that is about one only.
    pub(crate) fn only(&self) -> Result<&Order<'a>, RejectReason> {
        let order = self.single()?;
        if order.orc.is_present() { Ok(order) } else { Err(RejectReason::Missing(Orc::NAME)) }
    }

    /// As [`Self::only`], with or without a segment for the order itself.
    pub(crate) fn single(&self) -> Result<&Order<'a>, RejectReason> {
        match &*self.all {
            [order] => Ok(order),
            [] => Err(RejectReason::Missing(Obr::NAME)),
            several => Err(RejectReason::SeveralOrders(several.len())),
        }
    }

    /// An order has an ORC and an OBR. In messages about orders each ORC is one, so an OBR more or less, or before
    /// its ORC, makes no further one: it is passed over with its notes. Results may come without ORC: there each ORC or
    /// second OBR begins anew.
    fn begin_or_complete(&mut self, segment: &Segment<'a>, kind: OrderMessage) -> Owner {
        if self.repeats(segment, kind) {
            return Owner::Order;
        }
        let each_has_orc = kind.has_orc_for_each_order();
        let is_orc = segment.is(Orc::NAME);
        let begins = self.all.last().is_none_or(|order| match (is_orc, each_has_orc) {
            (true, true) => order.orc.is_present(),
            (true, false) => true,
            (false, true) => false,
            (false, false) => order.obr.is_present(),
        });
        if begins {
            self.all.push(Order::empty());
        }
        match self.all.last_mut() {
            Some(order) if is_orc => order.orc = Orc::of(segment),
            Some(order) if !order.obr.is_present() => order.obr = Obr::of(segment),
            _ => return Owner::UnreadOrder,
        }
        Owner::Order
    }

    /// Whether a segment only says again what the order says already: the OBR of an order a second time; in messages
    /// about one order, ORC or OBR, and an empty one too.
    fn repeats(&self, segment: &Segment<'a>, kind: OrderMessage) -> bool {
        let Some(order) = self.all.last().filter(|_| kind != OrderMessage::OruR01) else { return false };
        let is_orc = segment.is(Orc::NAME);
        let known = if is_orc { order.orc.fields() } else { order.obr.fields() };
        // The first field of an OBR is its number among its like.
        let content = |fields: &Fields<'a>| fields.content_from(if is_orc { 1 } else { 2 });
        let found = content(&segment.fields());
        let is_equal = known.is_present() && found == content(known);
        let is_empty = (is_orc || known.is_present()) && found.is_empty();
        match kind {
            OrderMessage::OruR30 => is_equal || is_empty,
            OrderMessage::OrmO01 | OrderMessage::OrrO02 => is_equal && !is_orc,
            OrderMessage::OruR01 => false,
        }
    }

    /// Adds an observation or a note to its owner; returns what the next one belongs to.
    fn add_to(&mut self, owner: Owner, segment: &Segment<'a>) -> Owner {
        let Some(order) = self.all.last_mut() else { return Owner::Patient };
        match owner {
            Owner::Patient | Owner::Specimen | Owner::UnreadOrder => return owner,
            _ if segment.is(Obx::NAME) => {
                order.observations.push(Observation { obx: Obx::of(segment), notes: Vec::new() });
                return Owner::Observation;
            }
            Owner::Unread => {}
            Owner::Order => order.notes.push(Nte::of(segment)),
            Owner::Observation => {
                if let Some(observation) = order.observations.last_mut() {
                    observation.notes.push(Nte::of(segment));
                }
            }
        }
        owner
    }
}

/// What follows a segment that is not read, such as one whose name is written in another case.
fn unread(name: &str, owner: Owner) -> Owner {
    let has_observations = WITH_OBSERVATIONS.iter().any(|known| known.eq_ignore_ascii_case(name));
    match owner {
        Owner::Patient | Owner::Specimen | Owner::UnreadOrder => owner,
        _ if has_observations => Owner::UnreadOrder,
        _ => Owner::Unread,
    }
}

impl Order<'_> {
    fn empty() -> Self {
        Self { orc: Orc::missing(), obr: Obr::missing(), notes: Vec::new(), observations: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use emap_hl7::Place;

    use super::*;

    /// The orders of a message with segments of these kinds, numbered from 1: `C1 B2 N3 X4(N5)`.
    fn grouped(kind: OrderMessage, segments: &str) -> Vec<String> {
        let mut text = "MSH|^~\\&|A".to_owned();
        for short in segments.chars() {
            text += match short {
                'P' => "\rPID|1||7",
                'Q' => "\rPID|1||8",
                'b' => "\robr|1",
                'x' => "\robx|1",
                'U' => "\rXYZ|1",
                'E' => "\rOBR|1||other",
                'V' => "\rPV1|1",
                'C' => "\rORC|NW",
                'B' => "\rOBR|1",
                'N' => "\rNTE|1",
                'X' => "\rOBX|1",
                'S' => "\rSPM|1",
                'D' => "\rDG1|1",
                _ => "\rZZZ|1",
            };
        }
        let message = Message::parse(&text).unwrap();
        Orders::of(&message, kind).all.iter().map(described).collect()
    }

    fn described(order: &Order) -> String {
        let tag = |short: char, place: Place| format!("{short}{}", place.ordinal - 1);
        let notes = |notes: &[Nte]| notes.iter().map(|nte| tag('N', nte.lines_place())).collect::<Vec<_>>();
        let mut parts = Vec::new();
        if order.orc.is_present() {
            parts.push(tag('C', order.orc.placer_number_place()));
        }
        if order.obr.is_present() {
            parts.push(tag('B', order.obr.scheduled_at().place()));
        }
        parts.extend(notes(&order.notes));
        for observation in &order.observations {
            let own = notes(&observation.notes).join(" ");
            let own = if own.is_empty() { own } else { format!("({own})") };
            parts.push(tag('X', observation.obx.value().place()) + &own);
        }
        parts.join(" ")
    }

    #[test]
    fn in_standard_places() {
        assert_eq!(grouped(OrderMessage::OrmO01, "NPNVCBNNDXN"), ["C5 B6 N7 N8 X10(N11)"]);
        assert_eq!(grouped(OrderMessage::OrrO02, "PCBNCB"), ["C2 B3 N4", "C5 B6"]);
        assert_eq!(grouped(OrderMessage::OruR01, "PVCBNXNNXBXN"), ["C3 B4 N5 X6(N7 N8) X9", "B10 X11(N12)"]);
        assert_eq!(grouped(OrderMessage::OruR30, "PVCBNXXN"), ["C3 B4 N5 X6 X7(N8)"]);
        assert_eq!(grouped(OrderMessage::OruR01, "PV"), [""; 0]);
    }

    #[test]
    fn what_is_out_of_place_separates_nothing() {
        for kind in [OrderMessage::OrmO01, OrderMessage::OruR01] {
            assert_eq!(grouped(kind, "PZVZCZBZNZNZXZNZXZ"), ["C5 B7 N9 N11 X13(N15) X17"], "{kind:?}");
            assert_eq!(grouped(kind, "PVNZCBX"), ["C5 B6 X7"], "{kind:?}");
            assert_eq!(grouped(kind, "PVXCBNDNXDX"), ["C4 B5 N6 N8 X9 X11"], "{kind:?}");
            assert_eq!(grouped(kind, "PVCNBX"), ["C3 B5 N4 X6"], "{kind:?}");
            assert_eq!(grouped(kind, "VPCBXN"), ["C3 B4 X5(N6)"], "{kind:?}");
            assert_eq!(grouped(kind, "CBX"), ["C1 B2 X3"], "{kind:?}");
            assert_eq!(grouped(kind, "PVCXBX"), ["C3 B5 X4 X6"], "{kind:?}");
        }
    }

    #[test]
    fn messages_about_orders_have_one_per_orc() {
        assert_eq!(grouped(OrderMessage::OrmO01, "PVCCB"), ["C3", "C4 B5"]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PVCBNEN"), ["C3 B4 N5"]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PVBCN"), ["C4 B3 N5"]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PVB"), ["B3"]);
    }

    #[test]
    fn results_begin_anew_with_each_orc_and_second_obr() {
        assert_eq!(grouped(OrderMessage::OruR01, "PVCCBX"), ["C3", "C4 B5 X6"]);
        assert_eq!(grouped(OrderMessage::OruR01, "PVBXBXCBX"), ["B3 X4", "B5 X6", "C7 B8 X9"]);
    }

    #[test]
    fn observations_of_a_specimen_are_no_results() {
        assert_eq!(grouped(OrderMessage::OruR01, "PVBXSXNBX"), ["B3 X4", "B8 X9"]);
    }

    #[test]
    fn a_second_patient_is_left_alone() {
        assert_eq!(grouped(OrderMessage::OruR01, "PVBXQVBX"), ["B3 X4"]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PQVCB"), [""; 0]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PPVCB"), ["C4 B5"]);
        assert_eq!(grouped(OrderMessage::OruR01, "PVBXPNX"), ["B3 X4(N6) X7"]);
    }

    #[test]
    fn what_belongs_to_a_segment_that_is_not_read_is_not_read() {
        for kind in [OrderMessage::OrmO01, OrderMessage::OruR01, OrderMessage::OruR30] {
            assert_eq!(grouped(kind, "PVCBNXNUNXN"), ["C3 B4 N5 X6(N7) X10(N11)"], "{kind:?}");
            assert_eq!(grouped(kind, "PVCBNUNXN"), ["C3 B4 N5 X8(N9)"], "{kind:?}");
            assert_eq!(grouped(kind, "PVCBXxNXN"), ["C3 B4 X5 X8(N9)"], "{kind:?}");
            assert_eq!(grouped(kind, "PVCBXbNXNZX"), ["C3 B4 X5"], "{kind:?}");
        }
        assert_eq!(grouped(OrderMessage::OruR01, "PVCBXbNXBX"), ["C3 B4 X5", "B9 X10"]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PVCBNEXNCBN"), ["C3 B4 N5", "C9 B10 N11"]);
    }

    #[test]
    fn a_request_that_comes_again_is_the_same() {
        assert_eq!(grouped(OrderMessage::OrmO01, "PVCBNBN"), ["C3 B4 N5 N7"]);
        assert_eq!(grouped(OrderMessage::OruR30, "PVCBCBX"), ["C3 B4 X7"]);
        assert_eq!(grouped(OrderMessage::OruR30, "PVCEBX"), ["C3 B4 X6"], "an empty one");
        assert_eq!(grouped(OrderMessage::OruR30, "PVCEEX"), ["C3 B4 X6"]);
        assert_eq!(grouped(OrderMessage::OruR30, "PVBEX"), ["B3", "B4 X5"], "another one");
        assert_eq!(grouped(OrderMessage::OruR01, "PVCBBX"), ["C3 B4", "B5 X6"]);
    }
}
