//! One event in the hospital: who, what and when. Its HL7 text and its interchange messages say the same.

use emap_interchange::Instant;

use crate::{
    conditions::{Allergy, Infection, Problem},
    flowsheets::Sheet,
    labs::{BloodGas, Glucose, Grouping, Histology, Imaging, SampleEvent},
    mix::{Amounts, Family},
    person::{Mrn, Person},
    place::Place,
    requests::Request,
    visit::Encounter,
};

/// Something that a system of the hospital reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When the message was made.
    pub at: Instant,
    /// Of the message; counts from 1.
    pub number: u64,
    pub(crate) patient: Person,
    pub(crate) visit: Encounter,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    Movement(Movement),
    Sheet(Sheet),
    Allergies(Vec<Allergy>),
    Problems(Vec<Problem>),
    Infection(Infection),
    Consult(Request),
    AdvanceDecision(Request),
    Sample(SampleEvent),
    BloodGas(BloodGas),
    Glucose(Glucose),
    Grouping(Grouping),
    Histology(Histology),
    Imaging(Imaging),
}

/// A change of where or who a patient is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Movement {
    pub(crate) kind: MovementKind,
    /// When it happened; for a cancellation, when that happened which is cancelled.
    pub(crate) happened: Instant,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MovementKind {
    Register,
    Admit,
    Transfer,
    Update,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    Swap { other: Person, visit: Encounter },
    Plan { to: Option<Place> },
    CallOff { to: Option<Place> },
    PlanDischarge,
    CallOffDischarge,
    ChangeService,
    Merge { previous: Mrn },
    ChangeIdentifiers { previous: Mrn },
    MoveVisit { previous: Mrn },
    Delete,
}

impl MovementKind {
    /// HL7's trigger.
    pub(crate) fn trigger(&self) -> &'static str {
        match self {
            Self::Register => "A04",
            Self::Admit => "A01",
            Self::Transfer => "A02",
            Self::Update => "A08",
            Self::Discharge => "A03",
            Self::CancelAdmit => "A11",
            Self::CancelTransfer => "A12",
            Self::CancelDischarge => "A13",
            Self::Swap { .. } => "A17",
            Self::Plan { .. } => "A15",
            Self::CallOff { .. } => "A26",
            Self::PlanDischarge => "A16",
            Self::CallOffDischarge => "A25",
            Self::ChangeService => "Z99",
            Self::Merge { .. } => "A40",
            Self::ChangeIdentifiers { .. } => "A47",
            Self::MoveVisit { .. } => "A45",
            Self::Delete => "A29",
        }
    }

    /// Whether the message describes the visit.
    pub(crate) fn has_visit(&self) -> bool {
        !matches!(self, Self::Merge { .. } | Self::ChangeIdentifiers { .. })
    }
}

/// What a message says of itself (MSH).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Sending application; empty where it does not say.
    pub(crate) sender: &'static str,
    pub(crate) facility: &'static str,
    /// Such as `ADT`.
    pub(crate) message_type: &'static str,
    /// Such as `A02`.
    pub(crate) trigger: &'static str,
}

const EPIC: Header = Header { sender: "EPIC", facility: "BENCHHOSP", message_type: "ADT", trigger: "" };

impl Event {
    /// Trigger of the HL7 message, such as `A02`.
    pub fn trigger(&self) -> &'static str {
        self.header().trigger
    }

    /// Application that sends it; empty where the message does not say.
    pub fn sender(&self) -> &'static str {
        self.header().sender
    }

    pub(crate) fn header(&self) -> Header {
        match &self.what {
            What::Movement(movement) => Header { trigger: movement.kind.trigger(), ..EPIC },
            What::Sheet(_) => Header { facility: "Vitals", message_type: "ORU", trigger: "R01", ..EPIC },
            What::Allergies(_) => Header { trigger: "A60", ..EPIC },
            What::Infection(_) => Header { trigger: "A05", ..EPIC },
            What::Problems(_) => {
                Header { facility: "Problem List", message_type: "PPR", trigger: "PC1", ..EPIC }
            }
            What::Consult(_) => {
                Header { facility: "Consult Orders", message_type: "ORM", trigger: "O01", ..EPIC }
            }
            What::AdvanceDecision(_) => {
                Header { facility: "DNACPR & CPR", message_type: "ORM", trigger: "O01", ..EPIC }
            }
            What::Sample(sample) if sample.is_order() => {
                Header { message_type: "ORM", trigger: "O01", ..EPIC }
            }
            What::Sample(sample) if sample.is_receipt() => {
                Header { sender: "WinPath", facility: "LAB", message_type: "ORM", trigger: "O01" }
            }
            What::Sample(_) => Self::result("WinPath"),
            What::BloodGas(_) => Header { trigger: "R30", ..Self::result("ABL90 FLEX Plus") },
            What::Glucose(_) => Self::result("BIO-CONNECT"),
            What::Grouping(_) => Self::result(""),
            What::Histology(histology) if histology.report.is_none() => {
                Header { message_type: "ORM", trigger: "O01", ..Self::result("CoPath") }
            }
            What::Histology(_) => Self::result("CoPath"),
            What::Imaging(_) => Self::result("IMG_RESULT"),
        }
    }

    fn result(sender: &'static str) -> Header {
        Header { sender, facility: "LAB", message_type: "ORU", trigger: "R01" }
    }

    /// The patient's medical record number, as interchange messages have it.
    #[expect(clippy::unnecessary_wraps, reason = "the messages' properties are optional")]
    pub(crate) fn mrn(&self) -> Option<String> {
        Some(self.patient.mrn.to_string())
    }

    /// The visit's number, as interchange messages have it.
    #[expect(clippy::unnecessary_wraps, reason = "the messages' properties are optional")]
    pub(crate) fn visit_number(&self) -> Option<String> {
        Some(self.visit.id())
    }

    /// Whether the message has an EVN segment, which says when it was recorded.
    pub(crate) fn has_evn(&self) -> bool {
        matches!(
            self.what,
            What::Movement(_) | What::Sheet(_) | What::Allergies(_) | What::Problems(_) | What::Infection(_)
        )
    }

    /// Whether a message about patient and visit comes before the messages of the family.
    pub(crate) fn implies_patient(&self) -> bool {
        match self.what {
            // The blood bank does not say who it is, analysers' messages are not read for the visit.
            What::Movement(_)
            | What::Allergies(_)
            | What::Problems(_)
            | What::BloodGas(_)
            | What::Grouping(_) => false,
            What::Sheet(_)
            | What::Infection(_)
            | What::Consult(_)
            | What::AdvanceDecision(_)
            | What::Sample(_)
            | What::Glucose(_)
            | What::Histology(_)
            | What::Imaging(_) => true,
        }
    }

    /// How many interchange messages it gives.
    pub fn amounts(&self) -> Amounts {
        let (family, count) = match &self.what {
            What::Movement(_) => (Family::Adt, 1),
            What::Sheet(sheet) => (Family::Flowsheets, sheet.values.len()),
            What::Allergies(allergies) => (Family::Others, allergies.len()),
            What::Problems(problems) => (Family::Others, problems.len()),
            What::Infection(_) | What::Consult(_) | What::AdvanceDecision(_) => (Family::Others, 1),
            What::Sample(sample) => (Family::Labs, sample.batteries.len()),
            What::BloodGas(_)
            | What::Glucose(_)
            | What::Grouping(_)
            | What::Histology(_)
            | What::Imaging(_) => (Family::Labs, 1),
        };
        let mut amounts = Amounts::of_family(family, count as u64);
        if self.implies_patient() {
            amounts += Amounts::of_family(Family::Adt, 1);
        }
        amounts
    }
}
