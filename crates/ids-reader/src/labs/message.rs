//! An HL7 message of a laboratory, and what its orders share.

use emap_interchange::LabOrder;

use crate::{
    coding_system::CodingSystem,
    orders::{OrderMessage, Orders},
    received::Received,
};

/// An HL7 message of a laboratory.
pub(super) struct LabMessage<'r, 'm, 'a> {
    pub(super) received: &'r Received<'m, 'a>,
    pub(super) orders: &'r Orders<'a>,
    pub(super) kind: OrderMessage,
    pub(super) system: CodingSystem,
}

impl LabMessage<'_, '_, '_> {
    /// Whether the orders come with results.
    pub(super) fn has_results(&self) -> bool {
        matches!(self.kind, OrderMessage::OruR01 | OrderMessage::OruR30)
    }
}

/// An order and its number in the message, from 1.
pub(super) struct NumberedOrder {
    pub(super) number: usize,
    pub(super) order: LabOrder,
}
