//! `SELECT`: what it reads, groups and shows.

use std::{cell::Cell, ops::ControlFlow};

use sqlparser::ast::{
    Distinct, Expr, Function, GroupByExpr, Query, Select, SelectItem, SelectItemQualifiedWildcardKind,
    TopQuantity, Visit, Visitor,
};

use super::{
    aggregates,
    bound::{Bound, Clause, Scope, Source},
    expression::Binder,
    query::{Around, distinct, output, sort_key},
    refused::{Bind, Refused, not_known},
    result::{BoundQuery, OutColumn},
    types::SqlType,
};

/// What a SELECT shows: a column and its value.
struct Shown {
    column: OutColumn,
    value: Bound,
}

impl Binder<'_, '_> {
    pub(crate) fn select(
        &mut self,
        select: &Select,
        around: &Around<'_>,
        parent: Option<&Scope<'_>>,
    ) -> Bind<BoundQuery> {
        refuse_others(select)?;
        let outer_level = self.level.take();
        let (from, sources) = self.from(&select.from, parent)?;
        let level = std::mem::replace(&mut self.level, outer_level);
        let mut scope = Scope { sources, ..Scope::new(parent) };
        scope.clause.set(Clause::Where);
        let filter = match &select.selection {
            Some(condition) => format!(" WHERE {}", self.condition(condition, &scope)?),
            None => String::new(),
        };
        let groups = self.groups(select, around, &mut scope)?;
        scope.clause.set(Clause::Having);
        let having = match &select.having {
            Some(condition) => format!(" HAVING {}", self.condition(condition, &scope)?),
            None => String::new(),
        };
        scope.clause.set(Clause::Select);
        let shown = self.shown(select, &scope)?;
        scope.clause.set(Clause::OrderBy);
        let columns: Vec<OutColumn> = shown.iter().map(|shown| shown.column.clone()).collect();
        let mut list: Vec<String> = shown
            .iter()
            .enumerate()
            .map(|(index, shown)| format!("{} AS c{}", shown.value.sql, index + 1))
            .collect();
        if let Some(level) = level {
            list.push(format!("tsql.level({level} + 1) AS level "));
        }
        let body = |order: &str, limit: &str| {
            format!("SELECT {}{from}{filter}{groups}{having}{order}{limit}", list.join(", "))
        };
        let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
        let limit = match &select.top {
            Some(_) if around.offset.is_some() => {
                return Err(Refused::new(
                    10741,
                    "A TOP can not be used in the same query or sub-query as a OFFSET.",
                ));
            }
            Some(_) => self.top(select, around)?,
            None => self.limits(around)?,
        };
        let alias = self.alias();
        let mut keys = Vec::new();
        for by in &around.order {
            let value = if let Some(index) = output(by, &columns)? {
                match shown.get(index) {
                    Some(shown) if !is_distinct => shown.value.clone(),
                    _ => in_distinct(&shown, index, &alias),
                }
            } else {
                let value = self.value(&by.expr, &scope)?;
                let place = shown.iter().position(|shown| shown.value.sql == value.sql);
                match place {
                    _ if !is_distinct => value,
                    Some(index) => in_distinct(&shown, index, &alias),
                    None => {
                        return Err(Refused::new(
                            145,
                            "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.",
                        ));
                    }
                }
            };
            keys.push(sort_key(&value, by)?);
        }
        let order = if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) };
        let sql = if is_distinct {
            let inner = self.alias();
            let rows = distinct(&body("", ""), &columns, &inner);
            if order.is_empty() && limit.is_empty() {
                rows
            } else {
                format!("SELECT * FROM ({rows}) AS {alias}{order}{limit}")
            }
        } else {
            body(&order, &limit)
        };
        Ok(BoundQuery { sql, columns })
    }

    /// `TOP`, as PostgreSQL has it.
    fn top(&mut self, select: &Select, around: &Around<'_>) -> Bind<String> {
        let Some(top) = &select.top else { return Ok(String::new()) };
        if top.percent {
            return Err(not_known("TOP … PERCENT"));
        }
        let number = match &top.quantity {
            Some(TopQuantity::Constant(number)) => number.to_string(),
            Some(TopQuantity::Expr(expr)) => {
                let value = self.value(expr, &Scope::new(None))?;
                if !value.sql_type.is_whole() {
                    return Err(Refused::new(
                        1060,
                        "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.",
                    ));
                }
                format!("tsql.top(CAST({} AS bigint))", value.sql)
            }
            None => return Err(Refused::syntax("TOP")),
        };
        match (top.with_ties, around.order.is_empty()) {
            (true, true) => Err(Refused::new(
                1062,
                "The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.",
            )),
            (true, false) => Ok(format!(" FETCH FIRST ({number}) ROWS WITH TIES")),
            (false, _) => Ok(format!(" LIMIT {number}")),
        }
    }

    /// Sets what the scope is grouped by, and gives GROUP BY.
    fn groups(&mut self, select: &Select, around: &Around<'_>, scope: &mut Scope<'_>) -> Bind<String> {
        let GroupByExpr::Expressions(by, modifiers) = &select.group_by else {
            return Err(not_known("GROUP BY ALL"));
        };
        if !modifiers.is_empty() {
            return Err(not_known("WITH ROLLUP and WITH CUBE"));
        }
        scope.clause.set(Clause::GroupBy);
        let mut groups = Vec::new();
        let mut keys = Vec::new();
        for expr in by {
            if matches!(expr, Expr::Rollup(_) | Expr::Cube(_) | Expr::GroupingSets(_) | Expr::Tuple(_)) {
                return Err(not_known("ROLLUP, CUBE and GROUPING SETS"));
            }
            let raw = self.value(expr, scope)?;
            if matches!(expr, Expr::Value(_)) || !reads_column(expr) {
                return Err(Refused::new(
                    164,
                    "Each GROUP BY expression must contain at least one column that is not an outer reference.",
                ));
            }
            // Any of the values that are the same may stand for them.
            let sql = match raw.sql_type {
                SqlType::Text(_) | SqlType::DateTimeOffset(_) => format!("(array_agg({}))[1]", raw.sql),
                _ => raw.sql.clone(),
            };
            keys.push(raw.key());
            groups.push((raw.clone(), Bound { sql, ..raw }));
        }
        let aggregates = select.projection.iter().any(has_aggregate)
            || select.having.is_some()
            || around.order.iter().any(|by| has_aggregate(&by.expr));
        if !by.is_empty() || aggregates {
            scope.groups = Some(groups);
        }
        Ok(if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) })
    }

    fn shown(&mut self, select: &Select, scope: &Scope<'_>) -> Bind<Vec<Shown>> {
        let mut shown = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let name = match expr {
                        Expr::Identifier(name)
                            if !name.value.starts_with('@') || name.quote_style.is_some() =>
                        {
                            name.value.clone()
                        }
                        Expr::CompoundIdentifier(names) => {
                            names.last().map(|name| name.value.clone()).unwrap_or_default()
                        }
                        _ => String::new(),
                    };
                    shown.push(self.item(expr, name, scope)?);
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    if alias.value.starts_with('@') && alias.quote_style.is_none() {
                        return Err(Refused::new(
                            141,
                            "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.",
                        ));
                    }
                    shown.push(self.item(expr, alias.value.clone(), scope)?);
                }
                SelectItem::Wildcard(_) => {
                    if scope.sources.is_empty() {
                        return Err(Refused::new(263, "Must specify table to select from."));
                    }
                    for source in &scope.sources {
                        all_columns(source, scope, &mut shown)?;
                    }
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let prefix =
                        name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.clone());
                    let prefix = prefix.unwrap_or_default();
                    let Some(source) = scope.source(&prefix) else {
                        return Err(Refused::new(
                            107,
                            format!(
                                "The column prefix '{prefix}' does not match with a table name or alias name used in the query."
                            ),
                        ));
                    };
                    all_columns(source, scope, &mut shown)?;
                }
                other => return Err(not_known(&format!("{other}"))),
            }
        }
        Ok(shown)
    }

    fn item(&mut self, expr: &Expr, name: String, scope: &Scope<'_>) -> Bind<Shown> {
        let mut value = self.value(expr, scope)?;
        let is_identity = match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => scope
                .sources
                .iter()
                .filter_map(|source| source.table.as_ref().map(|table| (source, table)))
                .flat_map(|(source, table)| table.columns.iter().zip(&source.columns))
                .any(|(stored, column)| stored.is_identity && column.bound.sql == value.sql),
            _ => false,
        };
        if value.is_null() {
            // Of a whole number, unless a UNION gives it another type.
            "CAST(NULL AS integer)".clone_into(&mut value.sql);
        }
        let column = OutColumn { name, sql_type: value.sql_type, nullable: value.nullable, is_identity };
        Ok(Shown { column, value })
    }
}

fn all_columns(source: &Source, scope: &Scope<'_>, shown: &mut Vec<Shown>) -> Bind<()> {
    for (index, column) in source.columns.iter().enumerate() {
        let value = scope.column_of(&source.name, &column.name).or_else(|refused| {
            // The name may be there twice, or not at all.
            if scope.groups.is_some() { Err(refused) } else { Ok(column.bound.clone()) }
        })?;
        let value = if scope.groups.is_some() { value } else { column.bound.clone() };
        let is_identity = source
            .table
            .as_ref()
            .and_then(|table| table.columns.get(index))
            .is_some_and(|column| column.is_identity);
        let column = OutColumn {
            name: column.name.clone(),
            sql_type: value.sql_type,
            nullable: value.nullable,
            is_identity,
        };
        shown.push(Shown { column, value });
    }
    Ok(())
}

fn in_distinct(shown: &[Shown], index: usize, alias: &str) -> Bound {
    match shown.get(index) {
        Some(shown) => {
            Bound::new(format!("{alias}.c{}", index + 1), shown.value.sql_type, shown.value.nullable)
        }
        None => Bound::null(),
    }
}

fn refuse_others(select: &Select) -> Bind<()> {
    let has_others = select.select_modifiers.is_some()
        || select.exclude.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || !select.named_window.is_empty()
        || select.qualify.is_some()
        || select.value_table_mode.is_some()
        || matches!(select.distinct, Some(Distinct::On(_)));
    if has_others {
        return Err(not_known("this form of SELECT"));
    }
    if select.into.is_some() {
        return Err(Refused::syntax("INTO"));
    }
    if select.projection.is_empty() {
        return Err(Refused::syntax("FROM"));
    }
    Ok(())
}

/// Looks for something outside subqueries.
struct Search<F> {
    depth: Cell<u32>,
    found: F,
}

impl<F: Fn(&Expr) -> bool> Visitor for Search<F> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth.set(self.depth.get() + 1);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth.set(self.depth.get() - 1);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.depth.get() == 0 && (self.found)(expr) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn holds<V: Visit>(part: &V, found: impl Fn(&Expr) -> bool) -> bool {
    part.visit(&mut Search { depth: Cell::new(0), found }).is_break()
}

fn has_aggregate<V: Visit>(part: &V) -> bool {
    holds(part, |expr| match expr {
        Expr::Function(Function { over: None, name, .. }) => aggregates::is_aggregate(&name.to_string()),
        _ => false,
    })
}

fn reads_column<V: Visit>(part: &V) -> bool {
    holds(part, |expr| match expr {
        Expr::Identifier(name) => !name.value.starts_with('@'),
        Expr::CompoundIdentifier(_) => true,
        _ => false,
    })
}
