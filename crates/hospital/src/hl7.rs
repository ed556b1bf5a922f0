//! An event as HL7 text.

mod bedside;
mod conditions;
mod flowsheets;
mod imaging;
mod movements;
mod pathology;
mod requests;
mod samples;
mod segments;

use std::fmt::Result;

use self::segments::{write_evn, write_frame, write_msh};
use crate::event::{Event, What};

impl Event {
    /// The HL7 text that the hospital's systems send: segments ended by CR, mostly 1 to 5 kB. Times are those of
    /// London's clocks.
    pub fn hl7(&self) -> String {
        let mut text = String::with_capacity(4096);
        // Writing to a string cannot fail.
        let _ = write(&mut text, self);
        text.shrink_to_fit();
        text
    }
}

fn write(text: &mut String, event: &Event) -> Result {
    write_msh(text, event)?;
    if let What::Movement(movement) = &event.what {
        return movements::write(text, event, movement);
    }
    if event.has_evn() {
        write_evn(text, event)?;
    }
    write_frame(text, event)?;
    match &event.what {
        What::Movement(_) => Ok(()),
        What::Sheet(sheet) => flowsheets::write(text, event, sheet),
        What::Allergies(allergies) => conditions::write_allergies(text, allergies),
        What::Problems(problems) => conditions::write_problems(text, problems),
        What::Infection(infection) => conditions::write_infection(text, infection),
        What::Consult(request) | What::AdvanceDecision(request) => requests::write(text, event, request),
        What::Sample(sample) => samples::write(text, event, sample),
        What::BloodGas(measured) => bedside::write_blood_gas(text, measured),
        What::Glucose(measured) => bedside::write_glucose(text, measured),
        What::Grouping(grouping) => bedside::write_grouping(text, grouping),
        What::Histology(histology) => pathology::write(text, event, histology),
        What::Imaging(imaging) => imaging::write(text, event, imaging),
    }
}
