//! The orders of a message, each with what belongs to it.
//!
//! A segment belongs to what it follows, wherever the tables of HL7 have its place: local segments, and standard ones
//! that are out of place, are passed over and separate nothing.

use emap_hl7::{Message, Segment};

use crate::{
    patients::by_patient,
    reasons::RejectReason,
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
#[derive(Clone, Copy)]
enum Owner {
    Patient,
    Order,
    Observation,
    Specimen,
}

/// A specimen, which may have observations of its own behind it; they are no results.
const SPECIMEN: &str = "SPM";

impl<'a> Orders<'a> {
    /// Groups the segments of a message.
    pub(crate) fn of(message: &Message<'a>, kind: OrderMessage) -> Self {
        let patients = message.segments_named(Pid::NAME).count();
        let mut orders =
            Self { patients, evn: None, pid: Pid::missing(), pv1: Pv1::missing(), all: Vec::new() };
        let mut owner = Owner::Patient;
        for segment in by_patient(message.segments()).next().unwrap_or_default() {
            match segment.name() {
                Pid::NAME => orders.pid = Pid::of(segment),
                Evn::NAME if orders.evn.is_none() => orders.evn = Some(Evn::of(segment)),
                Pv1::NAME if !orders.pv1.is_present() => orders.pv1 = Pv1::of(segment),
                Orc::NAME | Obr::NAME => {
                    orders.begin_or_complete(segment, kind);
                    owner = Owner::Order;
                }
                SPECIMEN if kind == OrderMessage::OruR01 => owner = Owner::Specimen,
                Obx::NAME | Nte::NAME => owner = orders.add_to(owner, segment),
                _ => {}
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
    /// its ORC, makes no further one. Results may come without ORC: there each ORC or second OBR begins anew.
    fn begin_or_complete(&mut self, segment: &Segment<'a>, kind: OrderMessage) {
        let each_has_orc = matches!(kind, OrderMessage::OrmO01 | OrderMessage::OrrO02);
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
        if let Some(order) = self.all.last_mut() {
            if is_orc {
                order.orc = Orc::of(segment);
            } else if !order.obr.is_present() {
                order.obr = Obr::of(segment);
            }
        }
    }

    /// Adds an observation or a note to its owner; returns what the next one belongs to.
    fn add_to(&mut self, owner: Owner, segment: &Segment<'a>) -> Owner {
        let Some(order) = self.all.last_mut() else { return Owner::Patient };
        match owner {
            Owner::Patient | Owner::Specimen => return owner,
            _ if segment.is(Obx::NAME) => {
                order.observations.push(Observation { obx: Obx::of(segment), notes: Vec::new() });
                return Owner::Observation;
            }
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
                'P' => "\rPID|1",
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
            parts.push(tag('C', order.orc.placer_number().place()));
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
        assert_eq!(grouped(OrderMessage::OrmO01, "PVCBBN"), ["C3 B4 N6"]);
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
        assert_eq!(grouped(OrderMessage::OruR01, "PVBXPVBX"), ["B3 X4"]);
        assert_eq!(grouped(OrderMessage::OrmO01, "PPVCB"), [""; 0]);
    }
}
