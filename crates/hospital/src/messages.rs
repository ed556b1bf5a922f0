//! An event as interchange messages: what a reader makes of its HL7 text.

mod bedside;
mod conditions;
mod flowsheets;
mod imaging;
mod orders;
mod pathology;
mod patients;
mod requests;
mod samples;

use emap_interchange::{Message, Payload};

use crate::event::{Event, What};

/// Of messages that do not say who sends them.
const NO_SENDER: &str = "Not in Message";

impl Event {
    /// The interchange messages that say what the HL7 text says, in the same order; with ids of the hospital.
    pub fn messages(&self) -> Vec<Message> {
        let mut payloads = Vec::new();
        if let What::Movement(movement) = &self.what {
            payloads.push(patients::moved(self, movement));
        } else if self.implies_patient() {
            payloads.push(patients::implied(self));
        }
        payloads.extend(self.of_family());
        let sender = if self.sender().is_empty() { NO_SENDER } else { self.sender() };
        let message = |(number, payload): (u32, Payload)| Message {
            source_message_id: Some(format!("{:010}_{number:02}", self.number)),
            source_system: Some(sender.to_owned()),
            payload,
        };
        (1..).zip(payloads).map(message).collect()
    }

    fn of_family(&self) -> Vec<Payload> {
        match &self.what {
            What::Movement(_) => Vec::new(),
            What::Sheet(sheet) => flowsheets::values(self, sheet),
            What::Allergies(allergies) => conditions::allergies(self, allergies),
            What::Problems(problems) => conditions::problems(self, problems),
            What::Infection(infection) => vec![conditions::infection(self, infection)],
            What::Consult(request) => vec![requests::consult(self, request)],
            What::AdvanceDecision(request) => vec![requests::advance_decision(self, request)],
            What::Sample(sample) => samples::orders(self, sample),
            What::BloodGas(measured) => vec![bedside::blood_gas(self, measured)],
            What::Glucose(measured) => vec![bedside::glucose(self, measured)],
            What::Grouping(grouping) => vec![bedside::grouping(self, grouping)],
            What::Histology(histology) => vec![pathology::report(self, histology)],
            What::Imaging(imaging) => vec![imaging::report(self, imaging)],
        }
    }
}
