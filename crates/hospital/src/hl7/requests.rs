//! Consult requests and advance decisions.

use std::fmt::{Result, Write};

use super::segments::{Empty, Stamp};
use crate::{event::Event, requests::Request};

pub(super) fn write(text: &mut String, event: &Event, request: &Request) -> Result {
    let Request { number, is_called_off, name, code, questions, scheduled } = request;
    let control = if *is_called_off { "OC" } else { "NW" };
    let (changed, scheduled) = (Stamp(event.at), Stamp(*scheduled));
    write!(text, "ORC|{control}|{number}^EPC|||||^^^{scheduled}^^R||{changed}|4412^OKONEDO^PIERS\r")?;
    // OBR-7 to OBR-35 and OBR-37 to OBR-43 are empty.
    write!(text, "OBR|1|{number}^EPC||^^^^{name}||{changed}{}{scheduled}{}{code}\r", Empty(30), Empty(8))?;
    let mut notes = (1_u32..).zip(*questions);
    notes.try_for_each(|(note, (question, answer))| write!(text, "NTE|{note}||{question}->{answer}\r"))
}
