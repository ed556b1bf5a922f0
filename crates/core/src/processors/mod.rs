//! One module per family of messages: it resolves patient and visit, and calls the controllers.

pub(crate) mod adt;
pub(crate) mod advance_decisions;
pub(crate) mod conditions;
pub(crate) mod consults;
pub(crate) mod flowsheets;
pub(crate) mod forms;
pub(crate) mod identity;
pub(crate) mod labs;
pub(crate) mod move_visit;
mod patient;
pub(crate) mod pending_adt;
pub(crate) mod places;
pub(crate) mod research_opt_out;
pub(crate) mod swap_locations;

use emap_interchange::Adt;
use emap_star::Instant;

use crate::outcome::ProcessingError;

/// Hospital time of a patient message.
fn message_time(message: &Adt) -> Result<Instant, ProcessingError> {
    message
        .valid_from()
        .ok_or(ProcessingError::Invalid("the message has neither an event time nor a recorded time"))
}
