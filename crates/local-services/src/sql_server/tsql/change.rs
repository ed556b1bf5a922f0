//! `INSERT`, `UPDATE`, `DELETE`.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, Insert, ObjectName, SetExpr, TableFactor,
    TableObject, TableWithJoins, Update, UpdateTableFromKind,
};

use super::{
    batch::{Batch, Failure, Output},
    bound::{Clause, Scope, Source, same},
    catalog::{Reference, TableColumn},
    conversion::{Reason, converted},
    definition::missing_column,
    query::column_value,
    refused::{Refused, not_known},
};

impl<O: Output> Batch<'_, O> {
    pub(crate) fn insert(&mut self, insert: &Insert) -> Result<u64, Failure> {
        if insert.output.is_some() || insert.returning.is_some() || insert.on.is_some() {
            return Err(not_known("OUTPUT").into());
        }
        let TableObject::TableName(name) = &insert.table else {
            return Err(not_known("INSERT into anything but a table").into());
        };
        let Some(source) = &insert.source else { return Err(not_known("DEFAULT VALUES").into()) };
        let name = Reference::of(name)?;
        let sql = self.bind(|binder| {
            let Some(table) = binder.catalog.table(&name)? else {
                return Err(match binder.catalog.module(&name)? {
                    Some(_) => not_known("INSERT into a view"),
                    None => name.missing(),
                });
            };
            let mut targets: Vec<&TableColumn> = Vec::new();
            for column in &insert.columns {
                let given = Reference::of(column)?.name;
                let Some(found) = table.columns.iter().find(|known| same(&known.name, &given)) else {
                    return Err(missing_column(&given));
                };
                if targets.iter().any(|known| same(&known.name, &given)) {
                    return Err(Refused::new(
                        264,
                        format!("The column name '{given}' is specified more than once in the SET clause or column list of an INSERT."),
                    ));
                }
                if found.is_identity {
                    return Err(Refused::new(
                        544,
                        format!("Cannot insert explicit value for identity column in table '{}' when IDENTITY_INSERT is set to OFF.", name.name),
                    ));
                }
                targets.push(found);
            }
            let is_listed = !targets.is_empty();
            if !is_listed {
                targets = table.columns.iter().filter(|column| !column.is_identity).collect();
            }
            let is_values = matches!(source.body.as_ref(), SetExpr::Values(_));
            let query = match source.body.as_ref() {
                SetExpr::Values(values) => binder.values(values, None)?,
                _ => binder.query(source, None, false)?,
            };
            if query.columns.len() != targets.len() {
                let more = query.columns.len() > targets.len();
                return Err(match (is_listed, is_values, more) {
                    (true, true, true) => Refused::new(110, "There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement."),
                    (true, true, false) => Refused::new(109, "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement."),
                    (true, false, true) => Refused::new(121, "The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns."),
                    (true, false, false) => Refused::new(120, "The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns."),
                    (false, ..) => Refused::new(213, "Column name or number of supplied values does not match table definition."),
                });
            }
            let mut parts = Vec::new();
            for (index, target) in targets.iter().enumerate() {
                let value = column_value(&query, index, "q");
                parts.push(converted(&value, target.sql_type, Reason::Store)?.sql);
            }
            let columns: Vec<&str> = targets.iter().map(|target| target.stored.as_str()).collect();
            Ok(format!(
                "INSERT INTO {} ({}) SELECT {} FROM ({}) AS q",
                table.stored,
                columns.join(", "),
                parts.join(", "),
                query.sql
            ))
        })?;
        self.execute(&sql)
    }

    pub(crate) fn update(&mut self, update: &Update) -> Result<u64, Failure> {
        if update.output.is_some() || update.returning.is_some() || update.limit.is_some() {
            return Err(not_known("this form of UPDATE").into());
        }
        let from = match &update.from {
            None => None,
            Some(UpdateTableFromKind::AfterSet(from)) => Some(from.as_slice()),
            Some(UpdateTableFromKind::BeforeSet(_)) => return Err(Refused::syntax("FROM").into()),
        };
        self.change(&update.table, from, update.selection.as_ref(), Some(&update.assignments))
    }

    pub(crate) fn delete(&mut self, delete: &Delete) -> Result<u64, Failure> {
        if delete.output.is_some()
            || delete.returning.is_some()
            || delete.using.is_some()
            || delete.limit.is_some()
        {
            return Err(not_known("this form of DELETE").into());
        }
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let named = |name: &ObjectName| TableWithJoins {
            relation: TableFactor::Table {
                name: name.clone(),
                alias: None,
                args: None,
                with_hints: Vec::new(),
                version: None,
                with_ordinality: false,
                partitions: Vec::new(),
                json_path: None,
                sample: None,
                index_directives: Vec::new(),
                inheritance: None,
            },
            joins: Vec::new(),
        };
        match (delete.tables.as_slice(), from.as_slice()) {
            ([], [only]) => self.change(only, None, delete.selection.as_ref(), None),
            ([table], from) => self.change(&named(table), Some(from), delete.selection.as_ref(), None),
            _ => Err(not_known("this form of DELETE").into()),
        }
    }

    /// The rows are found first, each once; then they are changed, or deleted.
    fn change(
        &mut self,
        target: &TableWithJoins,
        from: Option<&[TableWithJoins]>,
        selection: Option<&Expr>,
        assignments: Option<&[Assignment]>,
    ) -> Result<u64, Failure> {
        let TableFactor::Table { name, .. } = &target.relation else {
            return Err(not_known("changes of anything but a table").into());
        };
        if !target.joins.is_empty() {
            return Err(not_known("this form of a change").into());
        }
        let name = Reference::of(name)?;
        let sql = self.bind(|binder| {
            let own = [target.clone()];
            let (from, sources) = binder.from(from.unwrap_or(&own), None)?;
            let scope = Scope { sources, ..Scope::new(None) };
            scope.clause.set(Clause::Where);
            let source = scope.sources.iter().find(|source: &&Source| same(&source.name, &name.name));
            let Some((source, table)) =
                source.and_then(|source| source.table.as_ref().map(|table| (source, table)))
            else {
                return Err(match binder.catalog.table(&name)? {
                    Some(_) => not_known("a table that is changed without standing in FROM"),
                    None => name.missing(),
                });
            };
            let filter = match selection {
                Some(condition) => format!(" WHERE {}", binder.condition(condition, &scope)?),
                None => String::new(),
            };
            let mut values = vec![format!("{}.ctid AS place", source.alias)];
            let mut sets = Vec::new();
            for (index, assignment) in assignments.unwrap_or_default().iter().enumerate() {
                let AssignmentTarget::ColumnName(column) = &assignment.target else {
                    return Err(not_known("this form of SET"));
                };
                let given = Reference::of(column)?.name;
                if given.starts_with('@') {
                    return Err(not_known("variables that UPDATE sets"));
                }
                let Some(column) = table.columns.iter().find(|known| same(&known.name, &given)) else {
                    return Err(missing_column(&given));
                };
                if column.is_identity {
                    return Err(Refused::new(8102, format!("Cannot update identity column '{given}'.")));
                }
                let value = binder.value(&assignment.value, &scope)?;
                let value = converted(&value, column.sql_type, Reason::Store)?;
                values.push(format!("{} AS v{index}", value.sql));
                sets.push(format!("{} = q.v{index}", column.stored));
            }
            let rows =
                format!("SELECT DISTINCT ON ({}.ctid) {}{from}{filter}", source.alias, values.join(", "));
            Ok(if assignments.is_some() {
                format!(
                    "UPDATE {} AS u SET {} FROM ({rows}) AS q WHERE u.ctid = q.place",
                    table.stored,
                    sets.join(", ")
                )
            } else {
                format!("DELETE FROM {} AS u USING ({rows}) AS q WHERE u.ctid = q.place", table.stored)
            })
        })?;
        self.execute(&sql)
    }
}
