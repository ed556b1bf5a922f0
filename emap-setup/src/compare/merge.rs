//! Going through the rows of both sides in step.

use std::collections::{BTreeMap, HashMap};

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, BigInt, Integer, Nullable, Text},
};

use super::{
    columns::Plan,
    query,
    report::{Changed, Example, TableReport},
    side::Side,
};

/// Rows that are fetched at a time.
const FETCHED: usize = 2_000;

#[expect(clippy::struct_field_names, reason = "fields are called as their columns")]
#[derive(QueryableByName, PartialEq, Eq)]
struct Part {
    #[diesel(sql_type = Integer)]
    part: i32,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Text)]
    digest: String,
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    known: String,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    c: Vec<Option<String>>,
}

/// Compares one table.
pub(super) fn table(
    plan: &Plan,
    name: &str,
    a: &mut Side,
    b: &mut Side,
    examples: usize,
) -> anyhow::Result<TableReport> {
    let query = query::parts(plan, name);
    let (in_a, in_b) = (parts(&mut a.connection, &query)?, parts(&mut b.connection, &query)?);
    let count = |parts: &HashMap<i32, Part>| parts.values().map(|part| part.rows).sum::<i64>();
    let mut report = TableReport::new(name, count(&in_a), count(&in_b));
    let mut differing: Vec<i32> =
        in_a.keys().chain(in_b.keys()).copied().filter(|part| in_a.get(part) != in_b.get(part)).collect();
    differing.sort_unstable();
    differing.dedup();
    if differing.is_empty() {
        return Ok(report);
    }
    let query = query::details(plan, name, &differing);
    let (mut in_a, mut in_b) =
        (Rows::open(&mut a.connection, &query)?, Rows::open(&mut b.connection, &query)?);
    let columns = &plan.tables[name];
    loop {
        let known = match (in_a.peek(), in_b.peek()) {
            (None, None) => break,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(one), Some(other)) => one.min(other),
        };
        let known = known.to_owned();
        Group { a: in_a.group(&known)?, b: in_b.group(&known)? }.compare(columns, examples, &mut report);
    }
    in_a.close()?;
    in_b.close()?;
    Ok(report)
}

fn parts(connection: &mut PgConnection, query: &str) -> QueryResult<HashMap<i32, Part>> {
    let parts: Vec<Part> = sql_query(query).load(connection)?;
    Ok(parts.into_iter().map(|part| (part.part, part)).collect())
}

/// The rows of one side that differ or stand beside such, by and by.
struct Rows<'c> {
    connection: &'c mut PgConnection,
    fetched: std::vec::IntoIter<Detail>,
    next: Option<Detail>,
}

impl<'c> Rows<'c> {
    fn open(connection: &'c mut PgConnection, query: &str) -> QueryResult<Self> {
        connection.batch_execute(&format!("DECLARE differing NO SCROLL CURSOR FOR {query}"))?;
        let mut rows = Self { connection, fetched: Vec::new().into_iter(), next: None };
        rows.next = rows.advance()?;
        Ok(rows)
    }

    fn advance(&mut self) -> QueryResult<Option<Detail>> {
        if let Some(row) = self.fetched.next() {
            return Ok(Some(row));
        }
        let fetched: Vec<Detail> =
            sql_query(format!("FETCH {FETCHED} FROM differing")).load(self.connection)?;
        self.fetched = fetched.into_iter();
        Ok(self.fetched.next())
    }

    /// What the next row is known by.
    fn peek(&self) -> Option<&str> {
        self.next.as_ref().map(|row| row.known.as_str())
    }

    /// All rows that are known by this; they come next, if there are any.
    fn group(&mut self, known: &str) -> QueryResult<Vec<Detail>> {
        let mut group = Vec::new();
        while let Some(row) = self.next.take_if(|row| row.known == known) {
            group.push(row);
            self.next = self.advance()?;
        }
        Ok(group)
    }

    fn close(self) -> QueryResult<()> {
        self.connection.batch_execute("CLOSE differing")
    }
}

/// Rows of both sides that are known by the same: as a rule, one each.
struct Group {
    a: Vec<Detail>,
    b: Vec<Detail>,
}

impl Group {
    fn compare(mut self, columns: &[String], examples: usize, report: &mut TableReport) {
        let mut unmatched: HashMap<&[Option<String>], i64> = HashMap::new();
        for row in &self.b {
            *unmatched.entry(&row.c).or_default() += 1;
        }
        let mut only_a = Vec::new();
        for row in std::mem::take(&mut self.a) {
            match unmatched.get_mut(row.c.as_slice()) {
                Some(left @ 1..) => *left -= 1,
                _ => only_a.push(row),
            }
        }
        let mut only_b = Vec::new();
        for row in &self.b {
            if let Some(left @ 1..) = unmatched.get_mut(row.c.as_slice()) {
                *left -= 1;
                only_b.push(row);
            }
        }
        let pairs = only_a.len().min(only_b.len());
        for (one, other) in only_a.iter().zip(&only_b) {
            let differing = columns.iter().zip(one.c.iter().zip(&other.c));
            let differing: Vec<String> =
                differing.filter(|(_, (one, other))| one != other).map(|(name, _)| name.clone()).collect();
            report.add_changed(&differing);
            report.add_example(examples, Example::Changed { a: one.id, b: other.id, columns: differing });
        }
        for row in &only_a[pairs..] {
            report.only_a += 1;
            report.add_example(examples, Example::OnlyA { a: row.id });
        }
        for row in &only_b[pairs..] {
            report.only_b += 1;
            report.add_example(examples, Example::OnlyB { b: row.id });
        }
    }
}

impl TableReport {
    fn add_changed(&mut self, columns: &[String]) {
        self.changed += 1;
        for column in columns {
            let name = self.table.clone();
            self.columns.entry(column.clone()).or_insert_with(|| Changed::new(&name, column)).rows += 1;
        }
    }

    fn add_example(&mut self, most: usize, example: Example) {
        if self.examples.len() < most {
            self.examples.push(example);
        }
    }

    fn new(name: &str, rows_a: i64, rows_b: i64) -> Self {
        Self {
            table: name.to_owned(),
            rows_a,
            rows_b,
            only_a: 0,
            only_b: 0,
            changed: 0,
            columns: BTreeMap::new(),
            examples: Vec::new(),
        }
    }
}
