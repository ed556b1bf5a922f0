//! An HL7 message of a laboratory, and what its orders share.

use std::{cell::RefCell, collections::HashSet};

use emap_hl7::Place;
use emap_interchange::LabOrder;

use crate::{
    coding_system::CodingSystem,
    orders::{Order, OrderMessage, Orders},
    reasons::RejectReason,
    received::Received,
};

/// An HL7 message of a laboratory.
pub(super) struct LabMessage<'r, 'm, 'a> {
    pub(super) received: &'r Received<'m, 'a>,
    pub(super) orders: &'r Orders<'a>,
    pub(super) kind: OrderMessage,
    pub(super) system: CodingSystem,
    left_out: RefCell<LeftOut>,
}

/// What is wrong with results that are left out.
#[derive(Default)]
struct LeftOut {
    first: Option<RejectReason>,
    isolates: HashSet<IsolateKey>,
}

/// How an isolate is known within a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct IsolateKey {
    pub(super) order_number: String,
    pub(super) code: String,
    pub(super) sub_id: String,
}

impl<'r, 'm, 'a> LabMessage<'r, 'm, 'a> {
    pub(super) fn new(
        received: &'r Received<'m, 'a>,
        orders: &'r Orders<'a>,
        kind: OrderMessage,
        system: CodingSystem,
    ) -> Self {
        Self { received, orders, kind, system, left_out: RefCell::default() }
    }

    /// Whether the orders come with results.
    pub(super) fn has_results(&self) -> bool {
        matches!(self.kind, OrderMessage::OruR01 | OrderMessage::OruR30)
    }

    /// Leaves out a result that cannot be read.
    pub(super) fn leave_out(&self, place: Place, reason: RejectReason) {
        self.left_out.borrow_mut().first.get_or_insert_with(|| reason.clone());
        self.received.leave_out(place, reason);
    }

    /// Leaves out a result about an isolate.
    pub(super) fn leave_isolate_out(&self, key: IsolateKey, place: Place, reason: RejectReason) {
        self.left_out.borrow_mut().isolates.insert(key);
        self.leave_out(place, reason);
    }

    /// Whether something about this isolate is left out.
    pub(super) fn lacks_isolate(&self, key: &IsolateKey) -> bool {
        self.left_out.borrow().isolates.contains(key)
    }

    /// Without any result what is wrong with one is wrong with the message.
    pub(super) fn check_any_left(&self, orders: &[NumberedOrder]) -> Result<(), RejectReason> {
        match self.left_out.borrow_mut().first.take() {
            Some(reason) if orders.iter().all(|order| order.order.lab_results.is_empty()) => Err(reason),
            _ => Ok(()),
        }
    }
}

/// An order and its number in the message, from 1.
pub(super) struct NumberedOrder<'o, 'a> {
    pub(super) number: usize,
    pub(super) order: LabOrder,
    /// The segments it is read from.
    pub(super) source: &'o Order<'a>,
}
