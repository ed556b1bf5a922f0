//! Which system coded an order or result, and which family of messages it therefore is.

use std::fmt;

use crate::convert::{Received, SkipReason};
use crate::values::strip;
use crate::views::Obr;

/// The message types that carry orders or results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderMessage {
    /// ORM^O01, an order.
    OrmO01,
    /// ORR^O02, the answer to an order.
    OrrO02,
    /// ORU^R01, a result.
    OruR01,
    /// ORU^R30, a point-of-care result without an order.
    OruR30,
}

/// A system whose orders or results are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodingSystem {
    /// Laboratory system of the main laboratory.
    WinPath,
    /// Laboratory system of pathology.
    CoPath,
    /// Middleware of point-of-care devices.
    BioConnect,
    /// Blood gas analysers.
    Abl90FlexPlus,
    /// Imaging archive.
    Pacs,
    /// Flowsheets of the record system: vital signs and the like.
    Flowsheet,
    /// Requests for another team's advice.
    ConsultOrder,
    /// Decisions about resuscitation and treatment limits.
    AdvancedDecisionOrder,
    /// Transfusion laboratory: tests.
    BankManager,
    /// Transfusion laboratory: blood products.
    BloodProducts,
}

/// A family of interchange messages that HL7 orders, results and conditions become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Lab orders and results.
    Labs,
    /// Flowsheets.
    Flowsheets,
    /// Consult requests.
    Consults,
    /// Advance decisions.
    AdvanceDecisions,
    /// Problems, allergies, infections.
    Conditions,
}

impl fmt::Display for CodingSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WinPath => "WIN_PATH",
            Self::CoPath => "CO_PATH",
            Self::BioConnect => "BIO_CONNECT",
            Self::Abl90FlexPlus => "ABL90_FLEX_PLUS",
            Self::Pacs => "PACS",
            Self::Flowsheet => "FLOWSHEET",
            Self::ConsultOrder => "CONSULT_ORDER",
            Self::AdvancedDecisionOrder => "ADVANCED_DECISION_ORDER",
            Self::BankManager => "BANK_MANAGER",
            Self::BloodProducts => "BLOOD_PRODUCTS",
        })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Labs => "lab orders and results",
            Self::Flowsheets => "flowsheets",
            Self::Consults => "consult requests",
            Self::AdvanceDecisions => "advance decisions",
            Self::Conditions => "problems, allergies and infections",
        })
    }
}

/// The family of an order or result message, found by its first OBR and its sender.
pub(crate) fn family(received: &Received, kind: OrderMessage) -> Result<Family, SkipReason> {
    let obr = received.message.segment(Obr::NAME).map_or_else(Obr::missing, |segment| Obr::of(&segment));
    let system = by_order(&obr)
        .or_else(|| by_sender(received, kind))
        .or_else(|| by_service(&obr))
        .ok_or(SkipReason::UnknownCodingSystem)?;
    family_of(system, kind).ok_or(SkipReason::CodingSystem(system))
}

fn by_order(obr: &Obr) -> Option<CodingSystem> {
    let service = obr.service_system();
    if service.is("WinPath") {
        Some(CodingSystem::WinPath)
    } else if service.is("CPEAP") || obr.filler_system().is("CoPathPlus") {
        Some(CodingSystem::CoPath)
    } else {
        None
    }
}

/// By sending application and facility. Answers to orders have none that says anything, and point-of-care
/// results only an application.
fn by_sender(received: &Received, kind: OrderMessage) -> Option<CodingSystem> {
    let by_application = match kind {
        OrderMessage::OrrO02 => None,
        _ => of_application(received.msh.sending_application().as_text()?),
    };
    by_application.or_else(|| match kind {
        OrderMessage::OrmO01 | OrderMessage::OruR01 => {
            of_facility(received.msh.sending_facility().as_text()?)
        }
        OrderMessage::OrrO02 | OrderMessage::OruR30 => None,
    })
}

fn of_application(application: &str) -> Option<CodingSystem> {
    match application {
        "BIO-CONNECT" => Some(CodingSystem::BioConnect),
        "ABL90 FLEX Plus" => Some(CodingSystem::Abl90FlexPlus),
        "IMG_RESULT" | "ELR_RESULT" | "IMG_ADDENDUM" | "IMG_PROC_CHANGE_RESULT" => Some(CodingSystem::Pacs),
        _ => None,
    }
}

/// The facility `DNACPR & CPR` comes with an unescaped separator, so that only its first word is seen.
fn of_facility(facility: &str) -> Option<CodingSystem> {
    match strip(facility) {
        "Vitals" => Some(CodingSystem::Flowsheet),
        "Consult Orders" => Some(CodingSystem::ConsultOrder),
        "DNACPR" => Some(CodingSystem::AdvancedDecisionOrder),
        _ => None,
    }
}

fn by_service(obr: &Obr) -> Option<CodingSystem> {
    match obr.alternate_service_code().as_text()? {
        "Profiles" => Some(CodingSystem::BankManager),
        "Products" => Some(CodingSystem::BloodProducts),
        _ => None,
    }
}

/// What a system's messages of a type become; `None` if they are not read.
fn family_of(system: CodingSystem, kind: OrderMessage) -> Option<Family> {
    use CodingSystem as System;
    use OrderMessage::{OrmO01, OrrO02, OruR01, OruR30};
    match (system, kind) {
        (System::WinPath | System::CoPath, OrmO01 | OrrO02 | OruR01)
        | (System::BioConnect | System::Pacs | System::BankManager, OruR01)
        | (System::Abl90FlexPlus, OruR30) => Some(Family::Labs),
        (System::Flowsheet, OruR01) => Some(Family::Flowsheets),
        (System::ConsultOrder, OrmO01) => Some(Family::Consults),
        (System::AdvancedDecisionOrder, OrmO01) => Some(Family::AdvanceDecisions),
        _ => None,
    }
}
