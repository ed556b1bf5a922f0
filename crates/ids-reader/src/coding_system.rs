//! Which system coded an order or result, and which family of messages it therefore is.

/// A system whose orders or results are known; the name is part of the messages.
pub use emap_interchange::OrderCodingSystem as CodingSystem;

use crate::{orders::OrderMessage, reasons::SkipReason, received::Received, views::Obr};

/// A family of interchange messages that HL7 orders and results become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderFamily {
    /// Lab orders and results.
    Labs,
    /// Flowsheets.
    Flowsheets,
    /// Consult requests.
    Consults,
    /// Advance decisions.
    AdvanceDecisions,
}

/// A mark by which a message shows whose codes it uses. Compared exactly, but for blanks around it.
#[derive(Debug, Clone, Copy)]
enum Mark {
    /// Coding system of the requested service.
    ServiceSystem(&'static str),
    /// Sending application, of an order that names no coding system of the requested service.
    ApplicationAlone(&'static str),
    /// System that numbers the laboratory's orders.
    FillerSystem(&'static str),
    /// Sending application. Answers to orders have none that says anything.
    Application(&'static str),
    /// Sending facility, of orders and results that come from the record system.
    Facility(&'static str),
    /// Alternate code of the requested service.
    ServiceGroup(&'static str),
}

/// All marks; the first that a message has decides. (The facility `DNACPR & CPR` comes with an unescaped separator, so
/// that only its first word is seen.)
const MARKS: &[(Mark, CodingSystem)] = &[
    (Mark::ServiceSystem("WinPath"), CodingSystem::WinPath),
    // Its microbiology system names code and service only.
    (Mark::ApplicationAlone("WinPath"), CodingSystem::WinPath),
    (Mark::FillerSystem("CoPathPlus"), CodingSystem::CoPath),
    (Mark::ServiceSystem("CPEAP"), CodingSystem::CoPath),
    (Mark::Application("BIO-CONNECT"), CodingSystem::BioConnect),
    (Mark::Application("ABL90 FLEX Plus"), CodingSystem::Abl90FlexPlus),
    (Mark::Application("IMG_RESULT"), CodingSystem::Pacs),
    (Mark::Application("ELR_RESULT"), CodingSystem::Pacs),
    (Mark::Application("IMG_ADDENDUM"), CodingSystem::Pacs),
    (Mark::Application("IMG_PROC_CHANGE_RESULT"), CodingSystem::Pacs),
    (Mark::Facility("Vitals"), CodingSystem::Flowsheet),
    (Mark::Facility("Consult Orders"), CodingSystem::ConsultOrder),
    (Mark::Facility("DNACPR"), CodingSystem::AdvancedDecisionOrder),
    (Mark::ServiceGroup("Profiles"), CodingSystem::BankManager),
    (Mark::ServiceGroup("Products"), CodingSystem::BloodProducts),
];

/// Which messages of a system are read, and what they become.
const READ: &[(CodingSystem, &[OrderMessage], OrderFamily)] = {
    use CodingSystem as System;
    use OrderMessage::{OrmO01, OrrO02, OruR01, OruR30};
    &[
        (System::WinPath, &[OrmO01, OrrO02, OruR01], OrderFamily::Labs),
        (System::CoPath, &[OrmO01, OrrO02, OruR01], OrderFamily::Labs),
        (System::Pacs, &[OruR01], OrderFamily::Labs),
        (System::BioConnect, &[OruR01], OrderFamily::Labs),
        (System::BankManager, &[OruR01], OrderFamily::Labs),
        (System::Abl90FlexPlus, &[OruR30], OrderFamily::Labs),
        (System::Flowsheet, &[OruR01], OrderFamily::Flowsheets),
        (System::ConsultOrder, &[OrmO01], OrderFamily::Consults),
        (System::AdvancedDecisionOrder, &[OrmO01], OrderFamily::AdvanceDecisions),
    ]
};

impl Mark {
    fn is_on(self, received: &Received, kind: OrderMessage, obr: &Obr) -> bool {
        match self {
            Self::ServiceSystem(name) => obr.service_system().is(name),
            Self::ApplicationAlone(name) => {
                obr.service_system().is_absent() && Self::Application(name).is_on(received, kind, obr)
            }
            Self::FillerSystem(name) => obr.filler_system().is(name),
            Self::Application(name) => {
                kind != OrderMessage::OrrO02 && received.msh.sending_application().is(name)
            }
            Self::Facility(name) => {
                matches!(kind, OrderMessage::OrmO01 | OrderMessage::OruR01)
                    && received.msh.sending_facility().is(name)
            }
            Self::ServiceGroup(code) => obr.alternate_service_code().is(code),
        }
    }
}

/// The system and the family of an order or result message, found by its first OBR and its sender.
pub(crate) fn decide(
    received: &Received,
    kind: OrderMessage,
    obr: &Obr,
) -> Result<(CodingSystem, OrderFamily), SkipReason> {
    let found = MARKS.iter().find(|(mark, _)| mark.is_on(received, kind, obr));
    let (_, system) = *found.ok_or(SkipReason::UnknownCodingSystem)?;
    let read = READ.iter().find(|(of, kinds, _)| *of == system && kinds.contains(&kind));
    read.map(|(_, _, family)| (system, *family)).ok_or(SkipReason::CodingSystem(system))
}
