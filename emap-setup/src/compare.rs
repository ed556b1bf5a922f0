//! `emap compare`: whether two star databases say the same, whatever the numbers of their rows.
//!
//! Rows are turned into digests inside each database. A link counts as what the row it leads to is known by, link after
//! link; former versions belong to the row they are versions of. Only rows that differ leave the databases.

mod columns;
mod explained;
mod links;
mod merge;
mod query;
mod report;
mod side;

use std::process::ExitCode;

use anyhow::{Context, bail};

use self::{
    columns::{LeftOut, Plan},
    report::Report,
    side::Side,
};

/// Arguments of `emap compare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// URL of the first database; its password may also come from `PGPASSWORD` or a `.pgpass` file.
    #[arg(long, value_name = "URL")]
    a: String,
    /// Schema in it.
    #[arg(long, value_name = "SCHEMA")]
    schema_a: String,
    /// URL of the second database.
    #[arg(long, value_name = "URL")]
    b: String,
    /// Schema in it.
    #[arg(long, value_name = "SCHEMA")]
    schema_b: String,
    /// Leave this column out.
    #[arg(long, value_name = "TABLE.COLUMN", value_parser = table_and_column)]
    ignore: Vec<(String, String)>,
    /// Compare only this table.
    #[arg(long, value_name = "TABLE")]
    only: Vec<String>,
    /// Rows shown of each table that differs, by their primary keys.
    #[arg(long, value_name = "ROWS", default_value_t = 3)]
    examples: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn table_and_column(text: &str) -> Result<(String, String), String> {
    let named = text.split_once('.').filter(|(table, column)| !table.is_empty() && !column.is_empty());
    named
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .ok_or_else(|| "not TABLE.COLUMN".to_owned())
}

/// Compares and prints. Exit code 0: equal, 1: different, 2: it could not be found out.
///
/// # Errors
/// Never: they are printed, so that the exit code says what happened.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    match compare(args) {
        Ok(report) => {
            if args.json {
                report.print_json()?;
            } else {
                report.print();
            }
            Ok(ExitCode::from(u8::from(!report.is_equal())))
        }
        Err(error) => {
            crate::log::warn("compare", format_args!("cannot compare: {error:#}"));
            Ok(ExitCode::from(2))
        }
    }
}

fn compare(args: &Args) -> anyhow::Result<Report> {
    let mut a = Side::open(&args.a, &args.schema_a).context("--a")?;
    let mut b = Side::open(&args.b, &args.schema_b).context("--b")?;
    let (plan, mut left_out) = Plan::of(&a.columns, &b.columns, &args.ignore);
    if let Some(unknown) = args.only.iter().find(|name| !plan.tables.contains_key(*name)) {
        bail!("--only {unknown}: not a table that can be compared");
    }
    let chosen = |name: &String| args.only.is_empty() || args.only.contains(name);
    if !args.only.is_empty() {
        left_out.retain(|LeftOut { table, .. }| args.only.contains(table));
    }
    let mut tables = Vec::new();
    for name in plan.tables.keys().filter(|name| chosen(name)) {
        let compared = merge::table(&plan, name, &mut a, &mut b, args.examples);
        tables.push(compared.with_context(|| format!("table {name}"))?);
    }
    if tables.is_empty() {
        bail!("the schemas have no table in common");
    }
    Ok(Report { tables, left_out })
}
