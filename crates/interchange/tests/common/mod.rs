//! Arbitrary messages of every class, for property tests.

mod adt;
mod condition;
mod form;
mod lab;
mod observation;
mod patient;
mod place;
mod record;
mod value;

use emap_interchange::{Message, Payload};
use proptest::prelude::*;

/// A message of any class, each as likely as the others of its family.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let payload = prop_oneof![
        4 => adt::adt().prop_map(Payload::from),
        2 => condition::condition().prop_map(Payload::from),
        2 => lab::order().prop_map(Payload::from),
        1 => lab::metadata().prop_map(Payload::from),
        1 => observation::flowsheet().prop_map(Payload::from),
        1 => observation::flowsheet_metadata().prop_map(Payload::from),
        1 => observation::waveform().prop_map(Payload::from),
        1 => observation::waveform_high_freq().prop_map(Payload::from),
        1 => observation::waveform_low_freq().prop_map(Payload::from),
        1 => patient::consult_request().prop_map(Payload::from),
        1 => patient::consult_metadata().prop_map(Payload::from),
        1 => patient::advance_decision().prop_map(Payload::from),
        1 => patient::research_opt_out().prop_map(Payload::from),
        1 => place::location().prop_map(Payload::from),
        1 => place::department().prop_map(Payload::from),
        1 => form::form().prop_map(Payload::from),
        1 => form::metadata().prop_map(Payload::from),
        1 => form::question_metadata().prop_map(Payload::from),
    ];
    (value::maybe_text(), value::maybe_text(), payload).prop_map(
        |(source_message_id, source_system, payload)| Message { source_message_id, source_system, payload },
    )
}
