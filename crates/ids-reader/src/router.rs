//! Which rules apply to a message: by message type, trigger and sender.

use emap_interchange::Message;

use crate::{
    adt, advance_decisions,
    coding_system::{self, OrderFamily},
    conditions::{self, SentInfections},
    consults, flowsheets, labs,
    orders::{OrderMessage, Orders},
    reasons::{Failure, SkipReason},
    received::Received,
};

/// The only system whose ADT messages are read.
const ADT_SENDER: &str = "EPIC";

/// All messages that an HL7 message gives, in the order of publication.
pub(crate) fn route(
    received: &Received,
    sent_infections: &mut SentInfections,
) -> Result<Vec<Message>, Failure> {
    let (message_type, trigger) = (received.msh.message_type(), received.msh.trigger());
    match (message_type.as_text().unwrap_or_default(), trigger.as_text().unwrap_or_default()) {
        ("ADT", _) if !received.msh.sending_application().is(ADT_SENDER) => Err(SkipReason::Sender.into()),
        ("ADT", "A05") => {
            let mut messages = vec![adt::implied(received)?];
            messages.extend(conditions::infections(received, sent_infections)?);
            Ok(messages)
        }
        ("ADT", "A60") => Ok(conditions::allergies(received)?),
        ("ADT", trigger) => Ok(vec![adt::event(received, trigger)?]),
        ("PPR", "PC1" | "PC2" | "PC3") => Ok(conditions::problems(received)?),
        ("ORM", "O01") => order_or_result(received, OrderMessage::OrmO01),
        ("ORR", "O02") => order_or_result(received, OrderMessage::OrrO02),
        ("ORU", "R01") => order_or_result(received, OrderMessage::OruR01),
        ("ORU", "R30") => order_or_result(received, OrderMessage::OruR30),
        _ => Err(SkipReason::UnknownType.into()),
    }
}

/// The patient and visit that an order or result implies, then the orders or results themselves.
///
/// Patient and visit are sent if they can be read; if not, the orders and results still are. The other way
/// round, an order or result that cannot be read leaves nothing of its message.
fn order_or_result(received: &Received, kind: OrderMessage) -> Result<Vec<Message>, Failure> {
    let orders = Orders::of(received.message, kind);
    let (system, family) = coding_system::decide(received, kind, &orders.first_request())?;
    let messages = match family {
        OrderFamily::Consults => vec![consults::consult(received, &orders)?],
        OrderFamily::AdvanceDecisions => vec![advance_decisions::advance_decision(received, &orders)?],
        OrderFamily::Flowsheets => flowsheets::flowsheets(received, &orders)?,
        OrderFamily::Labs => labs::lab_orders(received, &orders, kind, system)?,
    };
    match kind {
        OrderMessage::OrrO02 | OrderMessage::OruR30 => Ok(messages),
        OrderMessage::OrmO01 | OrderMessage::OruR01 => match adt::implied_by_orders(received, &orders) {
            Ok(implied) => Ok(std::iter::once(implied).chain(messages).collect()),
            Err(reason) if messages.is_empty() => Err(SkipReason::NoImpliedAdt(reason).into()),
            Err(reason) => {
                tracing::debug!(id = received.source_id, %reason, "no readable patient and visit");
                Ok(messages)
            }
        },
    }
}
