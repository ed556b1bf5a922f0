//! Values and conditions.

use std::collections::HashMap;

use sqlparser::ast::{
    CastKind, CeilFloorKind, DateTimeField, Expr, InTarget, Query, TrimWhereField, UnaryOperator, Value,
};

use super::{
    bound::{Bound, Scope},
    catalog::{Catalog, literal},
    conversion::{Reason, converted},
    operators,
    refused::{Bind, Refused, not_known},
    result::Cte,
    types::{Collation, SqlType, Strength, Text, literal_number},
};

/// Translates the expressions and queries of one statement.
pub(crate) struct Binder<'b, 'c> {
    pub(crate) catalog: &'b mut Catalog<'c>,
    /// Variables and parameters by name, with `@`, in lower case.
    pub(crate) variables: HashMap<String, Bound>,
    /// Values such as `@@ROWCOUNT`, in lower case.
    pub(crate) globals: &'b HashMap<&'static str, Bound>,
    pub(crate) ctes: Vec<Cte>,
    /// Aliases are counted, so that none hides another.
    pub(crate) next_alias: u32,
    /// The level of the row of a recursive query that the SELECT at hand reads.
    pub(crate) level: Option<String>,
    /// A step of a recursive query is being translated.
    pub(crate) in_step: bool,
    /// How deep views and functions use each other.
    pub(crate) depth: u8,
}

impl Binder<'_, '_> {
    pub(crate) fn alias(&mut self) -> String {
        self.next_alias += 1;
        format!("t{}", self.next_alias)
    }

    /// An expression that has a value.
    pub(crate) fn value(&mut self, expr: &Expr, scope: &Scope<'_>) -> Bind<Bound> {
        if let Some(shown) = self.grouped(expr, scope) {
            return Ok(shown);
        }
        match expr {
            Expr::Identifier(name) if name.quote_style.is_none() && name.value.starts_with('@') => {
                self.variable(&name.value)
            }
            Expr::Identifier(name) => scope.column(&name.value),
            Expr::CompoundIdentifier(names) => match names.as_slice() {
                [.., prefix, name] if names.len() <= 4 => scope.column_of(&prefix.value, &name.value),
                _ => Err(not_known(&format!("the name {expr}"))),
            },
            Expr::Nested(inner) => self.value(inner, scope),
            Expr::Value(value) => literal_value(&value.value),
            Expr::UnaryOp { op, expr } => {
                let value = self.value(expr, scope)?;
                match op {
                    UnaryOperator::Minus => operators::negated(&value),
                    UnaryOperator::Plus if value.sql_type.is_number() || value.is_null() => Ok(value),
                    UnaryOperator::BitwiseNot => operators::bits_negated(&value),
                    UnaryOperator::Not => Err(Refused::syntax("NOT")),
                    other => Err(not_known(&format!("the operator {other}"))),
                }
            }
            Expr::BinaryOp { left, op, right } if operators::is_arithmetic(op) => {
                operators::refuse_mixture(left, op, right)?;
                let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                operators::arithmetic(&left, op, &right)
            }
            Expr::Cast { kind, expr, data_type, format: None } => {
                let to = SqlType::declared(data_type, 30)?;
                let value = self.value(expr, scope)?;
                match kind {
                    CastKind::Cast => converted(&value, to, Reason::Explicit(None)),
                    CastKind::TryCast => converted(&value, to, Reason::Try(None)),
                    CastKind::SafeCast | CastKind::DoubleColon => Err(not_known("this form of CAST")),
                }
            }
            Expr::Convert { is_try, expr, data_type: Some(data_type), styles, .. } => {
                let to = SqlType::declared(data_type, 30)?;
                let value = self.value(expr, scope)?;
                let style = match styles.as_slice() {
                    [] => None,
                    [style] => match literal_number(style) {
                        Some(style) => Some(style),
                        None => return Err(not_known("styles that are not written as numbers")),
                    },
                    _ => return Err(Refused::arguments("convert", "2 to 3")),
                };
                converted(&value, to, if *is_try { Reason::Try(style) } else { Reason::Explicit(style) })
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                let value = self.value(timestamp, scope)?;
                let zone = self.value(time_zone, scope)?;
                super::time_functions::at_time_zone(&value, &zone)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                let mut tests = Vec::new();
                for when in conditions {
                    tests.push(match operand {
                        None => self.condition(&when.condition, scope)?,
                        Some(operand) => {
                            let operand = self.value(operand, scope)?;
                            let other = self.value(&when.condition, scope)?;
                            operators::compared(&operand, "=", &other)?
                        }
                    });
                }
                let mut results = Vec::new();
                for when in conditions {
                    results.push(self.value(&when.result, scope)?);
                }
                let last = match else_result {
                    Some(last) => self.value(last, scope)?,
                    None => Bound::null(),
                };
                chosen(&tests, &results, &last)
            }
            Expr::Collate { expr, collation } => {
                let mut value = self.value(expr, scope)?;
                let named = Collation::named(&collation.to_string())?;
                match &mut value.sql_type {
                    SqlType::Text(text) => {
                        text.collation = named;
                        text.strength = Strength::Expression;
                        Ok(value)
                    }
                    SqlType::Null => Ok(value),
                    other => Err(Refused::new(
                        447,
                        format!("Expression type {} is invalid for COLLATE clause.", other.family()),
                    )),
                }
            }
            Expr::Subquery(query) => self.scalar(query, scope),
            Expr::Function(function) => self.function(function, scope),
            Expr::Substring { expr, substring_from: Some(from), substring_for: Some(count), .. } => {
                self.plain_call("SUBSTRING", &[expr, from, count], scope)
            }
            Expr::Substring { .. } => Err(Refused::arguments("substring", "3")),
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters: None } => {
                self.plain_call("TRIM", &[expr], scope)
            }
            Expr::Trim { trim_where: None | Some(TrimWhereField::Both), trim_what: Some(_), .. } => {
                Err(not_known("TRIM of given characters"))
            }
            Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.plain_call("CEILING", &[expr], scope)
            }
            Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.plain_call("FLOOR", &[expr], scope)
            }
            Expr::BinaryOp { op, .. } if operators::comparison(op).is_some() => {
                Err(Refused::syntax(&op.to_string()))
            }
            Expr::Like { .. }
            | Expr::Between { .. }
            | Expr::In { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::Exists { .. } => {
                Err(Refused::new(156, format!("Incorrect syntax near the keyword in '{expr}'.")))
            }
            other => Err(not_known(&format!("the expression {other}"))),
        }
    }

    /// What stands for an expression that the query is grouped by.
    fn grouped(&mut self, expr: &Expr, scope: &Scope<'_>) -> Option<Bound> {
        let groups = scope.groups.as_ref().filter(|groups| !groups.is_empty())?;
        if scope.in_aggregate.get() || matches!(expr, Expr::Value(_) | Expr::Subquery(_)) {
            return None;
        }
        scope.in_aggregate.set(true);
        let raw = self.value(expr, scope);
        scope.in_aggregate.set(false);
        let raw = raw.ok()?;
        groups.iter().find(|(known, _)| known.sql == raw.sql).map(|(_, shown)| shown.clone())
    }

    pub(crate) fn variable(&self, name: &str) -> Bind<Bound> {
        let name = name.to_lowercase();
        let found =
            if name.starts_with("@@") { self.globals.get(name.as_str()) } else { self.variables.get(&name) };
        match found {
            Some(value) => Ok(value.clone()),
            None if name.starts_with("@@") => Err(not_known(&format!("the variable {name}"))),
            None => Err(Refused::new(137, format!("Must declare the scalar variable \"{name}\"."))),
        }
    }

    /// A subquery with one value.
    fn scalar(&mut self, query: &Query, scope: &Scope<'_>) -> Bind<Bound> {
        let bound = self.query(query, Some(scope), true)?;
        match bound.columns.as_slice() {
            [only] => Ok(Bound::new(format!("({})", bound.sql), only.sql_type, true)),
            _ => Err(one_column()),
        }
    }

    /// A condition, as an expression of PostgreSQL.
    pub(crate) fn condition(&mut self, expr: &Expr, scope: &Scope<'_>) -> Bind<String> {
        use sqlparser::ast::BinaryOperator::{And, Or};
        match expr {
            Expr::Nested(inner) => self.condition(inner, scope),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Ok(format!("(NOT {})", self.condition(expr, scope)?))
            }
            Expr::BinaryOp { left, op: op @ (And | Or), right } => {
                let (left, right) = (self.condition(left, scope)?, self.condition(right, scope)?);
                Ok(format!("({left} {op} {right})"))
            }
            Expr::BinaryOp { left, op, right } => match operators::comparison(op) {
                Some(op) => {
                    let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                    operators::compared(&left, op, &right)
                }
                None => Err(self.no_condition(expr, scope)),
            },
            Expr::IsNull(inner) => {
                let value = self.value(inner, scope)?;
                Ok(format!("({} IS NULL)", tested(&value)))
            }
            Expr::IsNotNull(inner) => {
                let value = self.value(inner, scope)?;
                Ok(format!("({} IS NOT NULL)", tested(&value)))
            }
            Expr::Between { expr, negated, low, high } => {
                let value = self.value(expr, scope)?;
                let (low, high) = (self.value(low, scope)?, self.value(high, scope)?);
                let (low, high) =
                    (operators::compared(&value, ">=", &low)?, operators::compared(&value, "<=", &high)?);
                let not = if *negated { "NOT " } else { "" };
                Ok(format!("({not}({low} AND {high}))"))
            }
            Expr::In { expr, target, negated, .. } => {
                let not = if *negated { "NOT " } else { "" };
                let value = self.value(expr, scope)?;
                match target {
                    InTarget::List(list) => {
                        let mut tests = Vec::new();
                        for other in list {
                            let other = self.value(other, scope)?;
                            tests.push(operators::compared(&value, "=", &other)?);
                        }
                        Ok(format!("({not}({}))", tests.join(" OR ")))
                    }
                    InTarget::Subquery(query) => {
                        let (left, query) = self.in_subquery(&value, query, scope)?;
                        Ok(format!("({not}({left} IN ({query})))"))
                    }
                    _ => Err(not_known("this form of IN")),
                }
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                let value = super::conversion::as_text(&self.value(expr, scope)?)?;
                let pattern = super::conversion::as_text(&self.value(pattern, scope)?)?;
                let escape = match escape_char {
                    Some(escape) => self.value(escape, scope)?.sql,
                    None => "NULL".to_owned(),
                };
                let not = if *negated { "NOT " } else { "" };
                let both = value.sql_type.with(pattern.sql_type)?.text();
                let Some(both) = both else { return Ok("(NULL::boolean)".to_owned()) };
                let (blanks, case) = (!both.national, both.collation.minds_case());
                Ok(format!("({not}tsql.like_({}, {}, {escape}, {blanks}, {case}))", value.sql, pattern.sql))
            }
            Expr::Exists { subquery, negated } => {
                let query = self.query(subquery, Some(scope), true)?;
                let not = if *negated { "NOT " } else { "" };
                Ok(format!("({not}EXISTS ({}))", query.sql))
            }
            Expr::AnyOp { left, compare_op, right, .. } => {
                self.quantified(left, compare_op, right, "ANY", scope)
            }
            Expr::AllOp { left, compare_op, right } => self.quantified(left, compare_op, right, "ALL", scope),
            Expr::IsDistinctFrom(left, right) => {
                let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                operators::compared(&left, "IS DISTINCT FROM", &right)
            }
            Expr::IsNotDistinctFrom(left, right) => {
                let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                operators::compared(&left, "IS NOT DISTINCT FROM", &right)
            }
            other => Err(self.no_condition(other, scope)),
        }
    }

    fn no_condition(&mut self, expr: &Expr, scope: &Scope<'_>) -> Refused {
        match self.value(expr, scope) {
            Err(refused) => refused,
            Ok(_) => Refused::new(
                4145,
                format!(
                    "An expression of non-boolean type specified in a context where a condition is expected, near '{expr}'."
                ),
            ),
        }
    }

    /// The key of the value and the subquery of keys that it is compared with.
    fn in_subquery(&mut self, value: &Bound, query: &Query, scope: &Scope<'_>) -> Bind<(String, String)> {
        let query = self.query(query, Some(scope), true)?;
        let [only] = query.columns.as_slice() else { return Err(one_column()) };
        let alias = self.alias();
        let other = Bound::new(format!("{alias}.c1"), only.sql_type, true);
        let (left, right) = operators::comparable(value, &other)?;
        Ok((left, format!("SELECT {right} FROM ({}) AS {alias}", query.sql)))
    }

    fn quantified(
        &mut self,
        left: &Expr,
        op: &sqlparser::ast::BinaryOperator,
        right: &Expr,
        which: &str,
        scope: &Scope<'_>,
    ) -> Bind<String> {
        let right = match right {
            Expr::Nested(inner) => inner.as_ref(),
            other => other,
        };
        let (Some(op), Expr::Subquery(query)) = (operators::comparison(op), right) else {
            return Err(not_known(&format!("this form of {which}")));
        };
        let value = self.value(left, scope)?;
        let (left, query) = self.in_subquery(&value, query, scope)?;
        Ok(format!("({left} {op} {which} ({query}))"))
    }
}

/// A row type is null in PostgreSQL when all its fields are.
fn tested(value: &Bound) -> String {
    match value.sql_type {
        SqlType::DateTimeOffset(_) => format!("({}).utc", value.sql),
        SqlType::Null => "NULL::integer".to_owned(),
        _ => value.sql.clone(),
    }
}

fn one_column() -> Refused {
    Refused::new(
        116,
        "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.",
    )
}

/// The first result whose condition holds.
pub(crate) fn chosen(tests: &[String], results: &[Bound], last: &Bound) -> Bind<Bound> {
    let mut together = last.sql_type;
    for result in results {
        together = together.with(result.sql_type)?;
    }
    if together == SqlType::Null {
        return Err(Refused::new(
            8133,
            "At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.",
        ));
    }
    let mut branches = Vec::new();
    let mut nullable = last.nullable;
    for (test, result) in tests.iter().zip(results) {
        let result = converted(result, together, Reason::Implicit)?;
        nullable |= result.nullable;
        branches.push(format!("WHEN {test} THEN {}", result.sql));
    }
    let last = converted(last, together, Reason::Implicit)?;
    let sql = format!("(CASE {} ELSE {} END)", branches.join(" "), last.sql);
    Ok(Bound::new(sql, together, nullable))
}

fn literal_value(value: &Value) -> Bind<Bound> {
    let text = |text: &str, national: bool| -> Bind<Bound> {
        // Lines end as they do in the text of the batch.
        let narrow = if national { text.to_owned() } else { narrowed(text)? };
        if narrow.contains('\0') {
            return Err(not_known("characters with the code 0"));
        }
        let length = u32::try_from(narrow.encode_utf16().count()).unwrap_or(u32::MAX);
        let kind = Text::of(national, None);
        let length = (length <= kind.limit()).then_some(length.max(1));
        Ok(Bound::new(format!("{}::text", literal(&narrow)), SqlType::Text(Text { length, ..kind }), false))
    };
    match value {
        Value::Null => Ok(Bound::null()),
        Value::SingleQuotedString(string) => text(string, false),
        Value::NationalStringLiteral(string) => text(string, true),
        Value::Number(number, false) => number_literal(number),
        Value::Placeholder(money) if money.starts_with('$') => {
            let number = money.trim_start_matches('$');
            let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
            if !is_number {
                return Err(not_known(&format!("the literal {money}")));
            }
            Ok(Bound::new(format!("CAST({number} AS numeric(19,4))"), SqlType::Money, false))
        }
        other => Err(not_known(&format!("the literal {other}"))),
    }
}

/// As Windows-1252 has it: what it lacks is a question mark, or refused if SQL Server would put something similar.
fn narrowed(text: &str) -> Bind<String> {
    text.chars()
        .map(|c| {
            let (_, _, is_lacking) = encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4]));
            match c {
                _ if !is_lacking => Ok(c),
                '\u{2e80}'..='\u{faff}' => Ok('?'),
                _ => Err(not_known(&format!("what becomes of {c} in varchar; write N'…'"))),
            }
        })
        .collect()
}

fn number_literal(number: &str) -> Bind<Bound> {
    if number.contains(['e', 'E']) {
        let sql = format!("CAST({} AS double precision)", literal(number));
        return match number.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Bound::new(sql, SqlType::Float, false)),
            _ => Err(Refused::new(168, format!("The floating point value '{number}' is out of the range."))),
        };
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    if !number.contains('.')
        && let Ok(small) = number.parse::<i32>()
    {
        let mut bound = Bound::new(small.to_string(), SqlType::Int, false);
        bound.literal_digits = u8::try_from(whole.len().max(1)).ok();
        return Ok(bound);
    }
    let (digits, scale) = (whole.len() + fraction.len(), fraction.len());
    match (u8::try_from(digits.max(1)), u8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) => Ok(Bound::new(
            format!("CAST({} AS numeric(38,{scale}))", literal(number)),
            SqlType::Decimal(precision, scale),
            false,
        )),
        _ => Err(Refused::new(
            1007,
            format!(
                "The number '{number}' is out of the range for numeric representation (maximum precision 38)."
            ),
        )),
    }
}
