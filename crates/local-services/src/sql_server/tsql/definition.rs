//! Statements that create and drop things.

use sqlparser::ast::{
    ColumnDef, ColumnOption, CreateFunction, CreateIndex, CreateTable, CreateView, Expr, FunctionReturnType,
    IdentityPropertyFormatKind, IdentityPropertyKind, IndexColumn, ObjectType, Query, Statement,
    TableConstraint,
};

use super::{
    batch::{Batch, Failure, Output},
    bound::{Scope, same},
    catalog::{Reference, literal, quoted},
    conversion::{Reason, converted},
    from::Module,
    query::{names, renamed},
    refused::{Bind, Refused, not_known},
    types::{Collation, SqlType, Strength, literal_number},
};

/// A column of a new table.
struct NewColumn {
    name: String,
    sql_type: SqlType,
    nullable: bool,
    identity: Option<(i64, i64)>,
    default: Option<Expr>,
}

impl NewColumn {
    fn stored(&self) -> String {
        quoted(&self.name.to_lowercase())
    }

    /// What PostgreSQL cannot remember itself.
    fn remark(&self) -> Option<String> {
        let is_plain = SqlType::of_column(&spelled(self.sql_type))
            .is_ok_and(|known| known == self.sql_type.with_strength(Strength::Database));
        let is_lower = self.name == self.name.to_lowercase();
        if is_plain && is_lower {
            return None;
        }
        let collation = match self.sql_type.text().map(|text| text.collation) {
            Some(Collation::CaseSensitive) => " COLLATE Latin1_General_CS_AS",
            Some(Collation::AccentInsensitive) => " COLLATE Latin1_General_CI_AI",
            Some(Collation::Binary) => " COLLATE Latin1_General_BIN2",
            Some(Collation::Default) | None => "",
        };
        let declared = if is_plain { String::new() } else { format!("{}{collation}", self.sql_type) };
        Some(format!("{declared}|{}", self.name))
    }
}

/// The type of a column as PostgreSQL spells it.
fn spelled(of: SqlType) -> String {
    of.column().replace("varchar", "character varying")
}

impl<O: Output> Batch<'_, O> {
    /// `None`: there is nothing to count.
    pub(crate) fn definition(
        &mut self,
        statement: &Statement,
        batch: &str,
        count: usize,
    ) -> Result<Option<u64>, Failure> {
        match statement {
            Statement::Insert(insert) => return self.insert(insert).map(Some),
            Statement::Update(update) => return self.update(update).map(Some),
            Statement::Delete(delete) => return self.delete(delete).map(Some),
            Statement::CreateTable(table) => self.table(table)?,
            Statement::CreateView(view) => self.view(view, batch, count)?,
            Statement::CreateFunction(function) => self.new_function(function, batch, count)?,
            Statement::CreateIndex(index) => self.index(index)?,
            Statement::Drop { object_type, if_exists, names, cascade: false, .. } => {
                for name in names {
                    self.drop(*object_type, &Reference::of(name)?, *if_exists)?;
                }
            }
            Statement::DropFunction(function) => {
                for described in &function.func_desc {
                    self.drop_module("function", &Reference::of(&described.name)?, function.if_exists)?;
                }
            }
            Statement::Truncate(truncate) => {
                for table in &truncate.table_names {
                    let name = Reference::of(&table.name)?;
                    let Some(table) = self.bind(|binder| binder.catalog.table(&name))? else {
                        return Err(Refused::new(
                            4701,
                            format!(
                                "Cannot find the object \"{}\" because it does not exist or you do not have permissions.",
                                name.name
                            ),
                        )
                        .into());
                    };
                    self.execute(&format!("TRUNCATE {} RESTART IDENTITY", table.stored))?;
                }
            }
            other => {
                let text = other.to_string();
                let words: Vec<&str> = text.split_whitespace().take(2).collect();
                return Err(not_known(&words.join(" ")).into());
            }
        }
        Ok(None)
    }

    fn is_there(&mut self, name: &Reference) -> Bind<bool> {
        self.bind(
            |binder| Ok(binder.catalog.table(name)?.is_some() || binder.catalog.module(name)?.is_some()),
        )
    }

    /// It must be in `dbo`, and new.
    fn new_name(&mut self, name: &Reference) -> Bind<()> {
        if let Some(schema) = &name.schema
            && !schema.eq_ignore_ascii_case("dbo")
        {
            return Err(Refused::new(
                2760,
                format!(
                    "The specified schema name \"{schema}\" either does not exist or you do not have permission to use it."
                ),
            ));
        }
        if self.is_there(name)? {
            return Err(Refused::new(
                2714,
                format!("There is already an object named '{}' in the database.", name.name),
            ));
        }
        Ok(())
    }

    fn table(&mut self, table: &CreateTable) -> Result<(), Failure> {
        if table.query.is_some() || table.like.is_some() || table.if_not_exists || table.or_replace {
            return Err(not_known("this form of CREATE TABLE").into());
        }
        self.create_table(&Reference::of(&table.name)?, &table.columns, &table.constraints)
    }

    pub(crate) fn create_table(
        &mut self,
        name: &Reference,
        columns: &[ColumnDef],
        constraints: &[TableConstraint],
    ) -> Result<(), Failure> {
        self.new_name(name)?;
        let mut new = Vec::new();
        let mut keys: Vec<(Vec<String>, bool)> = Vec::new();
        for column in columns {
            let column = new_column(column, &mut keys)?;
            if new.iter().any(|other: &NewColumn| same(&other.name, &column.name)) {
                return Err(Refused::new(
                    2705,
                    format!(
                        "Column names in each table must be unique. Column name '{}' in table '{name}' is specified more than once.",
                        column.name
                    ),
                )
                .into());
            }
            new.push(column);
        }
        for constraint in constraints {
            match constraint {
                TableConstraint::PrimaryKey(key) => keys.push((key_columns(&key.columns)?, true)),
                TableConstraint::Unique(key) => keys.push((key_columns(&key.columns)?, false)),
                other => return Err(not_known(&format!("the constraint {other}")).into()),
            }
        }
        for (columns, _) in keys.iter().filter(|(_, is_primary)| *is_primary) {
            for column in columns {
                match new.iter_mut().find(|new| same(&new.name, column)) {
                    Some(new) => new.nullable = false,
                    None => return Err(missing_column(column).into()),
                }
            }
        }
        self.store_table(name, &new)?;
        for (index, (columns, is_primary)) in keys.iter().enumerate() {
            let kind = if *is_primary { "pk" } else { "uq" };
            let key = format!("{kind}:{}:{index}", name.name.to_lowercase());
            self.unique(name, &key, columns, &new)?;
        }
        Ok(())
    }

    fn store_table(&mut self, name: &Reference, columns: &[NewColumn]) -> Result<(), Failure> {
        let stored = name.stored()?;
        let mut parts = Vec::new();
        let mut remarks = Vec::new();
        for column in columns {
            let mut part = format!("{} {}", column.stored(), column.sql_type.column());
            if !column.nullable {
                part += " NOT NULL";
            }
            if let Some((seed, step)) = column.identity {
                let least = seed.min(1);
                part = format!(
                    "{part} GENERATED BY DEFAULT AS IDENTITY (MINVALUE {least} START {seed} INCREMENT {step})"
                );
            }
            if let Some(default) = &column.default {
                let value = self.bind(|binder| {
                    let value = binder.value(default, &Scope::new(None))?;
                    converted(&value, column.sql_type, Reason::Store)
                })?;
                part = format!("{part} DEFAULT {}", value.sql);
            }
            parts.push(part);
            if let Some(remark) = column.remark() {
                remarks.push(format!(
                    "; COMMENT ON COLUMN {stored}.{} IS {}",
                    column.stored(),
                    literal(&remark)
                ));
            }
        }
        let word = if name.is_temporary() { "CREATE TEMPORARY TABLE" } else { "CREATE TABLE" };
        if name.name != name.name.to_lowercase() {
            remarks.push(format!("; COMMENT ON TABLE {stored} IS {}", literal(&name.name)));
        }
        let target = if name.is_temporary() { quoted(&name.name.to_lowercase()) } else { stored };
        self.run_all(&format!("{word} {target} ({}){}", parts.join(", "), remarks.concat()))
    }

    fn run_all(&mut self, sql: &str) -> Result<(), Failure> {
        let mut catalog = super::catalog::Catalog { client: &mut *self.client, database: self.database };
        catalog.run(sql).map_err(|error| super::errors::refusal(&error).into())
    }

    fn unique(
        &mut self,
        table: &Reference,
        name: &str,
        columns: &[String],
        of: &[NewColumn],
    ) -> Result<(), Failure> {
        let mut keys = Vec::new();
        for column in columns {
            let Some(found) = of.iter().find(|new| same(&new.name, column)) else {
                return Err(missing_column(column).into());
            };
            let stored = found.stored();
            keys.push(match found.sql_type {
                SqlType::Text(text) => {
                    format!("(rtrim({stored}::text, ' ') COLLATE {})", text.collation.sql())
                }
                SqlType::DateTimeOffset(_) => format!("(({stored}).utc)"),
                _ => stored,
            });
        }
        let stored = table.stored()?;
        let name: String = name.chars().take(60).collect();
        self.execute(&format!(
            "CREATE UNIQUE INDEX {} ON {stored} ({}) NULLS NOT DISTINCT",
            quoted(&name),
            keys.join(", ")
        ))?;
        Ok(())
    }

    fn index(&mut self, index: &CreateIndex) -> Result<(), Failure> {
        let name = Reference::of(&index.table_name)?;
        let Some(table) = self.bind(|binder| binder.catalog.table(&name))? else {
            return Err(Refused::new(
                1088,
                format!("Cannot find the object \"{name}\" because it does not exist or you do not have permissions."),
            )
            .into());
        };
        if index.predicate.is_some() {
            return Err(not_known("filtered indexes").into());
        }
        let columns = key_columns(&index.columns)?;
        let of: Vec<NewColumn> = table
            .columns
            .iter()
            .map(|column| NewColumn {
                name: column.name.clone(),
                sql_type: column.sql_type,
                nullable: column.nullable,
                identity: None,
                default: None,
            })
            .collect();
        if index.unique {
            let shown = index.name.as_ref().map(ToString::to_string).unwrap_or_default();
            return self.unique(&name, &format!("ix:{}", shown.to_lowercase()), &columns, &of);
        }
        // Other indexes change no result.
        match columns.iter().find(|column| !of.iter().any(|known| same(&known.name, column))) {
            Some(missing) => Err(missing_column(missing).into()),
            None => Ok(()),
        }
    }

    fn drop(&mut self, kind: ObjectType, name: &Reference, if_exists: bool) -> Result<(), Failure> {
        match kind {
            ObjectType::View => return self.drop_module("view", name, if_exists),
            ObjectType::Table => (),
            other => return Err(not_known(&format!("DROP {other}")).into()),
        }
        match self.bind(|binder| binder.catalog.table(name))? {
            Some(table) => {
                self.execute(&format!("DROP TABLE {}", table.stored))?;
                Ok(())
            }
            None if if_exists => Ok(()),
            None => Err(not_there("table", name).into()),
        }
    }

    fn drop_module(&mut self, kind: &str, name: &Reference, if_exists: bool) -> Result<(), Failure> {
        let sql = format!(
            "DELETE FROM tsql.module WHERE name = {} AND kind = {}",
            literal(&name.name.to_lowercase()),
            literal(kind)
        );
        match self.execute(&sql)? {
            0 if !if_exists => Err(not_there(kind, name).into()),
            _ => Ok(()),
        }
    }

    fn view(&mut self, view: &CreateView, batch: &str, count: usize) -> Result<(), Failure> {
        if view.materialized || view.or_replace || view.or_alter || view.temporary {
            return Err(not_known("this form of CREATE VIEW").into());
        }
        let name = Reference::of(&view.name)?;
        alone(count, "VIEW")?;
        self.new_name(&name)?;
        let columns: Vec<String> = view.columns.iter().map(|column| column.name.value.clone()).collect();
        self.bind(|binder| {
            let query = binder.query(&view.query, None, true)?;
            renamed(&query.columns, &columns, &name.name).map(|_| ())
        })?;
        self.store_module(&name, "view", batch)
    }

    fn new_function(&mut self, function: &CreateFunction, batch: &str, count: usize) -> Result<(), Failure> {
        let name = Reference::of(&function.name)?;
        let returns_table = matches!(
            &function.return_type,
            Some(FunctionReturnType::DataType(sqlparser::ast::DataType::Table(None)))
        );
        if !returns_table || function.or_alter || function.or_replace {
            return Err(not_known("functions other than RETURNS TABLE AS RETURN (SELECT …)").into());
        }
        alone(count, "FUNCTION")?;
        let module = Module::parsed(batch)?;
        self.new_name(&name)?;
        let parameters = module
            .parameters
            .iter()
            .map(|(parameter, sql_type)| (parameter.to_lowercase(), super::batch::variable(*sql_type, None)));
        let parameters = parameters.collect();
        self.bind(|binder| {
            let variables = std::mem::replace(&mut binder.variables, parameters);
            let query = binder.query(&module.query, None, true);
            binder.variables = variables;
            renamed(&query?.columns, &[], &name.name).map(|_| ())
        })?;
        self.store_module(&name, "function", batch)
    }

    fn store_module(&mut self, name: &Reference, kind: &str, definition: &str) -> Result<(), Failure> {
        self.execute(&format!(
            "INSERT INTO tsql.module (name, kind, definition) VALUES ({}, {}, {})",
            literal(&name.name.to_lowercase()),
            literal(kind),
            literal(definition)
        ))?;
        Ok(())
    }

    pub(crate) fn select_into(&mut self, name: &Reference, query: &Query) -> Result<(), Failure> {
        self.new_name(name)?;
        let bound = self.bind(|binder| binder.query(query, None, false))?;
        let mut columns = Vec::new();
        for column in &bound.columns {
            if column.name.is_empty() {
                return Err(Refused::new(
                    1038,
                    "An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name.",
                )
                .into());
            }
            let sql_type = match column.sql_type {
                SqlType::Null => SqlType::Int,
                other => other,
            };
            columns.push(NewColumn {
                name: column.name.clone(),
                sql_type,
                nullable: column.nullable,
                identity: column.is_identity.then_some((1, 1)),
                default: None,
            });
        }
        self.store_table(name, &columns)?;
        let stored = name.stored()?;
        let targets: Vec<String> = columns.iter().map(NewColumn::stored).collect();
        let rows = self.execute(&format!(
            "INSERT INTO {stored} ({}) SELECT {} FROM ({}) AS q",
            targets.join(", "),
            names(columns.len()),
            bound.sql
        ))?;
        self.state.rows = rows;
        self.output.done(rows)?;
        Ok(())
    }
}

fn not_there(kind: &str, name: &Reference) -> Refused {
    Refused::new(
        3701,
        format!("Cannot drop the {kind} '{name}', because it does not exist or you do not have permission."),
    )
}

pub(crate) fn missing_column(name: &str) -> Refused {
    Refused::new(207, format!("Invalid column name '{name}'."))
}

fn alone(count: usize, what: &str) -> Bind<()> {
    if count == 1 {
        Ok(())
    } else {
        Err(Refused::new(111, format!("'CREATE {what}' must be the first statement in a query batch.")))
    }
}

fn key_columns(columns: &[IndexColumn]) -> Bind<Vec<String>> {
    columns
        .iter()
        .map(|column| match &column.column.expr {
            Expr::Identifier(name) => Ok(name.value.clone()),
            other => Err(not_known(&format!("the key {other}"))),
        })
        .collect()
}

fn new_column(column: &ColumnDef, keys: &mut Vec<(Vec<String>, bool)>) -> Bind<NewColumn> {
    let name = column.name.value.clone();
    let mut sql_type = SqlType::declared(&column.data_type, 1)
        .map_err(|refused| refused.of_declaration(&column.data_type))?;
    let mut nullable = true;
    let mut identity = None;
    let mut default = None;
    for option in &column.options {
        match &option.option {
            ColumnOption::Null => (),
            ColumnOption::NotNull => nullable = false,
            ColumnOption::PrimaryKey(_) => {
                nullable = false;
                keys.push((vec![name.clone()], true));
            }
            ColumnOption::Unique(_) => keys.push((vec![name.clone()], false)),
            ColumnOption::Default(value) => default = Some(value.clone()),
            ColumnOption::Collation(collation) => match &mut sql_type {
                SqlType::Text(text) => text.collation = Collation::named(&collation.to_string())?,
                _ => return Err(Refused::syntax("COLLATE")),
            },
            ColumnOption::Identity(IdentityPropertyKind::Identity(property)) => {
                nullable = false;
                identity = Some(match &property.parameters {
                    None => (1, 1),
                    Some(
                        IdentityPropertyFormatKind::FunctionCall(parameters)
                        | IdentityPropertyFormatKind::StartAndIncrement(parameters),
                    ) => {
                        let number = |expr: &Expr| {
                            literal_number(expr).ok_or_else(|| not_known(&format!("IDENTITY from {expr}")))
                        };
                        (number(&parameters.seed)?, number(&parameters.increment)?)
                    }
                });
            }
            other => return Err(not_known(&format!("the option {other} of a column"))),
        }
    }
    Ok(NewColumn { name, sql_type, nullable, identity, default })
}
