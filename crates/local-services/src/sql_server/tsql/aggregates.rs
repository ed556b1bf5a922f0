//! Aggregates and window functions.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, WindowFrameBound,
    WindowSpec, WindowType,
};

use super::{
    bound::{Bound, Clause, Scope},
    conversion::{Reason, as_text, converted},
    expression::Binder,
    query::sort_key,
    refused::{Bind, Refused, not_known},
    types::{SqlType, Text},
};

const AGGREGATES: [&str; 11] =
    ["count", "count_big", "sum", "avg", "min", "max", "string_agg", "stdev", "stdevp", "var", "varp"];
const WINDOWS: [&str; 10] = [
    "row_number",
    "rank",
    "dense_rank",
    "ntile",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "percent_rank",
    "cume_dist",
];

pub(crate) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.contains(&name.to_lowercase().as_str())
}

pub(crate) fn is_window(name: &str) -> bool {
    WINDOWS.contains(&name.to_lowercase().as_str())
}

/// What stands between the parentheses.
struct Arguments<'f> {
    exprs: Vec<&'f Expr>,
    is_star: bool,
    is_distinct: bool,
}

fn arguments<'f>(function: &'f Function, name: &str) -> Bind<Arguments<'f>> {
    let mut found = Arguments { exprs: Vec::new(), is_star: false, is_distinct: false };
    if let FunctionArguments::List(list) = &function.args {
        if !list.clauses.is_empty() {
            return Err(not_known(&format!("such arguments of {name}")));
        }
        found.is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        for arg in &list.args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => found.exprs.push(expr),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => found.is_star = true,
                other => return Err(not_known(&format!("the argument {other} of {name}"))),
            }
        }
    }
    Ok(found)
}

impl Binder<'_, '_> {
    pub(crate) fn aggregate(&mut self, function: &Function, name: &str, scope: &Scope<'_>) -> Bind<Bound> {
        let clause = scope.clause.get();
        let over = function.over.is_some();
        if !over && scope.in_aggregate.get() {
            return Err(Refused::new(
                130,
                "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.",
            ));
        }
        if over && matches!(clause, Clause::Where | Clause::From | Clause::GroupBy | Clause::Having) {
            return Err(windows_elsewhere());
        }
        if !over && scope.groups.is_none() {
            let (number, message) = match clause {
                Clause::GroupBy => (
                    144,
                    "Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP BY clause.",
                ),
                _ => (
                    147,
                    "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.",
                ),
            };
            return Err(Refused::new(number, message));
        }
        let Arguments { exprs, is_star, is_distinct } = arguments(function, name)?;
        let window = match &function.over {
            Some(window) => Some(self.window(window, scope)?),
            None => None,
        };
        if is_star {
            let kind = match name {
                "count" => SqlType::Int,
                "count_big" => SqlType::BigInt,
                _ => return Err(Refused::syntax("*")),
            };
            let over = window.unwrap_or_default();
            return Ok(Bound::new(format!("CAST(count(*){over} AS {})", kind.stored()), kind, false));
        }
        // What is aggregated is not grouped.
        let was_in = scope.in_aggregate.replace(!over || scope.in_aggregate.get());
        let values: Bind<Vec<Bound>> = exprs.iter().map(|expr| self.value(expr, scope)).collect();
        let order = function.within_group.iter().map(|by| {
            let value = self.value(&by.expr, scope)?;
            sort_key(&value, by)
        });
        let order: Bind<Vec<String>> = order.collect();
        scope.in_aggregate.set(was_in);
        let (values, order) = (values?, order?);
        if name == "string_agg" {
            return string_agg(&values, &order, window.as_deref(), is_distinct);
        }
        let [value] = values.as_slice() else { return Err(Refused::arguments(name, "1")) };
        if is_distinct && over {
            return Err(Refused::new(10759, "Use of DISTINCT is not allowed with the OVER clause."));
        }
        one_value(name, value, is_distinct, &window.unwrap_or_default())
    }

    pub(crate) fn window_function(
        &mut self,
        function: &Function,
        name: &str,
        scope: &Scope<'_>,
    ) -> Bind<Bound> {
        let Some(window) = &function.over else {
            return Err(Refused::new(10753, format!("The function '{name}' must have an OVER clause.")));
        };
        if !matches!(scope.clause.get(), Clause::Select | Clause::OrderBy) {
            return Err(windows_elsewhere());
        }
        if function.null_treatment.is_some() {
            return Err(not_known("IGNORE NULLS"));
        }
        let has_order = matches!(window, WindowType::WindowSpec(spec) if !spec.order_by.is_empty());
        if !has_order {
            return Err(Refused::new(
                4112,
                format!("The function '{name}' must have an OVER clause with ORDER BY."),
            ));
        }
        let over = self.window(window, scope)?;
        let Arguments { exprs, is_star, .. } = arguments(function, name)?;
        if is_star {
            return Err(Refused::syntax("*"));
        }
        let values: Bind<Vec<Bound>> = exprs.iter().map(|expr| self.value(expr, scope)).collect();
        let values = values?;
        let bound = match (name, values.as_slice()) {
            ("row_number" | "rank" | "dense_rank", []) => {
                Bound::new(format!("{name}(){over}"), SqlType::BigInt, true)
            }
            ("percent_rank" | "cume_dist", []) => Bound::new(format!("{name}(){over}"), SqlType::Float, true),
            ("ntile", [count]) => {
                let count = converted(count, SqlType::Int, Reason::Implicit)?;
                Bound::new(format!("CAST(ntile({}){over} AS bigint)", count.sql), SqlType::BigInt, true)
            }
            ("first_value" | "last_value", [value]) => {
                Bound::new(format!("{name}({}){over}", value.sql), value.sql_type, true)
            }
            ("lag" | "lead", [value, rest @ ..]) if rest.len() <= 2 => {
                let step = match rest.first() {
                    Some(step) => converted(step, SqlType::Int, Reason::Implicit)?.sql,
                    None => "1".to_owned(),
                };
                let default = match rest.get(1) {
                    Some(default) => converted(default, value.sql_type, Reason::Implicit)?.sql,
                    None => format!("CAST(NULL AS {})", value.sql_type.stored()),
                };
                Bound::new(format!("{name}({}, {step}, {default}){over}", value.sql), value.sql_type, true)
            }
            _ => return Err(Refused::arguments(name, "another number of")),
        };
        Ok(bound)
    }

    fn window(&mut self, window: &WindowType, scope: &Scope<'_>) -> Bind<String> {
        let WindowType::WindowSpec(spec) = window else { return Err(not_known("named windows")) };
        let WindowSpec { window_name: None, partition_by, order_by, window_frame } = spec else {
            return Err(not_known("named windows"));
        };
        let mut parts = Vec::new();
        if !partition_by.is_empty() {
            let keys: Bind<Vec<String>> =
                partition_by.iter().map(|expr| self.value(expr, scope).map(|value| value.key())).collect();
            parts.push(format!("PARTITION BY {}", keys?.join(", ")));
        }
        if !order_by.is_empty() {
            let mut keys = Vec::new();
            for by in order_by {
                if matches!(by.expr, Expr::Value(_)) {
                    return Err(Refused::new(
                        5308,
                        "Windowed functions, aggregates and NEXT VALUE FOR functions do not support integer indices as ORDER BY clause expressions.",
                    ));
                }
                let value = self.value(&by.expr, scope)?;
                keys.push(sort_key(&value, by)?);
            }
            parts.push(format!("ORDER BY {}", keys.join(", ")));
        }
        if let Some(frame) = window_frame {
            if order_by.is_empty() {
                return Err(Refused::new(
                    10756,
                    "Window frame with ROWS or RANGE must have an ORDER BY clause.",
                ));
            }
            let bound = |bound: &WindowFrameBound| -> Bind<String> {
                match bound {
                    WindowFrameBound::CurrentRow => Ok("CURRENT ROW".to_owned()),
                    WindowFrameBound::Preceding(None) => Ok("UNBOUNDED PRECEDING".to_owned()),
                    WindowFrameBound::Following(None) => Ok("UNBOUNDED FOLLOWING".to_owned()),
                    WindowFrameBound::Preceding(Some(n)) if matches!(**n, Expr::Value(_)) => {
                        Ok(format!("{n} PRECEDING"))
                    }
                    WindowFrameBound::Following(Some(n)) if matches!(**n, Expr::Value(_)) => {
                        Ok(format!("{n} FOLLOWING"))
                    }
                    _ => Err(not_known("this frame of a window")),
                }
            };
            let start = bound(&frame.start_bound)?;
            let end = match &frame.end_bound {
                Some(end) => bound(end)?,
                None => "CURRENT ROW".to_owned(),
            };
            let units = frame.units.to_string();
            if units == "RANGE"
                && (start.starts_with(|c: char| c.is_ascii_digit())
                    || end.starts_with(|c: char| c.is_ascii_digit()))
            {
                return Err(Refused::new(
                    4194,
                    "RANGE is only supported with UNBOUNDED and CURRENT ROW window frame delimiters.",
                ));
            }
            if units == "GROUPS" {
                return Err(Refused::syntax("GROUPS"));
            }
            parts.push(format!("{units} BETWEEN {start} AND {end}"));
        }
        Ok(format!(" OVER ({})", parts.join(" ")))
    }
}

fn windows_elsewhere() -> Refused {
    Refused::new(4108, "Windowed functions can only appear in the SELECT or ORDER BY clauses.")
}

fn string_agg(values: &[Bound], order: &[String], over: Option<&str>, is_distinct: bool) -> Bind<Bound> {
    let [value, separator] = values else { return Err(Refused::arguments("string_agg", "2")) };
    if over.is_some() || is_distinct {
        return Err(not_known("this form of STRING_AGG"));
    }
    let kind = match value.sql_type {
        SqlType::Text(text) => Text { length: text.length.map(|_| text.limit()), fixed: false, ..text },
        // Anything else becomes nvarchar.
        _ => Text::of(true, Some(4000)),
    };
    let (value, separator) = (as_text(value)?, as_text(separator)?);
    let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
    let mut sql = format!("string_agg({}, {}{order})", value.sql, separator.sql);
    if let Some(limit) = kind.length {
        sql = format!("tsql.aggregated({sql}, {limit})");
    }
    Ok(Bound::new(sql, SqlType::Text(kind), true))
}

fn one_value(name: &str, value: &Bound, is_distinct: bool, over: &str) -> Bind<Bound> {
    let of = value.sql_type;
    let distinct = if is_distinct { "DISTINCT " } else { "" };
    let sql = &value.sql;
    if of == SqlType::Null {
        return Err(Refused::operand(SqlType::Null, name));
    }
    match name {
        "count" | "count_big" => {
            let kind = if name == "count" { SqlType::Int } else { SqlType::BigInt };
            let counted = if is_distinct || matches!(of, SqlType::DateTimeOffset(_)) {
                value.key()
            } else {
                sql.clone()
            };
            return Ok(Bound::new(
                format!("CAST(count({distinct}{counted}){over} AS {})", kind.stored()),
                kind,
                false,
            ));
        }
        "min" | "max" => {
            return match of {
                SqlType::Bit => Err(Refused::operand(of, name)),
                SqlType::Text(text) => {
                    Ok(Bound::new(format!("{name}({sql} COLLATE {}){over}", text.collation.sql()), of, true))
                }
                SqlType::DateTimeOffset(_) | SqlType::UniqueIdentifier => {
                    Err(not_known(&format!("{name} of {}", of.family())))
                }
                _ => Ok(Bound::new(format!("{name}({sql}){over}"), of, true)),
            };
        }
        _ => (),
    }
    if !of.is_number() || of == SqlType::Bit {
        return Err(Refused::operand(of, name));
    }
    let result = match (name, of) {
        ("stdev" | "stdevp" | "var" | "varp", _) | (_, SqlType::Real | SqlType::Float) => SqlType::Float,
        (_, SqlType::BigInt) => SqlType::BigInt,
        (_, SqlType::TinyInt | SqlType::SmallInt | SqlType::Int) => SqlType::Int,
        ("sum", SqlType::Decimal(_, scale)) => SqlType::Decimal(38, scale),
        (_, SqlType::Decimal(_, scale)) => SqlType::Decimal(38, scale.max(6)),
        _ => SqlType::Money,
    };
    let number = match of {
        SqlType::Real | SqlType::Float => format!("CAST({sql} AS double precision)"),
        _ => format!("CAST({sql} AS numeric)"),
    };
    let call = |function: &str| format!("{function}({distinct}{number}){over}");
    let sql = match (name, result) {
        ("stdev", _) => format!("CAST({} AS double precision)", call("stddev_samp")),
        ("stdevp", _) => format!("CAST({} AS double precision)", call("stddev_pop")),
        ("var", _) => format!("CAST({} AS double precision)", call("var_samp")),
        ("varp", _) => format!("CAST({} AS double precision)", call("var_pop")),
        ("sum", SqlType::Float) => call("sum"),
        (_, SqlType::Float) => call("avg"),
        ("sum", SqlType::Int | SqlType::BigInt) => {
            format!("CAST(tsql.whole({}, '{}') AS {})", call("sum"), result.family(), result.stored())
        }
        ("sum", SqlType::Decimal(_, scale)) => format!("tsql.decimal({}, 38, {scale})", call("sum")),
        ("sum", _) => format!("tsql.decimal({}, 19, 4)", call("sum")),
        (_, SqlType::Int | SqlType::BigInt) => {
            // The sum must fit too.
            format!(
                "CAST(tsql.whole(tsql.divide(tsql.whole({0}, '{1}'), {2}, 38, 0), '{1}') AS {3})",
                call("sum"),
                result.family(),
                non_zero(&call("count")),
                result.stored()
            )
        }
        (_, SqlType::Decimal(_, scale)) => {
            format!("tsql.divide({}, {}, 38, {scale})", call("sum"), non_zero(&call("count")))
        }
        _ => format!("tsql.divide({}, {}, 19, 4)", call("sum"), non_zero(&call("count"))),
    };
    Ok(Bound::new(sql, result, true))
}

/// The average of nothing is null.
fn non_zero(count: &str) -> String {
    format!("nullif({count}, 0)")
}
