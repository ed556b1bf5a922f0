//! Runs a batch, statement by statement.

use std::{collections::HashMap, io};

use postgres::{Client, Row, fallible_iterator::FallibleIterator};
use sqlparser::ast::{
    ConditionalStatementBlock, ConditionalStatements, DeclareAssignment, Expr, Ident, ObjectNamePart, Query,
    SelectItem, Set, SetExpr, Statement,
};

use super::{
    bound::{Bound, Scope},
    catalog::{Catalog, Reference, literal},
    conversion::{Reason, converted},
    errors::refusal,
    expression::Binder,
    output::{Layout, shown},
    refused::{Bind, Refused, not_known},
    result::{BoundQuery, OutColumn},
    syntax::statements,
    types::SqlType,
};

/// Takes what a batch gives.
pub(crate) trait Output {
    fn columns(&mut self, columns: &[OutColumn]) -> io::Result<()>;
    fn row(&mut self, layout: &Layout, row: &Row) -> Result<(), Failure>;
    /// The end of a statement that gave rows or changed them.
    fn done(&mut self, count: u64) -> io::Result<()>;
    fn message(&mut self, number: i32, state: u8, text: &str) -> io::Result<()>;
    /// An error after which the batch goes on.
    fn error(&mut self, refused: &Refused) -> io::Result<()>;
    /// Whether nobody waits for the rest.
    fn is_interrupted(&self) -> bool {
        false
    }
    /// A statement begins that may be ended before its time; `false` if it must not begin.
    fn begin(&mut self) -> bool {
        true
    }
    /// What began has ended.
    fn end(&mut self) {}
    /// The rest of what began is not wanted: it is to end soon.
    fn give_up(&mut self) {}
}

/// Why a batch ends.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refused),
    /// The connection is to be cut, or is.
    Cut(io::Error),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Cut(error)
    }
}

/// What a session keeps from one batch to the next.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) rows: u64,
    pub(crate) error: i32,
    pub(crate) transactions: u32,
}

/// A running batch.
pub(crate) struct Batch<'r, O> {
    pub(crate) client: &'r mut Client,
    pub(crate) database: &'r str,
    pub(crate) state: &'r mut State,
    pub(crate) output: &'r mut O,
    variables: HashMap<String, Bound>,
    /// Table variables, as PostgreSQL knows them.
    tables: Vec<String>,
}

/// Whether the batch goes on.
enum Next {
    Statement,
    End,
}

const MOST_ROUNDS: u32 = 100_000;
const VERSION: &str = "Microsoft SQL Server stand-in (T-SQL on PostgreSQL; not SQL Server)";

impl<'r, O: Output> Batch<'r, O> {
    pub(crate) fn new(
        client: &'r mut Client,
        database: &'r str,
        state: &'r mut State,
        output: &'r mut O,
        parameters: HashMap<String, Bound>,
    ) -> Self {
        Self { client, database, state, output, variables: parameters, tables: Vec::new() }
    }

    pub(crate) fn run(mut self, sql: &str) -> Result<(), Failure> {
        let parsed = statements(sql)?;
        let result = self.all(&parsed, sql);
        for table in std::mem::take(&mut self.tables) {
            let drop = format!("DROP TABLE IF EXISTS {table}");
            self.guarded(|batch| batch.client.batch_execute(&drop).map_err(|error| refusal(&error).into()))?;
        }
        if let Err(Failure::Refused(refused)) = &result {
            self.state.error = refused.number;
            self.state.rows = 0;
        }
        result.map(|_| ())
    }

    fn all(&mut self, parsed: &[Statement], batch: &str) -> Result<Next, Failure> {
        for statement in parsed {
            if self.output.is_interrupted() {
                return Err(Refused::cancelled().into());
            }
            match self.statement(statement, batch, parsed.len()) {
                Ok(Next::Statement) => (),
                Ok(next) => return Ok(next),
                Err(Failure::Refused(refused)) if !refused.ends_batch => {
                    self.output.error(&refused)?;
                    self.state.error = refused.number;
                    self.state.rows = 0;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Next::Statement)
    }

    fn statement(&mut self, statement: &Statement, batch: &str, count: usize) -> Result<Next, Failure> {
        match statement {
            Statement::Query(query) => self.select(query)?,
            Statement::Declare { stmts, .. } => {
                for declare in stmts {
                    self.declare(declare)?;
                }
            }
            Statement::Set(set) => self.set(set, statement)?,
            Statement::If(branches) => {
                let blocks = std::iter::once(&branches.if_block)
                    .chain(&branches.elseif_blocks)
                    .chain(&branches.else_block);
                for block in blocks {
                    if self.holds(block)? {
                        return self.all(block_statements(block), batch);
                    }
                }
            }
            Statement::While(round) => {
                for rounds in 0.. {
                    if rounds > MOST_ROUNDS {
                        return Err(not_known("loops of so many rounds").into());
                    }
                    if !self.holds(&round.while_block)? {
                        break;
                    }
                    if let Next::End = self.all(block_statements(&round.while_block), batch)? {
                        return Ok(Next::End);
                    }
                }
            }
            Statement::Return(_) => return Ok(Next::End),
            Statement::Print(print) => {
                let value = self.evaluated(&print.message, None)?.1;
                self.output.message(0, 1, value.as_deref().unwrap_or(" "))?;
            }
            Statement::RaisError { message, severity, state, arguments, .. } => {
                if !arguments.is_empty() {
                    return Err(not_known("arguments of RAISERROR").into());
                }
                let (kind, text) = self.evaluated(message, None)?;
                if !kind.is_text() {
                    return Err(not_known("RAISERROR of a number").into());
                }
                let number = |value: Option<String>| value.and_then(|value| value.parse::<i64>().ok());
                let severity = number(self.evaluated(severity, None)?.1).unwrap_or(16);
                let state = number(self.evaluated(state, None)?.1).unwrap_or(1);
                let text = text.unwrap_or_default().replace("%%", "%");
                let state = u8::try_from(state).unwrap_or(1);
                match u8::try_from(severity) {
                    Ok(severity @ 11..=18) => {
                        let mut refused = Refused::new(50_000, text);
                        (refused.state, refused.severity, refused.ends_batch) = (state, severity, false);
                        return Err(refused.into());
                    }
                    Ok(0..=10) => self.output.message(50_000, state, &text)?,
                    _ => return Err(not_known("RAISERROR of this severity").into()),
                }
            }
            Statement::Throw(throw) => {
                let (Some(number), Some(message)) = (&throw.error_number, &throw.message) else {
                    return Err(Refused::new(
                        10704,
                        "To rethrow an error, a THROW statement must be used inside a CATCH block.",
                    )
                    .into());
                };
                let number = self.evaluated(number, None)?.1.and_then(|number| number.parse::<i32>().ok());
                let text = self.evaluated(message, None)?.1.unwrap_or_default();
                return Err(match number {
                    Some(number @ 50_000..) => Refused { ends_batch: true, ..Refused::new(number, text) },
                    _ => Refused::new(
                        35_100,
                        "Error number in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.",
                    ),
                }
                .into());
            }
            Statement::Use(database) => self.use_database(database)?,
            Statement::Execute { name: Some(name), .. } => {
                return Err(Refused::missing_procedure(&name.to_string()).into());
            }
            Statement::StartTransaction { .. } => self.transaction(1)?,
            Statement::Commit { .. } => self.transaction(-1)?,
            Statement::Rollback { savepoint: None, .. } => self.transaction(0)?,
            other => {
                let affected = self.definition(other, batch, count)?;
                if let Some(affected) = affected {
                    self.state.rows = affected;
                    self.output.done(affected)?;
                }
            }
        }
        self.state.error = 0;
        Ok(Next::Statement)
    }

    fn holds(&mut self, block: &ConditionalStatementBlock) -> Result<bool, Failure> {
        let Some(condition) = &block.condition else { return Ok(true) };
        let sql = self.bind(|binder| binder.condition(condition, &Scope::new(None)))?;
        let rows = self.query(&format!("SELECT coalesce({sql}, false)"))?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    /// Translates with the variables as they are now.
    pub(crate) fn bind<T>(&mut self, work: impl FnOnce(&mut Binder<'_, '_>) -> Bind<T>) -> Bind<T> {
        let whole = |value: i64, kind: SqlType| {
            Bound::new(format!("CAST({value} AS {})", kind.stored()), kind, false)
        };
        let rows = i64::try_from(self.state.rows).unwrap_or(i64::MAX);
        let globals = HashMap::from([
            ("@@rowcount", whole(rows, SqlType::Int)),
            ("@@error", whole(self.state.error.into(), SqlType::Int)),
            ("@@trancount", whole(self.state.transactions.into(), SqlType::Int)),
            ("@@spid", Bound::new("CAST(51 AS smallint)", SqlType::SmallInt, false)),
            ("@@datefirst", Bound::new("CAST(7 AS smallint)", SqlType::TinyInt, false)),
            ("@@version", Bound::new(format!("{}::text", literal(VERSION)), SqlType::nvarchar(300), false)),
            ("@@servername", Bound::new("'stand-in'::text", SqlType::nvarchar(128), true)),
            ("@@language", Bound::new("'us_english'::text", SqlType::nvarchar(128), true)),
        ]);
        let mut catalog = Catalog { client: &mut *self.client, database: self.database };
        let mut binder = Binder {
            catalog: &mut catalog,
            variables: std::mem::take(&mut self.variables),
            globals: &globals,
            ctes: Vec::new(),
            next_alias: 0,
            level: None,
            in_step: false,
            depth: 0,
        };
        let result = work(&mut binder);
        self.variables = std::mem::take(&mut binder.variables);
        result
    }

    /// A value as the text of PostgreSQL, perhaps of another type.
    fn evaluated(&mut self, expr: &Expr, to: Option<SqlType>) -> Result<(SqlType, Option<String>), Failure> {
        let bound = self.bind(|binder| {
            let value = binder.value(expr, &Scope::new(None))?;
            match to {
                Some(to) => converted(&value, to, Reason::Implicit),
                None if value.is_null() => converted(&value, SqlType::Int, Reason::Implicit),
                None => Ok(value),
            }
        })?;
        let rows = self.query(&format!("SELECT CAST({} AS text)", bound.sql))?;
        Ok((bound.sql_type, rows.first().and_then(|row| row.get(0))))
    }

    fn declare(&mut self, declare: &sqlparser::ast::Declare) -> Result<(), Failure> {
        let Some(data_type) = &declare.data_type else {
            return Err(not_known("this form of DECLARE").into());
        };
        if declare.declare_type.is_some() || declare.for_query.is_some() {
            return Err(not_known("cursors").into());
        }
        for name in &declare.names {
            let key = name.value.to_lowercase();
            if self.variables.contains_key(&key) {
                return Err(Refused::new(
                    134,
                    format!("The variable name '{}' has already been declared.", name.value),
                )
                .into());
            }
            if let sqlparser::ast::DataType::Table(Some(columns)) = data_type {
                let table = Reference { database: None, schema: None, name: name.value.clone() };
                self.create_table(&table, columns, &[])?;
                self.tables.push(table.stored()?);
                continue;
            }
            let to = SqlType::declared(data_type, 1).map_err(|refused| refused.of_declaration(data_type))?;
            let value = match &declare.assignment {
                None => None,
                Some(
                    DeclareAssignment::MsSqlAssignment(value)
                    | DeclareAssignment::Expr(value)
                    | DeclareAssignment::Default(value),
                ) => self.evaluated(value, Some(to))?.1,
                Some(_) => return Err(not_known("this form of DECLARE").into()),
            };
            self.variables.insert(key, variable(to, value.as_deref()));
        }
        Ok(())
    }

    fn assign(&mut self, name: &Ident, value: &Expr) -> Result<(), Failure> {
        let key = name.value.to_lowercase();
        let Some(to) = self.variables.get(&key).map(|variable| variable.sql_type) else {
            return Err(undeclared(&name.value).into());
        };
        let value = self.evaluated(value, Some(to))?.1;
        self.variables.insert(key, variable(to, value.as_deref()));
        Ok(())
    }

    fn set(&mut self, set: &Set, statement: &Statement) -> Result<(), Failure> {
        if let Set::SingleAssignment { variable, values, .. } = set
            && let [ObjectNamePart::Identifier(name)] = variable.0.as_slice()
            && name.value.starts_with('@')
        {
            let [value] = values.as_slice() else { return Err(not_known("this form of SET").into()) };
            return self.assign(name, value);
        }
        let text = statement.to_string().to_uppercase().replace(" = ", " ");
        let harmless = [
            "SET TRANSACTION ISOLATION LEVEL ",
            "SET LOCK_TIMEOUT ",
            "SET NOCOUNT ",
            "SET ANSI_NULLS ON",
            "SET ANSI_PADDING ON",
            "SET ANSI_WARNINGS ON",
            "SET ARITHABORT ON",
            "SET QUOTED_IDENTIFIER ON",
            "SET CONCAT_NULL_YIELDS_NULL ON",
            "SET XACT_ABORT OFF",
            "SET TEXTSIZE ",
            "SET ROWCOUNT 0",
            "SET DATEFORMAT MDY",
            "SET LANGUAGE US_ENGLISH",
            "SET IMPLICIT_TRANSACTIONS OFF",
            "SET CURSOR_CLOSE_ON_COMMIT OFF",
            "SET ANSI_NULL_DFLT_ON ON",
            "SET DEADLOCK_PRIORITY ",
            "SET NUMERIC_ROUNDABORT OFF",
            "SET DATEFIRST 7",
            "SET FMTONLY OFF",
            "SET ANSI_DEFAULTS ON",
        ];
        if harmless.iter().any(|known| text.starts_with(known)) {
            Ok(())
        } else {
            Err(not_known(&format!("{statement}")).into())
        }
    }

    fn use_database(&mut self, database: &sqlparser::ast::Use) -> Result<(), Failure> {
        let sqlparser::ast::Use::Object(name) = database else {
            return Err(not_known("this form of USE").into());
        };
        let name = Reference::of(name)?.name;
        if name.eq_ignore_ascii_case(self.database) {
            return Ok(());
        }
        let there =
            format!("SELECT 1 FROM pg_database WHERE lower(datname) = {}", literal(&name.to_lowercase()));
        Err(if self.query(&there)?.is_empty() {
            Refused::new(
                911,
                format!("Database '{name}' does not exist. Make sure that the name is entered correctly."),
            )
        } else {
            not_known("USE of another database; log in to it")
        }
        .into())
    }

    /// Begins (1), commits (-1) or rolls back (0).
    pub(crate) fn transaction(&mut self, change: i8) -> Result<(), Failure> {
        let open = self.state.transactions;
        let (sql, left) = match (change, open) {
            (1, 0) => ("BEGIN", 1),
            (1, _) => ("", open + 1),
            (-1, 1) => ("COMMIT", 0),
            (-1, 2..) => ("", open - 1),
            (-1, _) => {
                return Err(Refused {
                    ends_batch: false,
                    ..Refused::new(
                        3902,
                        "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.",
                    )
                }
                .into());
            }
            (_, 0) => {
                return Err(Refused {
                    ends_batch: false,
                    ..Refused::new(
                        3903,
                        "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.",
                    )
                }
                .into());
            }
            _ => ("ROLLBACK", 0),
        };
        self.client.batch_execute(sql).map_err(|error| refusal(&error))?;
        self.state.transactions = left;
        Ok(())
    }

    /// Runs something that PostgreSQL may refuse; within a transaction that must not end it.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.state.transactions == 0 {
            return work(self);
        }
        let run =
            |batch: &mut Self, sql: &str| batch.client.batch_execute(sql).map_err(|error| refusal(&error));
        run(self, "SAVEPOINT statement")?;
        let result = work(self);
        let end = if result.is_ok() { "RELEASE statement" } else { "ROLLBACK TO statement" };
        if !matches!(result, Err(Failure::Cut(_))) {
            run(self, end)?;
        }
        result
    }

    /// Runs a statement that an interruption may end; all others are short, and what follows relies on them.
    fn interruptible<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        self.guarded(|batch| {
            if !batch.output.begin() {
                return Err(Refused::cancelled().into());
            }
            let result = work(batch);
            batch.output.end();
            result
        })
    }

    pub(crate) fn execute(&mut self, sql: &str) -> Result<u64, Failure> {
        self.interruptible(|batch| Ok(batch.client.execute(sql, &[]).map_err(|error| refusal(&error))?))
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, Failure> {
        self.interruptible(|batch| Ok(batch.client.query(sql, &[]).map_err(|error| refusal(&error))?))
    }

    fn select(&mut self, query: &Query) -> Result<(), Failure> {
        if let SetExpr::Select(select) = query.body.as_ref() {
            let assigned = |item: &SelectItem| match item {
                SelectItem::ExprWithAlias { expr, alias }
                    if alias.value.starts_with('@') && alias.quote_style.is_none() =>
                {
                    Some((alias.clone(), expr.clone()))
                }
                _ => None,
            };
            let assigned: Option<Vec<(Ident, Expr)>> = select.projection.iter().map(assigned).collect();
            if let Some(assigned) = assigned.filter(|assigned| !assigned.is_empty()) {
                return self.assign_from(query, &assigned);
            }
            if let Some(into) = &select.into {
                let name = match into.targets.as_slice() {
                    [Expr::Identifier(name)] => vec![name.clone()],
                    [Expr::CompoundIdentifier(names)] => names.clone(),
                    _ => return Err(not_known("this form of INTO").into()),
                };
                let name = name.into_iter().map(ObjectNamePart::Identifier).collect();
                let name = Reference::of(&sqlparser::ast::ObjectName(name))?;
                let mut query = query.clone();
                if let SetExpr::Select(select) = query.body.as_mut() {
                    select.into = None;
                }
                return self.select_into(&name, &query);
            }
        }
        let bound = self.bind(|binder| binder.query(query, None, false))?;
        self.send(&bound)
    }

    fn send(&mut self, bound: &BoundQuery) -> Result<(), Failure> {
        let (sql, layout) = shown(bound);
        let count = self.interruptible(|batch| {
            let statement = batch.client.prepare(&sql).map_err(|error| refusal(&error))?;
            batch.output.columns(&bound.columns)?;
            let parameters: [&(dyn postgres::types::ToSql + Sync); 0] = [];
            let mut rows = batch.client.query_raw(&statement, parameters).map_err(|error| refusal(&error))?;
            let mut count = 0;
            while let Some(row) = rows.next().map_err(|error| refusal(&error))? {
                if let Err(failure) = batch.output.row(&layout, &row) {
                    // PostgreSQL goes on with rows that nobody reads, and the next statement would wait for them.
                    batch.output.give_up();
                    while let Ok(Some(_)) = rows.next() {}
                    return Err(failure);
                }
                count += 1;
            }
            Ok(count)
        })?;
        self.state.rows = count;
        self.output.done(count)?;
        Ok(())
    }

    /// `SELECT @a = …`: the values of the last row.
    fn assign_from(&mut self, query: &Query, assigned: &[(Ident, Expr)]) -> Result<(), Failure> {
        let mut query = query.clone();
        let mut has_from = false;
        if let SetExpr::Select(select) = query.body.as_mut() {
            has_from = !select.from.is_empty();
            select.projection =
                assigned.iter().map(|(_, expr)| SelectItem::UnnamedExpr(expr.clone())).collect();
        }
        let uses_own = assigned.iter().any(|(_, expr)| {
            let text = expr.to_string().to_lowercase();
            assigned.iter().any(|(name, _)| text.contains(&name.value.to_lowercase()))
        });
        if uses_own && (has_from || assigned.len() > 1) {
            return Err(not_known("variables that are built up row by row").into());
        }
        let mut targets = Vec::new();
        for (name, _) in assigned {
            let key = name.value.to_lowercase();
            match self.variables.get(&key) {
                Some(variable) => targets.push((key, variable.sql_type)),
                None => return Err(undeclared(&name.value).into()),
            }
        }
        let sql = self.bind(|binder| {
            let bound = binder.query(&query, None, false)?;
            let mut parts = Vec::new();
            for (index, (_, to)) in targets.iter().enumerate() {
                let value = super::query::column_value(&bound, index, "q");
                parts.push(format!("CAST({} AS text)", converted(&value, *to, Reason::Implicit)?.sql));
            }
            Ok(format!("SELECT {} FROM ({}) AS q", parts.join(", "), bound.sql))
        })?;
        let rows = self.query(&sql)?;
        self.state.rows = rows.len() as u64;
        if let Some(row) = rows.last() {
            for (index, (key, to)) in targets.into_iter().enumerate() {
                let value: Option<String> = row.get(index);
                self.variables.insert(key, variable(to, value.as_deref()));
            }
        }
        Ok(())
    }
}

fn undeclared(name: &str) -> Refused {
    Refused::new(137, format!("Must declare the scalar variable \"{name}\"."))
}

/// The value of a variable.
pub(crate) fn variable(of: SqlType, value: Option<&str>) -> Bound {
    let sql = match value {
        None => format!("CAST(NULL AS {})", of.stored()),
        Some(value) => format!("CAST({} AS {})", literal(value), of.stored()),
    };
    Bound::new(sql, of, true)
}

fn block_statements(block: &ConditionalStatementBlock) -> &[Statement] {
    match &block.conditional_statements {
        ConditionalStatements::Sequence { statements } => statements,
        ConditionalStatements::BeginEnd(block) => &block.statements,
    }
}
