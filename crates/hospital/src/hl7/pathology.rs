//! Pathology.

use std::fmt::{Result, Write};

use super::segments::{Empty, Escaped, Stamp};
use crate::{
    event::Event,
    labs::{DOCUMENT, Histology},
};

pub(super) fn write(text: &mut String, event: &Event, histology: &Histology) -> Result {
    let Histology { number, collected, report } = histology;
    let (made, collected) = (Stamp(event.at), Stamp(*collected));
    let (control, order_status, status) =
        if report.is_some() { ("RE", "CM", "F") } else { ("SN", "IP", "I") };
    write!(text, "ORC|{control}||UH{number:08}^CoPathPlus||{order_status}||||{made}\r")?;
    write!(text, "OBR|1||UH{number:08}^CoPathPlus|H^Histopathology|||{collected}")?;
    write!(text, "{}^^Skin biopsy{}{made}||H^Histopathology|{status}\r", Empty(8), Empty(7))?;
    let Some(lines) = report else { return Ok(()) };
    for (place, line) in (1_u32..).zip(lines) {
        write!(text, "OBX|{place}|TX|UH{number:08}&rpt^^99DHT||{}||||||F\r", Escaped(line))?;
    }
    let head =
        ["Content-Type: text/plain; charset=US-ASCII; name=report.pdf", "Content-transfer-encoding: base64"];
    for (place, line) in (4_u32..).zip(head.into_iter().chain([DOCUMENT.1])) {
        write!(text, "OBX|{place}|ED||1|{line}||||||\r")?;
    }
    Ok(())
}
