//! Laboratory and imaging: orders and results, one message for each order.
//!
//! What systems have in common stands in [`order`], [`result`] and [`value`]; what is particular to a system, in a
//! module of its own. A new system is such a module, a row of [`LABS`] and the marks it is known by
//! ([`crate::coding_system`]).

mod abl90;
mod bank_manager;
mod bio_connect;
mod co_path;
mod imaging;
mod message;
mod order;
mod result;
mod value;
mod win_path;

use emap_interchange::{LabOrder, Message};

use self::message::{LabMessage, NumberedOrder};
use crate::{
    coding_system::CodingSystem,
    orders::{Order, OrderMessage, Orders},
    reasons::{Failure, SkipReason},
    received::Received,
};

/// How the messages of one system are read.
struct Lab {
    system: CodingSystem,
    /// Control codes (ORC-1) of the orders that are passed on; `None`: all are, it is not looked at.
    controls: Option<&'static [&'static str]>,
    /// Whether a message may hold several orders, which then are numbered.
    numbered: bool,
    /// Reads one order with what belongs to it.
    read: fn(&LabMessage, &Order) -> Result<LabOrder, Failure>,
    /// Puts the orders of a message together that belong together.
    combine: Option<Combine>,
}

type Combine =
    for<'o, 'a> fn(&LabMessage, Vec<NumberedOrder<'o, 'a>>) -> Result<Vec<NumberedOrder<'o, 'a>>, Failure>;

/// What an order becomes in its life: entered, changed, cancelled, with results.
const LIFE_OF_AN_ORDER: &[&str] = &["RE", "NW", "SC", "SN", "NA", "CA", "CR", "OC"];

/// The laboratories, a row each.
const LABS: &[Lab] = &[
    Lab {
        system: CodingSystem::WinPath,
        controls: Some(LIFE_OF_AN_ORDER),
        numbered: true,
        read: win_path::order,
        combine: Some(win_path::combine),
    },
    Lab {
        system: CodingSystem::CoPath,
        controls: Some(LIFE_OF_AN_ORDER),
        numbered: true,
        read: co_path::order,
        combine: None,
    },
    Lab {
        system: CodingSystem::Pacs,
        controls: Some(&["RE"]),
        numbered: true,
        read: imaging::order,
        combine: None,
    },
    Lab {
        system: CodingSystem::Abl90FlexPlus,
        controls: None,
        numbered: false,
        read: abl90::order,
        combine: None,
    },
    Lab {
        system: CodingSystem::BioConnect,
        controls: Some(&["NW"]),
        numbered: false,
        read: bio_connect::order,
        combine: None,
    },
    Lab {
        system: CodingSystem::BankManager,
        controls: Some(&["SC", "RE", "OC"]),
        numbered: false,
        read: bank_manager::order,
        combine: None,
    },
];

/// The orders of a message, in its order. Those with a control code that is not read are left out; anything wrong with
/// one of them is wrong with the message.
pub(crate) fn lab_orders(
    received: &Received,
    orders: &Orders,
    kind: OrderMessage,
    system: CodingSystem,
) -> Result<Vec<Message>, Failure> {
    let Some(lab) = LABS.iter().find(|lab| lab.system == system) else {
        return Err(SkipReason::CodingSystem(system).into());
    };
    lab.check_extent(orders)?;
    let message = LabMessage::new(received, orders, kind, system);
    let mut read = Vec::with_capacity(orders.all.len());
    for (number, order) in (1..).zip(&orders.all) {
        let lab_order = (lab.read)(&message, order)?;
        if lab.passes_on(received, order) {
            read.push(NumberedOrder { number, order: lab_order, source: order });
        }
    }
    message.check_any_left(&read)?;
    // Orders without results only note what they follow from.
    if let Some(combine) = lab.combine.filter(|_| message.has_results()) {
        read = combine(&message, read)?;
    }
    let messages = read.into_iter().map(|NumberedOrder { number, order, .. }| {
        received.message_with_id(lab.message_id(received.source_id, number), order)
    });
    Ok(messages.collect())
}

impl Lab {
    /// Results of several patients in one message are not read; of point-of-care devices and the blood bank, those of
    /// the first patient are.
    fn check_extent(&self, orders: &Orders) -> Result<(), Failure> {
        if self.numbered {
            if orders.patients > 1 { Err(SkipReason::SeveralPatients.into()) } else { Ok(()) }
        } else {
            orders.single().map(drop).map_err(Failure::from)
        }
    }

    fn passes_on(&self, received: &Received, order: &Order) -> bool {
        let Some(controls) = self.controls else { return true };
        let control = order.orc.control();
        let known = control.as_text().is_some_and(|control| controls.contains(&control));
        if !known {
            let place = order.orc.control_place();
            tracing::warn!(id = received.source_id, %place, "order left out: its control code is not read");
        }
        known
    }

    fn message_id(&self, source_id: &str, number: usize) -> String {
        if self.numbered { format!("{source_id}_{number:02}") } else { source_id.to_owned() }
    }
}
