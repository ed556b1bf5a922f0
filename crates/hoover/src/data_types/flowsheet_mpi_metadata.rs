//! Which ids of the interface belong to which rows of flowsheets.

use std::cmp::Ordering;

use chrono::NaiveDate;
use emap_interchange::{FlowsheetMetadata, Message};

use crate::{
    clock::utc_midnight,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::message,
};

static DEFINITION: Definition = Definition {
    name: "FlowsheetMpiMetadata",
    source: SourceName::Clarity,
    file: "clarity/flowsheet_mpi_metadata.sql",
    built_in: built_in!("clarity/flowsheet_mpi_metadata.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    // Dates of the map are days in UTC.
    times: Times::Utc,
    order: "created_on, interface_code as text, line",
    columns: InterfaceMapRow::COLUMNS,
};

row! {
    /// A pair of ids.
    pub struct InterfaceMapRow {
        interface_code: String = SqlType::Varchar(30), "id in the interface";
        item_name: String = SqlType::Varchar(200), "name of the interface's item";
        created_on: NaiveDate = SqlType::Date, "day on which the item was made; its midnight in UTC";
        line: i32 = SqlType::Int, "number of the pair within its item";
        row_code: Option<String> = SqlType::Varchar(30), "id of the flowsheet row";
    }
}

/// Data type `FlowsheetMpiMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct FlowsheetMpiMetadata;

impl QueryStrategy for FlowsheetMpiMetadata {
    type Row = InterfaceMapRow;
    type Record = InterfaceMapRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: InterfaceMapRow) -> InterfaceMapRow {
        row
    }

    fn updated(&self, row: &InterfaceMapRow, _: &Scope) -> Updated {
        Updated::at(utc_midnight(row.created_on))
    }

    fn row_id(&self, row: &InterfaceMapRow) -> String {
        format!("{}_{}", row.interface_code, row.line)
    }

    /// Databases compare texts in many ways.
    fn tie(&self, first: &InterfaceMapRow, second: &InterfaceMapRow) -> Ordering {
        (&first.interface_code, first.line).cmp(&(&second.interface_code, second.line))
    }

    fn message(&self, row: &InterfaceMapRow, _: &Scope) -> Result<Message, Unconvertible> {
        let Some(flowsheet_id) = &row.row_code else {
            return Err(Unconvertible::new(self.row_id(row), "row_code: expected a code, found null"));
        };
        let created = utc_midnight(row.created_on);
        let payload = FlowsheetMetadata {
            interface_id: Some(row.interface_code.clone()),
            flowsheet_id: Some(flowsheet_id.clone()),
            name: Some(row.item_name.clone()),
            creation_instant: Some(created),
            last_updated_instant: Some(created),
            ..FlowsheetMetadata::default()
        };
        Ok(message(DEFINITION.source, row.interface_code.clone(), payload))
    }
}
