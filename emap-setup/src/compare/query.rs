//! The SQL that turns the rows of a table into digests.
//!
//! Each table that is led to gets a query of what its rows are known by (`k_TABLE`: primary key and digest), also of
//! rows that are gone but for their former versions.

use std::{collections::BTreeSet, fmt::Write};

use emap_postgres::quote_identifier;
use emap_star::known_by;

use super::{
    columns::{AUDIT, Plan, live, primary_key},
    links,
};

/// Rows fall into so many parts by what they are known by, so that equal parts need not be looked at further.
const PARTS_BITS: u32 = 12;

/// The expressions of a table's columns, and the joins they need.
#[derive(Debug, Default)]
struct Columns {
    joins: String,
    expressions: Vec<String>,
    leads_to: Vec<String>,
}

impl Columns {
    fn of<'c>(plan: &Plan, table: &str, alias: &str, columns: impl IntoIterator<Item = &'c str>) -> Self {
        let mut all = Self::default();
        for column in columns {
            all.add(plan, table, alias, column);
        }
        all
    }

    /// A link becomes what the row it leads to is known by; everything else is written as text.
    fn add(&mut self, plan: &Plan, table: &str, alias: &str, column: &str) {
        let value = format!("{alias}.{}", quote_identifier(column));
        let links = links::of(plan, table, column);
        if links.is_empty() {
            self.expressions.push(format!("{value}::text"));
            return;
        }
        let mut keys = Vec::new();
        for link in links {
            let key = format!("{alias}_{}", self.leads_to.len());
            let condition = link.parent_table.map(|name| format!(" AND {alias}.parent_table = '{name}'"));
            // Writing to a string cannot fail.
            let _ = write!(
                self.joins,
                " LEFT JOIN {} {key} ON {key}.id = {value}{}",
                known_name(&link.table),
                condition.unwrap_or_default()
            );
            keys.push(format!("{key}.known"));
            self.leads_to.push(link.table);
        }
        let keys = keys.join(", ");
        self.expressions.push(format!("CASE WHEN {value} IS NOT NULL THEN coalesce({keys}, 'nothing') END"));
    }
}

fn known_name(table: &str) -> String {
    quote_identifier(&format!("k_{table}"))
}

/// What rows of a table are known by: a digest of the first set of columns that holds something.
fn known(plan: &Plan, table: &str, alias: &str) -> (String, Columns) {
    let sets = known_by(table);
    let present = |column: &&&str| plan.tables[table].iter().any(|name| name == **column);
    let sets: Vec<Vec<&str>> = sets.iter().map(|set| set.iter().filter(present).copied().collect()).collect();
    let mut all = Columns::default();
    let mut cases = String::new();
    for (index, set) in sets.iter().filter(|set| !set.is_empty()).enumerate() {
        let first = all.expressions.len();
        for column in set {
            all.add(plan, table, alias, column);
        }
        let expressions = &all.expressions[first..];
        let _ = write!(
            cases,
            " WHEN coalesce({}) IS NOT NULL THEN md5('{index}' || ARRAY[{}]::text)",
            expressions.join(", "),
            expressions.join(", ")
        );
    }
    (
        if cases.is_empty() {
            "md5('unknown')".to_owned()
        } else {
            format!("CASE{cases} ELSE md5('unknown') END")
        },
        all,
    )
}

/// The query of what a table's rows are known by, and the tables that it needs.
fn known_query(plan: &Plan, table: &str) -> (String, Vec<String>) {
    let id = quote_identifier(&primary_key(table));
    let (expression, Columns { joins, mut leads_to, .. }) = known(plan, table, "t");
    let name = quote_identifier(table);
    let mut query = format!("SELECT t.{id} AS id, {expression} AS known FROM {name} t{joins}");
    let twin = format!("{table}{AUDIT}");
    if plan.has(&twin) {
        let (expression, Columns { joins, leads_to: more, .. }) = known(plan, table, "f");
        let _ = write!(
            query,
            " UNION ALL (SELECT DISTINCT ON (f.{id}) f.{id}, {expression} FROM {twin} f{joins} \
             WHERE NOT EXISTS (SELECT FROM {name} l WHERE l.{id} = f.{id}) ORDER BY f.{id}, f.stored_until DESC)",
            twin = quote_identifier(&twin)
        );
        leads_to.extend(more);
    }
    (query, leads_to)
}

/// The rows of a table: `id`, `known` (what it is known by) and `c` (its columns as texts).
fn rows(plan: &Plan, table: &str) -> String {
    let columns = plan.tables[table].iter().map(String::as_str);
    let Columns { mut joins, expressions, mut leads_to } = Columns::of(plan, table, "t", columns);
    let array = format!("ARRAY[{}]::text[]", expressions.join(", "));
    let known = match live(table).filter(|live| plan.has(live)) {
        // A former version is known by its row and since when it was true.
        Some(live) => {
            let key = format!("t_{}", leads_to.len());
            let id = quote_identifier(&primary_key(live));
            let _ = write!(joins, " LEFT JOIN {} {key} ON {key}.id = t.{id}", known_name(live));
            leads_to.push(live.to_owned());
            let valid_from = plan.tables[table].iter().any(|column| column == "valid_from");
            let valid_from = if valid_from { "t.valid_from::text" } else { "''" };
            format!("md5(concat_ws('|', {key}.known, {valid_from}))")
        }
        None if known_by(table).is_empty() => format!("md5({array}::text)"),
        None => {
            let key = format!("t_{}", leads_to.len());
            let id = quote_identifier(&primary_key(table));
            let _ = write!(joins, " LEFT JOIN {} {key} ON {key}.id = t.{id}", known_name(table));
            leads_to.push(table.to_owned());
            format!("{key}.known")
        }
    };
    let id = quote_identifier(&primary_key(table));
    let select = format!(
        "r AS (SELECT t.{id} AS id, {known} AS known, {array} AS c FROM {} t{joins})",
        quote_identifier(table)
    );
    with(plan, leads_to, &select)
}

/// `WITH` the queries that are needed, each after those that it needs itself.
fn with(plan: &Plan, needed: Vec<String>, last: &str) -> String {
    let (mut written, mut done) = (String::from("WITH "), BTreeSet::new());
    for table in needed {
        add(plan, &table, &mut written, &mut done);
    }
    written + last
}

fn add(plan: &Plan, table: &str, written: &mut String, done: &mut BTreeSet<String>) {
    if !done.insert(table.to_owned()) {
        return;
    }
    let (query, needed) = known_query(plan, table);
    for other in needed {
        add(plan, &other, written, done);
    }
    let _ = write!(written, "{} AS MATERIALIZED ({query}), ", known_name(table));
}

/// `part`, `rows`, `digest` of every part of a table.
pub(super) fn parts(plan: &Plan, table: &str) -> String {
    format!(
        "{} SELECT ('x' || left(known, 3))::bit({PARTS_BITS})::int AS part, count(*) AS rows, \
         sum(('x' || left(md5(known || c::text), 15))::bit(60)::bigint)::text AS digest FROM r GROUP BY 1",
        rows(plan, table)
    )
}

/// `id`, `known`, `digest` and `c` of the rows in some parts, in the order of what they are known by.
pub(super) fn details(plan: &Plan, table: &str, parts: &[i32]) -> String {
    let parts: Vec<String> = parts.iter().map(i32::to_string).collect();
    format!(
        "{} SELECT id::bigint AS id, known, c FROM r WHERE ('x' || left(known, 3))::bit({PARTS_BITS})::int \
         = ANY ('{{{}}}') ORDER BY known COLLATE \"C\", c",
        rows(plan, table),
        parts.join(",")
    )
}
