//! `COPY` of the rows that core wrote, into the same tables with their keys and indexes.

use std::{collections::BTreeSet, time::Instant};

use anyhow::{Context, ensure};
use diesel::connection::SimpleConnection;
use emap_star::migrations;

use crate::{figures::Measured, site::Site};

/// Copies all rows of a star schema into a new one, table after table, each in a transaction of its own: as many rows
/// of each table as core left. The files are the server's own, so nothing but the writing is measured.
pub(crate) fn measure(site: &Site, star: &str) -> anyhow::Result<Measured> {
    let copy = format!("{star}_copy");
    migrations::migrate(&mut site.connect()?, &copy).context("the star schema")?;
    // Those of the migrations: what the reader keeps in the schema is not core's.
    let tables = tables(site, &copy)?;
    let directory = site.rows("SHOW data_directory")?.concat();
    let file = |table: &str| format!("'{directory}/bench_{table}.copy'");
    let mut rows = 0;
    for table in &tables {
        let count = site.rows(&format!("SELECT count(*) FROM {star}.{table}"))?.concat();
        rows += count.parse::<u64>().with_context(|| format!("rows of {table}: {count}"))?;
        site.sql(&format!("COPY {star}.{table} TO {}", file(table)))?;
    }
    let all: Vec<String> = tables.iter().map(|table| format!("{copy}.{table}")).collect();
    site.sql(&format!("TRUNCATE {}", all.join(", ")))?;
    site.sql("CHECKPOINT")?;
    let mut connection = site.connect()?;
    let begin = Instant::now();
    for table in &tables {
        let statement = format!("COPY {copy}.{table} FROM {}", file(table));
        connection.batch_execute(&statement).with_context(|| format!("COPY into {table}"))?;
    }
    let elapsed = begin.elapsed();
    site.sql(&format!("DROP SCHEMA {copy} CASCADE"))?;
    Ok(Measured::new(rows, elapsed))
}

/// All tables of a schema, each after those that its foreign keys name.
fn tables(site: &Site, schema: &str) -> anyhow::Result<Vec<String>> {
    let all = format!(
        "SELECT table_name FROM information_schema.tables \
         WHERE table_schema = '{schema}' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_%'"
    );
    let keys = format!(
        "SELECT child.relname || ' ' || parent.relname FROM pg_constraint \
         JOIN pg_class child ON child.oid = conrelid JOIN pg_class parent ON parent.oid = confrelid \
         WHERE contype = 'f' AND connamespace = '{schema}'::regnamespace"
    );
    let keys = site.rows(&keys)?;
    let keys: Vec<_> = keys.iter().filter_map(|key| key.split_once(' ')).collect();
    in_order(site.rows(&all)?.into_iter().collect(), &keys)
}

fn in_order(mut left: BTreeSet<String>, keys: &[(&str, &str)]) -> anyhow::Result<Vec<String>> {
    let mut tables = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &&String| {
            keys.iter().any(|(child, parent)| child == table && parent != child && left.contains(*parent))
        };
        let next: Vec<String> = left.iter().filter(|table| !waits(table)).cloned().collect();
        ensure!(!next.is_empty(), "foreign keys in a circle between {left:?}");
        left.retain(|table| !next.contains(table));
        tables.extend(next);
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn tables_come_after_those_they_name() {
        let tables = ["bed", "room", "ward"].map(str::to_owned);
        let keys = [("bed", "room"), ("room", "ward"), ("ward", "ward"), ("bed", "elsewhere")];
        assert_eq!(in_order(tables.clone().into(), &keys).unwrap(), ["ward", "room", "bed"]);
        assert!(in_order(tables.into(), &[("bed", "ward"), ("ward", "bed")]).is_err());
    }
}
