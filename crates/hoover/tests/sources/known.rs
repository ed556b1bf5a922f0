//! What is known of each data type in the invented databases.

use emap_hoover::data_types::{
    ConsultMetadataStrategy, ConsultRequests, Departments, FlowsheetList, FlowsheetMetadataStrategy,
    FlowsheetMpiMetadata, Flowsheets, FormMetadataStrategy, FormQuestionMetadataStrategy, Forms,
    LabMetadataStrategy, Locations, PatientAllergies, PatientInfections, PatientProblems, ResearchOptOuts,
};

use crate::strategy::{Part, TestQueryStrategy, test_strategies};

/// Of open-ended data types.
const FIRST_PASS: Part = ("", "");
const MUCH_LATER: Part = ("2090-01-01T00:00:00Z", "");

test_strategies! {
    departments: Departments;
    locations: Locations;
    flowsheet_metadata: FlowsheetMetadataStrategy;
    flowsheet_mpi_metadata: FlowsheetMpiMetadata;
    lab_metadata: LabMetadataStrategy;
    consult_metadata: ConsultMetadataStrategy;
    form_metadata: FormMetadataStrategy;
    form_question_metadata: FormQuestionMetadataStrategy;
    research_opt_outs: ResearchOptOuts;
    patient_infections: PatientInfections;
    patient_problems: PatientProblems;
    patient_allergies: PatientAllergies;
    consult_requests: ConsultRequests;
    flowsheets: Flowsheets;
    forms: Forms;
}

/// Data types without settings, read from the reporting database or the warehouse without an end.
macro_rules! definitions {
    ($($strategy:ident of $source:literal,)*) => {
        $(
            impl TestQueryStrategy for $strategy {
                const SOURCE: &'static str = $source;
                const KNOWN: Part = FIRST_PASS;
                const EMPTY: Part = MUCH_LATER;

                fn strategy() -> Self {
                    Self
                }
            }
        )*
    };
}

definitions! {
    Departments of "clarity",
    Locations of "clarity",
    FlowsheetMetadataStrategy of "caboodle",
    FlowsheetMpiMetadata of "clarity",
    LabMetadataStrategy of "clarity",
    ConsultMetadataStrategy of "clarity",
    FormMetadataStrategy of "clarity",
    FormQuestionMetadataStrategy of "clarity",
    ResearchOptOuts of "caboodle",
}

impl TestQueryStrategy for PatientInfections {
    const SOURCE: &'static str = "clarity";
    const KNOWN: Part = ("2021-06-11T00:00:00Z", "2021-06-12T00:00:00Z");
    const EMPTY: Part = ("2021-06-13T00:00:00Z", "2021-07-01T07:00:00Z");
    const MERGES_CHANGES: bool = true;

    fn strategy() -> Self {
        Self
    }
}

impl TestQueryStrategy for PatientProblems {
    const SOURCE: &'static str = "clarity";
    const KNOWN: Part = ("2021-05-31T23:00:00Z", "2021-06-05T01:00:01Z");
    const EMPTY: Part = ("2021-06-05T01:00:01Z", "2021-12-01T00:00:00Z");
    const MERGES_CHANGES: bool = true;

    fn strategy() -> Self {
        Self
    }
}

impl TestQueryStrategy for PatientAllergies {
    const SOURCE: &'static str = "clarity";
    const KNOWN: Part = ("2021-06-15T00:00:00Z", "2021-06-15T00:00:01Z");
    const EMPTY: Part = ("2021-06-15T00:00:01Z", "2021-12-01T00:00:00Z");
    const MERGES_CHANGES: bool = true;

    fn strategy() -> Self {
        Self
    }
}

impl TestQueryStrategy for ConsultRequests {
    const SOURCE: &'static str = "clarity";
    const KNOWN: Part = ("2021-06-20T09:00:00Z", "2021-06-20T10:00:01Z");
    const EMPTY: Part = ("2021-06-20T10:00:01Z", "2021-12-01T00:00:00Z");

    fn strategy() -> Self {
        Self
    }
}

impl TestQueryStrategy for Flowsheets {
    const SOURCE: &'static str = "caboodle";
    const KNOWN: Part = ("2021-05-01T00:00:00Z", "2021-05-01T01:00:00Z");
    const EMPTY: Part = ("2021-05-01T01:00:00Z", "2021-12-01T00:00:00Z");

    fn strategy() -> Self {
        Self::new(FlowsheetList::default())
    }
}

impl TestQueryStrategy for Forms {
    const SOURCE: &'static str = "ids";
    const KNOWN: Part = ("2021-06-01T00:00:00Z", "2021-06-03T00:00:00Z");
    const EMPTY: Part = ("2021-06-03T00:00:00Z", "2021-12-01T00:00:00Z");

    fn strategy() -> Self {
        Self
    }
}
