//! What the rows of flowsheets are, as the warehouse defines them.

use emap_interchange::{FlowsheetMetadata, Instant, Message};

use crate::{
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::message,
};

static DEFINITION: Definition = Definition {
    name: "FlowsheetMetadata",
    source: SourceName::Caboodle,
    file: "caboodle/flowsheet_metadata.sql",
    built_in: built_in!("caboodle/flowsheet_metadata.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Utc,
    order: "updated_at_utc, row_code",
    columns: FlowsheetMetadataRow::COLUMNS,
};

row! {
    /// The definition of a flowsheet row.
    pub struct FlowsheetMetadataRow {
        row_code: String = SqlType::Varchar(30), "id of the flowsheet row";
        row_name: String = SqlType::Varchar(200), "its name";
        display_name: String = SqlType::Varchar(200), "the name that people see";
        value_kind: String = SqlType::Varchar(30), "kind of its values, in words";
        unit: String = SqlType::Varchar(30), "unit of its numbers; may be empty";
        row_description: String = SqlType::VarcharMax, "what it is; may be a placeholder";
        created_at_utc: Instant = SqlType::DateTime2(3), "when it was defined";
        updated_at_utc: Instant = SqlType::DateTime2(3), "when the definition last changed";
    }
}

/// Data type `FlowsheetMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct FlowsheetMetadataStrategy;

impl QueryStrategy for FlowsheetMetadataStrategy {
    type Row = FlowsheetMetadataRow;
    type Record = FlowsheetMetadataRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: FlowsheetMetadataRow) -> FlowsheetMetadataRow {
        row
    }

    fn updated(&self, row: &FlowsheetMetadataRow, _: &Scope) -> Updated {
        Updated::at(row.updated_at_utc)
    }

    fn row_id(&self, row: &FlowsheetMetadataRow) -> String {
        row.row_code.clone()
    }

    fn message(&self, row: &FlowsheetMetadataRow, _: &Scope) -> Result<Message, Unconvertible> {
        let payload = FlowsheetMetadata {
            // With both ids it would be a mapping.
            interface_id: None,
            flowsheet_id: Some(row.row_code.clone()),
            name: Some(row.row_name.clone()),
            display_name: Some(row.display_name.clone()),
            value_type: Some(row.value_kind.clone()),
            unit: Some(row.unit.clone()),
            description: Some(row.row_description.clone()),
            creation_instant: Some(row.created_at_utc),
            last_updated_instant: Some(row.updated_at_utc),
            ..FlowsheetMetadata::default()
        };
        Ok(message(DEFINITION.source, row.row_code.clone(), payload))
    }
}
