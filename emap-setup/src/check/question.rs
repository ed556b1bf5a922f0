//! Asking the database for the rows that break a rule.

use anyhow::Context;
use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use emap_postgres::ErrorClass;
use serde::{Deserialize, Serialize};

use super::{
    present::{is_present, with_present_columns},
    rules::{Rule, Tables},
    scope::Scope,
};

/// What a rule's question gave.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Name of the rule.
    pub rule: &'static str,
    /// What rows of it mean.
    pub meaning: &'static str,
    /// Its rows may be as they should.
    pub inspect: bool,
    /// The rows.
    #[serde(flatten)]
    pub answer: Answer,
}

impl Finding {
    /// The rule is broken.
    pub fn is_violation(&self) -> bool {
        !self.inspect && matches!(self.answer, Answer::Found { rows: 1.., .. })
    }
}

/// The database's answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// It looked.
    Found {
        /// How many rows break the rule.
        rows: i64,
        /// Some of them, the newest first.
        samples: Vec<Sample>,
    },
    /// The schema has nothing that the rule is about.
    NotApplicable {
        /// What it lacks.
        not_applicable: String,
    },
    /// It did not get to an answer.
    NotChecked {
        /// Why, without anything of a row.
        not_checked: String,
    },
}

/// A row.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Table.
    pub place: String,
    /// Primary key.
    pub id: i64,
    /// In what way it breaks the rule.
    pub detail: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Nullable<Text>)]
    samples: Option<String>,
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

pub(super) fn ask(
    connection: &mut PgConnection,
    rule: &Rule,
    scope: &Scope,
    samples: u32,
) -> anyhow::Result<Finding> {
    let answer = match answer(connection, rule, scope, samples) {
        Ok(Some(Counted { rows, samples })) => {
            let samples = samples.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text));
            Answer::Found { rows, samples: samples.context("the database's list of rows")? }
        }
        Ok(None) => Answer::NotApplicable {
            not_applicable: format!("the schema has no {}", rule.needs().unwrap_or_default()),
        },
        Err(error) if ErrorClass::of(&error) == ErrorClass::Lost => {
            return Err(error).context("the star database was lost");
        }
        Err(error) => Answer::NotChecked { not_checked: error.to_string() },
    };
    let (inspect, meaning) = (rule.is_for_inspection(), rule.meaning());
    Ok(Finding { rule: rule.name, meaning, inspect, answer })
}

/// None if the schema lacks what the rule is about.
fn answer(
    connection: &mut PgConnection,
    rule: &Rule,
    scope: &Scope,
    samples: u32,
) -> QueryResult<Option<Counted>> {
    if let Some(needed) = rule.needs()
        && !is_present(connection, needed)?
    {
        return Ok(None);
    }
    let query = with_present_columns(connection, &scope.apply(rule.query()))?;
    let query = match rule.tables() {
        None => query,
        Some(tables) => {
            let each =
                names(connection, tables)?.into_iter().map(|table| query.replace("{table}", &table.name));
            each.collect::<Vec<_>>().join("\nUNION ALL\n")
        }
    };
    if query.is_empty() {
        return Ok(Some(Counted { rows: 0, samples: None }));
    }
    let counted = sql_query(format!(
        "WITH found AS ({query})
         SELECT (SELECT count(*) FROM found) AS rows,
                (SELECT json_agg(json_build_object('place', place, 'id', id, 'detail', detail) ORDER BY id DESC)::text
                 FROM (SELECT * FROM found ORDER BY id DESC LIMIT {samples}) AS newest) AS samples"
    ));
    counted.get_result(connection).map(Some)
}

fn names(connection: &mut PgConnection, tables: Tables) -> QueryResult<Vec<Table>> {
    let (condition, column) = match tables {
        Tables::With(column) => {
            ("EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $1)", column)
        }
        Tables::Audit => ("c.relname LIKE '%\\_audit' AND $1 = ''", ""),
        Tables::Live => ("to_regclass(quote_ident(c.relname || '_audit')) IS NOT NULL AND $1 = ''", ""),
    };
    sql_query(format!(
        "SELECT c.relname::text AS name FROM pg_class c
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace AND {condition}
         ORDER BY 1"
    ))
    .bind::<Text, _>(column)
    .load(connection)
}
