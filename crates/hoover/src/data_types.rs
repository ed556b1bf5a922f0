//! The data types, a file each: strategy, row and conversion.

mod conditions;
mod consult_metadata;
mod consult_requests;
mod departments;
mod flowsheet_metadata;
mod flowsheet_mpi_metadata;
mod flowsheets;
mod form_metadata;
mod form_question_metadata;
mod forms;
mod lab_metadata;
mod locations;
mod patient_allergies;
mod patient_infections;
mod patient_problems;
mod research_opt_outs;

pub use self::{
    consult_metadata::ConsultMetadataStrategy,
    consult_requests::ConsultRequests,
    departments::Departments,
    flowsheet_metadata::FlowsheetMetadataStrategy,
    flowsheet_mpi_metadata::FlowsheetMpiMetadata,
    flowsheets::{FlowsheetList, FlowsheetListError, Flowsheets},
    form_metadata::FormMetadataStrategy,
    form_question_metadata::FormQuestionMetadataStrategy,
    forms::Forms,
    lab_metadata::LabMetadataStrategy,
    locations::Locations,
    patient_allergies::PatientAllergies,
    patient_infections::PatientInfections,
    patient_problems::PatientProblems,
    research_opt_outs::ResearchOptOuts,
};

use crate::strategy::{Definition, QueryStrategy};

/// Something that is done with every data type.
pub trait Visitor {
    /// Does it with one.
    fn visit<S: QueryStrategy>(&mut self, strategy: S);
}

/// What data types have to know of a site.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The flowsheet rows that are wanted.
    pub flowsheets: FlowsheetList,
}

/// Shows all data types to a visitor, in the order in which they are read: what explains others comes first.
pub fn visit_all(site: &Site, visitor: &mut impl Visitor) {
    visitor.visit(Departments);
    visitor.visit(Locations);
    visitor.visit(FlowsheetMetadataStrategy);
    visitor.visit(FlowsheetMpiMetadata);
    visitor.visit(LabMetadataStrategy);
    visitor.visit(ConsultMetadataStrategy);
    visitor.visit(FormMetadataStrategy);
    visitor.visit(FormQuestionMetadataStrategy);
    visitor.visit(ResearchOptOuts);
    visitor.visit(PatientInfections);
    visitor.visit(PatientProblems);
    visitor.visit(PatientAllergies);
    visitor.visit(ConsultRequests);
    visitor.visit(Flowsheets::new(site.flowsheets.clone()));
    visitor.visit(Forms);
}

/// The declarations of all data types, in that order.
pub fn definitions() -> Vec<&'static Definition> {
    struct Declared(Vec<&'static Definition>);
    impl Visitor for Declared {
        fn visit<S: QueryStrategy>(&mut self, strategy: S) {
            self.0.push(strategy.definition());
        }
    }
    let mut declared = Declared(Vec::new());
    visit_all(&Site::default(), &mut declared);
    declared.0
}
