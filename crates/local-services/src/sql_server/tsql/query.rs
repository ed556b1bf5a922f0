//! Queries: set operations, common table expressions, order and limits around the SELECTs of the `select` module.

use sqlparser::ast::{
    Expr, ForClause, ForXml, LimitClause, OrderByExpr, OrderByKind, Query, SetExpr, SetOperator,
    SetQuantifier, Value, Values,
};

use super::{
    bound::{Bound, Column, Scope, Source, key, same},
    conversion::{Reason, as_text, converted},
    expression::Binder,
    refused::{Bind, Refused, not_known},
    result::{BoundQuery, Cte, CteDefinition, OutColumn},
    types::{SqlType, Text, literal_number},
};

/// What stands around the body of a query.
#[derive(Debug, Default)]
pub(crate) struct Around<'q> {
    pub(crate) order: Vec<&'q OrderByExpr>,
    pub(crate) offset: Option<&'q Expr>,
    pub(crate) fetch: Option<&'q Expr>,
}

impl Binder<'_, '_> {
    /// A query. `is_inner`: it stands within another, where an order needs a reason.
    pub(crate) fn query(
        &mut self,
        query: &Query,
        parent: Option<&Scope<'_>>,
        is_inner: bool,
    ) -> Bind<BoundQuery> {
        let known = self.ctes.len();
        let bound = self.query_with_ctes(query, parent, is_inner);
        self.ctes.truncate(known);
        bound
    }

    fn query_with_ctes(
        &mut self,
        query: &Query,
        parent: Option<&Scope<'_>>,
        is_inner: bool,
    ) -> Bind<BoundQuery> {
        let mut recursive = Vec::new();
        if let Some(with) = &query.with {
            for cte in &with.cte_tables {
                let name = cte.alias.name.value.clone();
                let columns: Vec<String> =
                    cte.alias.columns.iter().map(|column| column.name.value.clone()).collect();
                if uses(&cte.query, &name) {
                    recursive.push(self.recursive(&name, &columns, &cte.query)?);
                } else {
                    let definition = CteDefinition::Plain(cte.query.clone(), self.ctes.len());
                    self.ctes.push(Cte { name, columns, definition });
                }
            }
        }
        let mut bound = self.query_without_ctes(query, parent, is_inner)?;
        if !recursive.is_empty() {
            bound.sql = format!("WITH RECURSIVE {} {}", recursive.join(", "), bound.sql);
        }
        Ok(bound)
    }

    fn query_without_ctes(
        &mut self,
        query: &Query,
        parent: Option<&Scope<'_>>,
        is_inner: bool,
    ) -> Bind<BoundQuery> {
        if !query.locks.is_empty() || query.settings.is_some() || query.format_clause.is_some() {
            return Err(not_known("this form of a query"));
        }
        let mut around = Around::default();
        if let Some(order) = &query.order_by {
            let OrderByKind::Expressions(by) = &order.kind else { return Err(not_known("ORDER BY ALL")) };
            around.order = by.iter().collect();
        }
        match &query.limit_clause {
            None => (),
            Some(LimitClause::LimitOffset { limit: None, offset, limit_by }) if limit_by.is_empty() => {
                around.offset = offset.as_ref().map(|offset| &offset.value);
            }
            Some(_) => return Err(Refused::syntax("LIMIT")),
        }
        if let Some(fetch) = &query.fetch {
            if fetch.with_ties || fetch.percent || around.offset.is_none() {
                return Err(Refused::new(153, "Invalid usage of the option NEXT in the FETCH statement."));
            }
            around.fetch = fetch.quantity.as_ref();
        }
        if around.offset.is_some() && around.order.is_empty() {
            return Err(Refused::syntax("OFFSET"));
        }
        let has_top = matches!(query.body.as_ref(), SetExpr::Select(select) if select.top.is_some());
        let is_xml = query.for_clause.is_some();
        if is_inner && !around.order.is_empty() && !has_top && around.offset.is_none() && !is_xml {
            return Err(Refused::new(
                1033,
                "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.",
            ));
        }
        let bound = match query.body.as_ref() {
            SetExpr::Select(select) => self.select(select, &around, parent)?,
            body => {
                let bound = self.body(body, parent)?;
                self.arranged(bound, &around, parent)?
            }
        };
        match &query.for_clause {
            None => Ok(bound),
            Some(ForClause::Xml {
                for_xml: ForXml::Path(Some(element)),
                elements: false,
                binary_base64: false,
                root: None,
                r#type: false,
            }) if element.is_empty() => self.xml_path(&bound),
            Some(other) => Err(not_known(&format!("{other}"))),
        }
    }

    fn body(&mut self, body: &SetExpr, parent: Option<&Scope<'_>>) -> Bind<BoundQuery> {
        match body {
            SetExpr::Select(select) => self.select(select, &Around::default(), parent),
            SetExpr::Query(query) => self.query(query, parent, true),
            SetExpr::Values(values) => self.values(values, parent),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                let (left, right) = (self.body(left, parent)?, self.body(right, parent)?);
                self.set_operation(&left, *op, *set_quantifier, &right)
            }
            other => Err(not_known(&format!("the query {other}"))),
        }
    }

    /// Rows of values.
    pub(crate) fn values(&mut self, values: &Values, parent: Option<&Scope<'_>>) -> Bind<BoundQuery> {
        let scope = Scope::new(parent);
        let mut rows = Vec::new();
        for row in &values.rows {
            let row: Bind<Vec<Bound>> = row.content.iter().map(|expr| self.value(expr, &scope)).collect();
            rows.push(row?);
        }
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != width) {
            return Err(Refused::new(
                10709,
                "The number of columns for each row in a table value constructor must be the same.",
            ));
        }
        let mut columns = Vec::new();
        for index in 0..width {
            let mut together = SqlType::Null;
            for value in rows.iter().filter_map(|row| row.get(index)) {
                together = together.with(value.sql_type)?;
            }
            let nullable = rows.iter().filter_map(|row| row.get(index)).any(|value| value.nullable);
            columns.push(OutColumn { name: String::new(), sql_type: together, nullable, is_identity: false });
        }
        let mut texts = Vec::new();
        for row in &rows {
            let mut parts = Vec::new();
            for (value, column) in row.iter().zip(&columns) {
                parts.push(converted(value, column.sql_type, Reason::Implicit)?.sql);
            }
            texts.push(format!("({})", parts.join(", ")));
        }
        let names = names(width);
        let alias = self.alias();
        let sql = format!("SELECT * FROM (VALUES {}) AS {alias} ({names})", texts.join(", "));
        Ok(BoundQuery { sql, columns })
    }

    fn set_operation(
        &mut self,
        left: &BoundQuery,
        op: SetOperator,
        quantifier: SetQuantifier,
        right: &BoundQuery,
    ) -> Bind<BoundQuery> {
        if left.columns.len() != right.columns.len() {
            return Err(Refused::new(
                205,
                "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.",
            ));
        }
        let mut columns = Vec::new();
        for (a, b) in left.columns.iter().zip(&right.columns) {
            let sql_type = a.sql_type.with(b.sql_type)?;
            let nullable = match op {
                SetOperator::Except => a.nullable,
                SetOperator::Intersect => a.nullable && b.nullable,
                _ => a.nullable || b.nullable,
            };
            columns.push(OutColumn { name: a.name.clone(), sql_type, nullable, is_identity: false });
        }
        let (left, right) = (self.retyped(left, &columns)?, self.retyped(right, &columns)?);
        let all = match quantifier {
            SetQuantifier::All => true,
            SetQuantifier::None | SetQuantifier::Distinct => false,
            other => return Err(not_known(&format!("{op} {other}"))),
        };
        let alias = self.alias();
        let sql = match op {
            SetOperator::Union if all => format!("({left}) UNION ALL ({right})"),
            SetOperator::Union => distinct(&format!("({left}) UNION ALL ({right})"), &columns, &alias),
            SetOperator::Except | SetOperator::Intersect if !all => {
                let other = self.alias();
                let equal: Vec<String> = columns
                    .iter()
                    .enumerate()
                    .map(|(index, column)| {
                        let side = |of: &str| key(&format!("{of}.c{}", index + 1), column.sql_type);
                        format!("{} IS NOT DISTINCT FROM {}", side(&alias), side(&other))
                    })
                    .collect();
                let not = if op == SetOperator::Except { "NOT " } else { "" };
                let kept = format!(
                    "SELECT * FROM ({left}) AS {alias} WHERE {not}EXISTS (SELECT 1 FROM ({right}) AS {other} WHERE {})",
                    equal.join(" AND ")
                );
                let outer = self.alias();
                distinct(&kept, &columns, &outer)
            }
            other => return Err(not_known(&format!("{other} ALL"))),
        };
        Ok(BoundQuery { sql, columns })
    }

    /// The query with its columns as other types.
    pub(crate) fn retyped(&mut self, query: &BoundQuery, to: &[OutColumn]) -> Bind<String> {
        if query.columns.iter().zip(to).all(|(a, b)| a.sql_type == b.sql_type) {
            return Ok(query.sql.clone());
        }
        let alias = self.alias();
        let mut parts = Vec::new();
        for (index, (from, to)) in query.columns.iter().zip(to).enumerate() {
            let value = Bound::new(format!("{alias}.c{}", index + 1), from.sql_type, from.nullable);
            let value = converted(&value, to.sql_type, Reason::Implicit)?;
            parts.push(format!("{} AS c{}", value.sql, index + 1));
        }
        Ok(format!("SELECT {} FROM ({}) AS {alias}", parts.join(", "), query.sql))
    }

    /// A finished query in an order, and a part of it.
    pub(crate) fn arranged(
        &mut self,
        query: BoundQuery,
        around: &Around<'_>,
        parent: Option<&Scope<'_>>,
    ) -> Bind<BoundQuery> {
        if around.order.is_empty() {
            return Ok(query);
        }
        let alias = self.alias();
        let scope = Scope { sources: vec![as_source(&query, &alias, "")], ..Scope::new(parent) };
        let mut keys = Vec::new();
        for by in &around.order {
            let value = match output(by, &query.columns)? {
                Some(index) => column_value(&query, index, &alias),
                None => self.value(&by.expr, &scope)?,
            };
            keys.push(sort_key(&value, by)?);
        }
        let limits = self.limits(around)?;
        let sql = format!("SELECT * FROM ({}) AS {alias} ORDER BY {}{limits}", query.sql, keys.join(", "));
        Ok(BoundQuery { sql, ..query })
    }

    pub(crate) fn limits(&mut self, around: &Around<'_>) -> Bind<String> {
        let scope = Scope::new(None);
        let mut sql = String::new();
        for (word, expr) in [("OFFSET", around.offset), ("LIMIT", around.fetch)] {
            if let Some(expr) = expr {
                let value = self.value(expr, &scope)?;
                if !value.sql_type.is_whole() {
                    return Err(Refused::new(
                        1060,
                        "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.",
                    ));
                }
                if word == "LIMIT" && value.sql == "0" {
                    return Err(Refused::new(
                        10744,
                        "The number of rows provided for a FETCH clause must be greater then zero.",
                    ));
                }
                sql = format!("{sql} {word} {}", value.sql);
            }
        }
        Ok(sql)
    }

    /// A recursive common table expression, as PostgreSQL has it; at most 100 levels.
    fn recursive(&mut self, name: &str, columns: &[String], query: &Query) -> Bind<String> {
        let SetExpr::SetOperation {
            left: anchor,
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            right: step,
        } = query.body.as_ref()
        else {
            return Err(Refused::new(
                252,
                format!(
                    "Recursive common table expression '{name}' does not contain a top-level UNION ALL operator."
                ),
            ));
        };
        if query.with.is_some() || query.order_by.is_some() {
            return Err(not_known("this form of a recursive query"));
        }
        let anchor = self.body(anchor, None)?;
        let out = renamed(&anchor.columns, columns, name)?;
        let stored = format!("r_{}", self.alias());
        self.ctes.push(Cte {
            name: name.to_owned(),
            columns: Vec::new(),
            definition: CteDefinition::Recursive(stored.clone(), out.clone()),
        });
        let was_in = std::mem::replace(&mut self.in_step, true);
        let step = self.body(step, None);
        self.in_step = was_in;
        let step = step?;
        if step.columns.len() != out.len() {
            return Err(Refused::new(
                205,
                "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.",
            ));
        }
        for (a, b) in out.iter().zip(&step.columns) {
            let plain = |of: SqlType| match of {
                SqlType::Text(text) => SqlType::Text(Text {
                    collation: super::types::Collation::Default,
                    strength: super::types::Strength::Database,
                    ..text
                }),
                other => other,
            };
            if plain(a.sql_type) != plain(b.sql_type) && b.sql_type != SqlType::Null {
                return Err(Refused::new(
                    240,
                    format!(
                        "Types don't match between the anchor and the recursive part in column \"{}\" of recursive query \"{name}\".",
                        a.name
                    ),
                ));
            }
        }
        if !matches!(query.body.as_ref(), SetExpr::SetOperation { right, .. } if matches!(right.as_ref(), SetExpr::Select(_)))
            || !step.sql.contains(" AS level ")
        {
            return Err(not_known("this form of a recursive query"));
        }
        let (a, b) = (self.alias(), self.alias());
        let mut parts = Vec::new();
        for (index, to) in out.iter().enumerate() {
            parts.push(converted(&column_value(&step, index, &b), to.sql_type, Reason::Implicit)?.sql);
        }
        let names = names(out.len());
        Ok(format!(
            "{stored} ({names}, level) AS (SELECT {a}.*, 0 FROM ({}) AS {a} UNION ALL SELECT {}, {b}.level FROM ({}) AS {b})",
            anchor.sql,
            parts.join(", "),
            step.sql
        ))
    }

    /// `FOR XML PATH('')`: the texts one after the other.
    fn xml_path(&mut self, query: &BoundQuery) -> Bind<BoundQuery> {
        let alias = self.alias();
        let mut parts = Vec::new();
        for (index, column) in query.columns.iter().enumerate() {
            let value = column_value(query, index, &alias);
            if !(column.sql_type.is_text() || column.sql_type.is_whole()) {
                return Err(not_known(&format!("FOR XML of {}", column.sql_type.family())));
            }
            let text = as_text(&value)?.sql;
            let text = format!("tsql.xml_text({text})");
            parts.push(if column.name.is_empty() {
                format!("coalesce({text}, '')")
            } else if column.name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                format!("coalesce('<{0}>' || {text} || '</{0}>', '')", column.name)
            } else {
                return Err(not_known("paths in FOR XML"));
            });
        }
        let sql =
            format!("SELECT string_agg({}, '') AS c1 FROM ({}) AS {alias}", parts.join(" || "), query.sql);
        let text = SqlType::Text(Text::of(true, None));
        let column = OutColumn {
            name: "XML_F52E2B61-18A1-11d1-B105-00805F49916B".to_owned(),
            sql_type: text,
            nullable: true,
            is_identity: false,
        };
        Ok(BoundQuery { sql, columns: vec![column] })
    }
}

/// The output column that an item of ORDER BY names, by its place or its name.
pub(crate) fn output(by: &OrderByExpr, columns: &[OutColumn]) -> Bind<Option<usize>> {
    match &by.expr {
        Expr::Value(value) => match &value.value {
            Value::Number(..) => match literal_number(&by.expr).and_then(|n| usize::try_from(n).ok()) {
                Some(place) if (1..=columns.len()).contains(&place) => Ok(Some(place - 1)),
                _ => Err(Refused::new(
                    108,
                    format!(
                        "The ORDER BY position number {} is out of range of the number of items in the select list.",
                        by.expr
                    ),
                )),
            },
            _ => Err(Refused::new(408, "A constant expression was encountered in the ORDER BY list.")),
        },
        Expr::Identifier(name) => {
            let mut found = columns.iter().enumerate().filter(|(_, column)| same(&column.name, &name.value));
            let first = found.next().map(|(index, _)| index);
            Ok(first)
        }
        _ => Ok(None),
    }
}

/// `c1, c2, …`.
pub(crate) fn names(width: usize) -> String {
    (1..=width).map(|place| format!("c{place}")).collect::<Vec<_>>().join(", ")
}

/// The rows that differ.
pub(crate) fn distinct(sql: &str, columns: &[OutColumn], alias: &str) -> String {
    let keys: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| key(&format!("{alias}.c{}", index + 1), column.sql_type))
        .collect();
    format!("SELECT DISTINCT ON ({}) * FROM ({sql}) AS {alias}", keys.join(", "))
}

pub(crate) fn column_value(query: &BoundQuery, index: usize, alias: &str) -> Bound {
    match query.columns.get(index) {
        Some(column) => Bound::new(format!("{alias}.c{}", index + 1), column.sql_type, column.nullable),
        None => Bound::null(),
    }
}

/// A query as a source of another.
pub(crate) fn as_source(query: &BoundQuery, alias: &str, name: &str) -> Source {
    let columns = query.columns.iter().enumerate().map(|(index, column)| Column {
        name: column.name.clone(),
        bound: column_value(query, index, alias),
    });
    Source {
        name: name.to_owned(),
        is_alias: true,
        alias: alias.to_owned(),
        columns: columns.collect(),
        table: None,
    }
}

/// Nulls are the smallest.
pub(crate) fn sort_key(value: &Bound, by: &OrderByExpr) -> Bind<String> {
    if by.options.nulls_first.is_some() || by.with_fill.is_some() {
        return Err(Refused::syntax("NULLS"));
    }
    let order = match by.options.sort {
        None | Some(sqlparser::ast::OrderBySort::Asc) => "ASC NULLS FIRST",
        Some(sqlparser::ast::OrderBySort::Desc) => "DESC NULLS LAST",
        _ => return Err(not_known("this order")),
    };
    Ok(format!("{} {order}", value.key()))
}

/// The columns with the names that an alias gives them.
pub(crate) fn renamed(columns: &[OutColumn], names: &[String], of: &str) -> Bind<Vec<OutColumn>> {
    if !names.is_empty() && names.len() != columns.len() {
        let (number, which) = if names.len() < columns.len() { (8158, "more") } else { (8159, "fewer") };
        return Err(Refused::new(
            number,
            format!("'{of}' has {which} columns than were specified in the column list."),
        ));
    }
    let mut renamed = columns.to_vec();
    for (column, name) in renamed.iter_mut().zip(names) {
        column.name.clone_from(name);
    }
    for (index, column) in renamed.iter().enumerate() {
        if column.name.is_empty() {
            return Err(Refused::new(
                8155,
                format!("No column name was specified for column {} of '{of}'.", index + 1),
            ));
        }
        if renamed.iter().take(index).any(|other| same(&other.name, &column.name)) {
            return Err(Refused::new(
                8156,
                format!("The column '{}' was specified multiple times for '{of}'.", column.name),
            ));
        }
    }
    Ok(renamed)
}

/// Whether a query reads a table of this name.
fn uses(query: &Query, name: &str) -> bool {
    use std::ops::ControlFlow;
    let found = sqlparser::ast::visit_relations(query, |relation| match relation.0.as_slice() {
        [only] if only.as_ident().is_some_and(|ident| same(&ident.value, name)) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}
