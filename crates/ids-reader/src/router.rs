//! Which rules apply to a message: by message type, trigger and sender.

use emap_interchange::Message;

use crate::adt;
use crate::coding_system::{self, Family, OrderMessage};
use crate::convert::{Failure, Received, SkipReason};

/// The only system whose ADT messages are read.
const ADT_SENDER: &str = "EPIC";

/// All messages that an HL7 message gives, in the order of publication.
pub(crate) fn route(received: &Received) -> Result<Vec<Message>, Failure> {
    let (message_type, trigger) = (received.msh.message_type(), received.msh.trigger());
    match (message_type.as_text().unwrap_or_default(), trigger.as_text().unwrap_or_default()) {
        ("ADT", _) if !received.msh.sending_application().is(ADT_SENDER) => Err(SkipReason::Sender.into()),
        ("ADT", "A60") | ("PPR", "PC1" | "PC2" | "PC3") => Err(SkipReason::Family(Family::Conditions).into()),
        ("ADT", "A05") => Ok(vec![adt::implied(received)?]),
        ("ADT", trigger) => Ok(vec![adt::event(received, trigger)?]),
        ("ORM", "O01") => order_or_result(received, OrderMessage::OrmO01),
        ("ORR", "O02") => order_or_result(received, OrderMessage::OrrO02),
        ("ORU", "R01") => order_or_result(received, OrderMessage::OruR01),
        ("ORU", "R30") => order_or_result(received, OrderMessage::OruR30),
        _ => Err(SkipReason::UnknownType.into()),
    }
}

/// The patient and visit that an order or result implies, then the orders or results themselves.
///
/// Patient and visit are told if they can be read; if not, the orders and results still are. The other way
/// round, an order or result that cannot be read leaves nothing of its message.
fn order_or_result(received: &Received, kind: OrderMessage) -> Result<Vec<Message>, Failure> {
    let family = coding_system::family(received, kind)?;
    match kind {
        OrderMessage::OrrO02 | OrderMessage::OruR30 => Err(SkipReason::Family(family).into()),
        OrderMessage::OrmO01 | OrderMessage::OruR01 => match adt::implied(received) {
            Ok(implied) => Ok(vec![implied]),
            Err(reason) => Err(SkipReason::NoImpliedAdt(reason).into()),
        },
    }
}
