//! What a query must return: declared once, printed, and compared with what a database has.

use std::{fmt::Write, sync::Arc};

use serde_json::{Value, json};

use crate::{
    clock::Clock,
    column::{Difference, differences},
    reading::query,
    source::{Database, SourceError, SourceName},
    strategy::{Definition, InstantCalculator, Scope},
};

/// A parameter of a query.
struct Parameter {
    name: &'static str,
    sql_type: &'static str,
    meaning: &'static str,
}

const fn parameter(name: &'static str, sql_type: &'static str, meaning: &'static str) -> Parameter {
    Parameter { name, sql_type, meaning }
}

const WINDOW: [Parameter; 2] = [
    parameter("@P1", "datetime2", "first time of the window, or a little earlier"),
    parameter("@P2", "datetime2", "first time after the window, or a little later"),
];
const OPEN_ENDED: [Parameter; 2] = [
    parameter("@P1", "datetime2", "only what is later, or a little earlier, is asked for"),
    parameter("@P3", "int", "1 on the first pass, on which everything is asked for, else 0"),
];
const PART: Parameter = parameter("@P4", "nvarchar", "the part of the data type that is asked for");
const STORE: [Parameter; 2] = [
    parameter("$1", "timestamptz", "first instant of the window"),
    parameter("$2", "timestamptz", "first instant after the window"),
];

fn parameters(definition: &Definition) -> Vec<&'static Parameter> {
    let mut parameters: Vec<&Parameter> = match (definition.source, definition.instants) {
        (SourceName::Ids, _) => STORE.iter().collect(),
        (_, InstantCalculator::Windows { .. }) => WINDOW.iter().collect(),
        (_, InstantCalculator::OpenEnded) => OPEN_ENDED.iter().collect(),
    };
    if definition.sub_ids.len() > 1 {
        parameters.push(&PART);
    }
    parameters
}

fn times(definition: &Definition) -> &'static str {
    match (definition.source, definition.times) {
        (SourceName::Ids, _) => "instants",
        (_, crate::strategy::Times::Local) => "the hospital's clocks",
        (_, crate::strategy::Times::Utc) => "UTC",
    }
}

/// The contract as JSON.
pub fn to_json(definition: &Definition) -> Value {
    let column = |column: &crate::column::Column| {
        json!({
            "name": column.name,
            "type": column.sql_type.to_string(),
            "nullable": column.nullable,
            "meaning": column.meaning,
        })
    };
    let parameter = |parameter: &&Parameter| json!({ "name": parameter.name, "type": parameter.sql_type, "meaning": parameter.meaning });
    json!({
        "name": definition.name,
        "source": definition.source.text(),
        "file": definition.file,
        "times": times(definition),
        "parameters": parameters(definition).iter().map(parameter).collect::<Vec<_>>(),
        "order": definition.order,
        "columns": definition.columns.iter().map(column).collect::<Vec<_>>(),
    })
}

/// The contract as text, which is Markdown.
pub fn to_text(definition: &Definition) -> String {
    let mut text = format!(
        "## {}\n\nQuery `{}`, read from {}. Rows are ordered by: {}.\n\n| Parameter | Type | Meaning |\n|---|---|---|\n",
        definition.name, definition.file, definition.source, definition.order
    );
    for Parameter { name, sql_type, meaning } in parameters(definition) {
        let unit = if sql_type.starts_with("datetime2") {
            format!("; {}", times(definition))
        } else {
            String::new()
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{name}` | `{sql_type}` | {meaning}{unit} |");
    }
    text += "\n| Column | Type | Null | Meaning |\n|---|---|---|---|\n";
    for column in definition.columns {
        let null = if column.nullable { "may be" } else { "no" };
        let _ = writeln!(text, "| `{}` | `{}` | {null} | {} |", column.name, column.sql_type, column.meaning);
    }
    text
}

/// In what a query's result differs from the contract; asked with a window in which there should be nothing.
///
/// # Errors
/// When the query does not run at all.
pub async fn check(
    definition: &Definition,
    sql: &Arc<str>,
    database: &dyn Database,
    clock: Clock,
) -> Result<Vec<Difference>, SourceError> {
    let mut found = Vec::new();
    for sub_id in definition.sub_ids {
        let scope = empty_scope(definition, sub_id, clock);
        let columns = database.describe(query(definition, Arc::clone(sql), &scope)).await?;
        found.extend(differences(definition.columns, &columns));
    }
    found.dedup();
    Ok(found)
}

/// A part of the source with nothing in it, or next to nothing.
fn empty_scope(definition: &Definition, sub_id: &'static str, clock: Clock) -> Scope {
    let is_windowed = definition.is_windowed();
    let at = if is_windowed { "1901-01-01T00:00:00Z" } else { "9999-12-30T00:00:00Z" };
    let at = at.parse().ok();
    Scope {
        sub_id,
        from: at,
        until: at.filter(|_| is_windowed),
        is_continuation: false,
        clock,
        now: chrono::Utc::now(),
        date_from: None,
    }
}
