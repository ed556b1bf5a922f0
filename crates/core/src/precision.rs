//! Brings a message's instants to the microseconds that the database keeps, so that a repeated message compares equal
//! with what was stored of it.

use chrono::SubsecRound;
use emap_interchange::Message;

const MICROSECONDS: u16 = 6;

/// Truncates every instant of the message.
pub(crate) fn to_microseconds(message: &mut Message) {
    message.each_instant(|instant| *instant = instant.trunc_subsecs(MICROSECONDS));
}
