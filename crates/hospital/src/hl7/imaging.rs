//! Imaging.

use std::fmt::{Result, Write};

use super::segments::{Empty, Stamp};
use crate::{
    event::Event,
    labs::{IMAGING_QUESTIONS, Imaging},
};

pub(super) fn write(text: &mut String, event: &Event, imaging: &Imaging) -> Result {
    let Imaging { number, examined, code, name, narrative, impression } = imaging;
    let (made, examined) = (Stamp(event.at), Stamp(*examined));
    write!(text, "ORC|RE|{number}^EPC|RAD{number:08}||F||||{made}\r")?;
    write!(text, "OBR|1|{number}^EPC|RAD{number:08}|{code}^{name}^PACS^^{name}||{examined}")?;
    // OBR-7 to OBR-21 are empty.
    write!(text, "{}{made}||DX|F\r", Empty(16))?;
    for (note, (question, answer)) in (1_u32..).zip(IMAGING_QUESTIONS) {
        write!(text, "NTE|{note}||{question}={answer}\r")?;
    }
    let parts = narrative.iter().map(|line| ("GDT", line)).chain([("IMP", impression)]);
    for (line, (part, words)) in (1_u32..).zip(parts) {
        write!(text, "OBX|{line}|ST|&{part}|{line}|{words}||||||F\r")?;
    }
    Ok(())
}
