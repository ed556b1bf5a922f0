//! Functions with one value: which there are, and those about texts, numbers and null.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::{
    aggregates::{is_aggregate, is_window},
    bound::{Bound, Scope},
    catalog::Reference,
    conversion::{Reason, as_text, converted},
    expression::{Binder, chosen},
    operators::{compared, joined, limited},
    refused::{Bind, Refused, not_known},
    time_functions,
    types::{SqlType, Text},
};

impl Binder<'_, '_> {
    pub(crate) fn function(&mut self, function: &Function, scope: &Scope<'_>) -> Bind<Bound> {
        let name = function.name.to_string();
        if function.name.0.len() > 1 {
            let name = Reference::of(&function.name)?;
            return Err(match self.catalog.module(&name)? {
                Some(_) => not_known(&format!("the function {name} outside FROM")),
                None => Refused::new(
                    4121,
                    format!(
                        "Cannot find either column \"{}\" or the user-defined function or aggregate \"{name}\", or the name is ambiguous.",
                        name.schema.as_deref().unwrap_or_default()
                    ),
                ),
            });
        }
        let lower = name.to_lowercase();
        if function.uses_odbc_syntax || function.filter.is_some() {
            return Err(not_known(&format!("this form of {name}")));
        }
        if is_aggregate(&lower) {
            return self.aggregate(function, &lower, scope);
        }
        if is_window(&lower) {
            return self.window_function(function, &lower, scope);
        }
        if function.over.is_some() || !function.within_group.is_empty() {
            return Err(not_known(&format!("{name} OVER")));
        }
        let mut arguments = Vec::new();
        match &function.args {
            FunctionArguments::None => (),
            FunctionArguments::Subquery(_) => return Err(not_known(&format!("this form of {name}"))),
            FunctionArguments::List(list) => {
                if !list.clauses.is_empty() || list.duplicate_treatment.is_some() {
                    return Err(not_known(&format!("this form of {name}")));
                }
                for arg in &list.args {
                    match arg {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => arguments.push(expr),
                        other => return Err(not_known(&format!("the argument {other} of {name}"))),
                    }
                }
            }
        }
        self.plain_call(&name, &arguments, scope)
    }

    /// A function that is not an aggregate.
    pub(crate) fn plain_call(&mut self, name: &str, arguments: &[&Expr], scope: &Scope<'_>) -> Bind<Bound> {
        let lower = name.to_lowercase();
        if let ("iif", [condition, yes, no]) = (lower.as_str(), arguments) {
            let test = self.condition(condition, scope)?;
            let (yes, no) = (self.value(yes, scope)?, self.value(no, scope)?);
            return chosen(&[test], &[yes], &no);
        }
        if time_functions::has_part(&lower) {
            let Some((part, rest)) = arguments.split_first() else {
                return Err(Refused::arguments(&lower, "2 or 3"));
            };
            let part = match part {
                Expr::Identifier(part) => part.value.clone(),
                other => {
                    return Err(Refused::new(
                        1023,
                        format!("Invalid parameter 1 specified for {lower}: {other}."),
                    ));
                }
            };
            let values: Bind<Vec<Bound>> = rest.iter().map(|expr| self.value(expr, scope)).collect();
            return time_functions::with_part(&lower, &part, &values?);
        }
        let values: Bind<Vec<Bound>> = arguments.iter().map(|expr| self.value(expr, scope)).collect();
        let values = values?;
        if let Some(bound) = time_functions::called(&lower, &values)? {
            return Ok(bound);
        }
        if let Some(bound) = nulls(&lower, &values)? {
            return Ok(bound);
        }
        if let Some(bound) = texts(&lower, &values, arguments)? {
            return Ok(bound);
        }
        if let Some(bound) = numbers(&lower, &values)? {
            return Ok(bound);
        }
        if let Some(bound) = self.system(&lower, arguments)? {
            return Ok(bound);
        }
        if KNOWN_ELSEWHERE.contains(&lower.as_str()) {
            return Err(not_known(&format!("the function {name}")));
        }
        Err(Refused::new(195, format!("'{name}' is not a recognized built-in function name.")))
    }

    fn system(&mut self, name: &str, arguments: &[&Expr]) -> Bind<Option<Bound>> {
        let text_argument = |expr: &Expr| match expr {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) | Value::NationalStringLiteral(text) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        };
        let name_type = SqlType::nvarchar(128);
        Ok(Some(match (name, arguments) {
            ("db_name", []) => Bound::new(
                format!("{}::text", super::catalog::literal(self.catalog.database)),
                name_type,
                true,
            ),
            ("schema_name", []) => Bound::new("'dbo'::text", name_type, true),
            ("suser_sname" | "system_user" | "original_login", []) => {
                Bound::new(format!("'{}'::text", super::super::shared::LOGIN.0), name_type, true)
            }
            ("current_user" | "session_user" | "user_name" | "user", []) => {
                Bound::new("'dbo'::text", name_type, true)
            }
            ("newid", []) => Bound::new("gen_random_uuid()", SqlType::UniqueIdentifier, false),
            ("object_id", [of, kind @ ..]) if kind.len() <= 1 => {
                let (Some(of), kind) = (text_argument(of), kind.first().map(|kind| text_argument(kind)))
                else {
                    return Err(not_known("OBJECT_ID of anything but a text"));
                };
                self.object_id(&of, kind.flatten().as_deref())?
            }
            _ => return Ok(None),
        }))
    }

    fn object_id(&mut self, of: &str, kind: Option<&str>) -> Bind<Bound> {
        let dialect = sqlparser::dialect::MsSqlDialect {};
        let name = sqlparser::parser::Parser::new(&dialect)
            .try_with_sql(of)
            .and_then(|mut parser| parser.parse_object_name(false));
        let nothing = Bound::new("CAST(NULL AS integer)", SqlType::Int, true);
        let Ok(name) = name else { return Ok(nothing) };
        let name = Reference::of(&name)?;
        let wanted =
            |kinds: &[&str]| kind.is_none_or(|kind| kinds.contains(&kind.trim().to_uppercase().as_str()));
        if name.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case("dbo")) {
            return if name.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case("sys")) {
                Err(not_known("OBJECT_ID of the catalogue"))
            } else {
                Ok(nothing)
            };
        }
        if let Some(table) = self.catalog.table(&name)? {
            let stored = super::catalog::literal(&table.stored);
            return Ok(if wanted(&["U"]) {
                Bound::new(
                    format!("CAST(CAST({stored}::regclass AS oid) AS bigint)::integer"),
                    SqlType::Int,
                    true,
                )
            } else {
                nothing
            });
        }
        Ok(match self.catalog.module(&name)? {
            Some((found, _)) if wanted(if found == "view" { &["V"] } else { &["IF"] }) => Bound::new(
                format!(
                    "(SELECT 1000000000 + id FROM tsql.module WHERE name = {})",
                    super::catalog::literal(&name.name.to_lowercase())
                ),
                SqlType::Int,
                true,
            ),
            _ => nothing,
        })
    }
}

/// SQL Server has them, the stand-in has not.
const KNOWN_ELSEWHERE: [&str; 55] = [
    "rollup",
    "cube",
    "string_escape",
    "format",
    "hashbytes",
    "checksum",
    "binary_checksum",
    "soundex",
    "difference",
    "str",
    "parse",
    "try_parse",
    "rand",
    "json_query",
    "json_modify",
    "isjson",
    "json_object",
    "json_array",
    "sql_variant_property",
    "serverproperty",
    "databasepropertyex",
    "objectproperty",
    "columnproperty",
    "col_name",
    "col_length",
    "object_name",
    "db_id",
    "type_name",
    "type_id",
    "ident_current",
    "scope_identity",
    "session_context",
    "context_info",
    "host_name",
    "app_name",
    "has_perms_by_name",
    "error_number",
    "error_message",
    "error_severity",
    "error_state",
    "error_line",
    "error_procedure",
    "rowcount_big",
    "compress",
    "decompress",
    "newsequentialid",
    "approx_count_distinct",
    "checksum_agg",
    "grouping",
    "grouping_id",
    "percentile_cont",
    "percentile_disc",
    "timefromparts",
    "smalldatetimefromparts",
    "formatmessage",
];

fn whole(value: &Bound) -> Bind<String> {
    if value.sql_type.is_time() || value.sql_type == SqlType::UniqueIdentifier {
        return Err(Refused::clash(value.sql_type, SqlType::Int));
    }
    Ok(converted(value, SqlType::BigInt, Reason::Implicit)?.sql)
}

fn nulls(name: &str, values: &[Bound]) -> Bind<Option<Bound>> {
    Ok(Some(match (name, values) {
        ("coalesce", [_, _, ..]) => {
            let mut together = SqlType::Null;
            for value in values {
                together = together.with(value.sql_type)?;
            }
            if together == SqlType::Null {
                return Err(Refused::new(
                    4127,
                    "At least one of the arguments to COALESCE must be an expression that is not the NULL constant.",
                ));
            }
            let parts: Bind<Vec<String>> = values
                .iter()
                .map(|value| converted(value, together, Reason::Implicit).map(|bound| bound.sql))
                .collect();
            let parts = parts?;
            let nullable = values.iter().all(|value| value.nullable);
            if let SqlType::DateTimeOffset(_) = together {
                return Err(not_known("COALESCE of datetimeoffset"));
            }
            Bound::new(format!("coalesce({})", parts.join(", ")), together, nullable)
        }
        ("isnull", [value, other]) => {
            let to = if value.is_null() { other.sql_type } else { value.sql_type };
            let to = if to == SqlType::Null { SqlType::Int } else { to };
            if let SqlType::DateTimeOffset(_) = to {
                return Err(not_known("ISNULL of datetimeoffset"));
            }
            let (value, other) =
                (converted(value, to, Reason::Implicit)?, converted(other, to, Reason::Implicit)?);
            Bound::new(
                format!("coalesce({}, {})", value.sql, other.sql),
                to,
                value.nullable && other.nullable,
            )
        }
        ("isnull", _) => return Err(Refused::arguments(name, "2")),
        ("nullif", [value, other]) => {
            if value.is_null() {
                return Err(Refused::new(
                    4151,
                    "The type of the first argument to NULLIF cannot be the NULL constant because the type of the first argument has to be known.",
                ));
            }
            let test = compared(value, "=", other)?;
            Bound::new(format!("(CASE WHEN {test} THEN NULL ELSE {} END)", value.sql), value.sql_type, true)
        }
        ("coalesce" | "nullif", _) => return Err(Refused::syntax(")")),
        ("choose", [index, results @ ..]) if !results.is_empty() => {
            let index = whole(index)?;
            let tests: Vec<String> =
                (1..=results.len()).map(|place| format!("({index} = {place})")).collect();
            let mut bound = chosen(&tests, results, &Bound::null())?;
            bound.nullable = true;
            bound
        }
        ("greatest" | "least", [first, rest @ ..]) => {
            let mut together = first.sql_type;
            for value in rest {
                together = together.with(value.sql_type)?;
            }
            if matches!(together, SqlType::Null | SqlType::DateTimeOffset(_) | SqlType::Text(_)) {
                return Err(not_known(&format!("{name} of {}", together.family())));
            }
            let parts: Bind<Vec<String>> = values
                .iter()
                .map(|value| converted(value, together, Reason::Implicit).map(|bound| bound.sql))
                .collect();
            let nullable = values.iter().all(|value| value.nullable);
            Bound::new(format!("{name}({})", parts?.join(", ")), together, nullable)
        }
        _ => return Ok(None),
    }))
}

/// A text argument: anything else becomes one.
fn text(value: &Bound) -> Bind<(Bound, Text)> {
    let value = as_text(value)?;
    let kind = value.sql_type.text().unwrap_or(Text::of(false, Some(1)));
    Ok((value, kind))
}

fn bmp(sql: &str, kind: Text) -> String {
    if kind.national { format!("tsql.plain({sql})") } else { sql.to_owned() }
}

fn texts(name: &str, values: &[Bound], exprs: &[&Expr]) -> Bind<Option<Bound>> {
    let nullable = values.iter().any(|value| value.nullable);
    let literal = |index: usize| exprs.get(index).and_then(|expr| super::types::literal_number(expr));
    let limit = |index: usize, kind: Text| {
        let length = literal(index).and_then(|n| u64::try_from(n).ok());
        let own = kind.length.map(u64::from);
        match (own, length) {
            (None, _) => None,
            (Some(own), Some(length)) => Some(own.min(length)),
            (own, None) => own,
        }
    };
    Ok(Some(match (name, values) {
        ("len", [value]) => {
            let (value, kind) = text(value)?;
            let result = if kind.length.is_none() { SqlType::BigInt } else { SqlType::Int };
            let sql = format!("CAST(tsql.units(rtrim({}, ' ')) AS {})", value.sql, result.stored());
            Bound::new(sql, result, nullable)
        }
        ("datalength", [value]) => {
            let result = match value.sql_type {
                SqlType::Text(Text { length: None, .. }) => SqlType::BigInt,
                _ => SqlType::Int,
            };
            let sql = match value.sql_type {
                // Servers that speak T-SQL disagree about it.
                SqlType::Text(Text { national: true, .. }) => {
                    return Err(not_known("DATALENGTH of nvarchar"));
                }
                SqlType::Text(_) => format!("length({})", value.sql),
                SqlType::Null => "NULL::integer".to_owned(),
                other => {
                    let bytes = bytes(other)?;
                    format!("CASE WHEN {} IS NULL THEN NULL ELSE {bytes} END", value.sql)
                }
            };
            Bound::new(format!("CAST({sql} AS {})", result.stored()), result, true)
        }
        ("substring", [value, start, count]) => {
            if !value.sql_type.is_text() && !value.is_null() {
                return Err(Refused::new(
                    8116,
                    format!(
                        "Argument data type {} is invalid for argument 1 of substring function.",
                        value.sql_type.family()
                    ),
                ));
            }
            let (value, kind) = text(value)?;
            let sql =
                format!("tsql.substring({}, {}, {})", bmp(&value.sql, kind), whole(start)?, whole(count)?);
            Bound::new(sql, SqlType::Text(kind.sized(limit(2, kind))), nullable)
        }
        ("left" | "right", [value, count]) => {
            let (value, kind) = text(value)?;
            let from_left = name == "left";
            let sql = format!("tsql.cut({}, {}, {from_left})", bmp(&value.sql, kind), whole(count)?);
            Bound::new(sql, SqlType::Text(kind.sized(limit(1, kind))), nullable)
        }
        ("ltrim" | "rtrim" | "trim", [value]) => {
            let (value, kind) = text(value)?;
            let function = if name == "trim" { "btrim" } else { name };
            let kind = Text { fixed: false, ..kind };
            Bound::new(format!("{function}({}, ' ')", value.sql), SqlType::Text(kind), nullable)
        }
        ("upper" | "lower", [value]) => {
            let (value, kind) = text(value)?;
            let kind = Text { fixed: false, ..kind };
            Bound::new(format!("{name}({} COLLATE \"und-x-icu\")", value.sql), SqlType::Text(kind), nullable)
        }
        ("reverse", [value]) => {
            let (value, kind) = text(value)?;
            let kind = Text { fixed: false, ..kind };
            Bound::new(format!("reverse({})", bmp(&value.sql, kind)), SqlType::Text(kind), nullable)
        }
        ("replicate", [value, count]) => {
            let (value, kind) = text(value)?;
            let result = SqlType::Text(match (kind.length, literal(1)) {
                (None, _) => kind,
                (Some(length), Some(count)) => {
                    kind.sized(Some(u64::from(length) * u64::try_from(count).unwrap_or(0)))
                }
                _ => kind.sized(Some(8000)),
            });
            let count = whole(count)?;
            let sql = format!(
                "CASE WHEN {count} < 0 THEN NULL ELSE repeat({}, CAST(least({count}, 10000000) AS integer)) END",
                value.sql
            );
            let sql = match result {
                SqlType::Text(Text { length: Some(_), .. }) => format!("left({sql}, {})", kind.limit()),
                _ => sql,
            };
            Bound::new(format!("({sql})"), result, true)
        }
        ("space", [count]) => {
            let count = whole(count)?;
            let sql = format!(
                "(CASE WHEN {count} < 0 THEN NULL ELSE repeat(' ', CAST(least({count}, 8000) AS integer)) END)"
            );
            Bound::new(sql, SqlType::varchar(8000), true)
        }
        ("stuff", [value, start, count, put]) => {
            let (value, kind) = text(value)?;
            let (put, other) = text(put)?;
            let together = SqlType::Text(kind).with(SqlType::Text(other))?;
            let result = match together {
                SqlType::Text(both) => {
                    both.sized(kind.length.zip(other.length).map(|(a, b)| u64::from(a) + u64::from(b)))
                }
                _ => kind,
            };
            let sql = format!(
                "tsql.stuff({}, {}, {}, {})",
                bmp(&value.sql, kind),
                whole(start)?,
                whole(count)?,
                put.sql
            );
            Bound::new(sql, SqlType::Text(result), true)
        }
        ("replace", [value, what, put]) => {
            let ((value, a), (what, b), (put, c)) = (text(value)?, text(what)?, text(put)?);
            let together = SqlType::Text(a).with(SqlType::Text(b))?.with(SqlType::Text(c))?;
            let SqlType::Text(both) = together else { return Ok(None) };
            let result = SqlType::Text(both.sized(a.length.map(|_| 8000)));
            let minds = both.collation.minds_case();
            let sql = format!("tsql.replace({}, {}, {}, {minds})", value.sql, what.sql, put.sql);
            Bound::new(limited(&sql, result), result, nullable)
        }
        ("charindex", [what, value, start @ ..]) if start.len() <= 1 => {
            let ((what, a), (value, b)) = (text(what)?, text(value)?);
            let SqlType::Text(both) = SqlType::Text(a).with(SqlType::Text(b))? else { return Ok(None) };
            let start = match start.first() {
                Some(start) => whole(start)?,
                None => "1".to_owned(),
            };
            let result = if b.length.is_none() { SqlType::BigInt } else { SqlType::Int };
            let sql = format!(
                "CAST(tsql.charindex({}, {}, CAST({start} AS bigint), {}) AS {})",
                what.sql,
                bmp(&value.sql, b),
                both.collation.minds_case(),
                result.stored()
            );
            Bound::new(sql, result, nullable)
        }
        ("patindex", [what, value]) => {
            let ((what, a), (value, b)) = (text(what)?, text(value)?);
            let SqlType::Text(both) = SqlType::Text(a).with(SqlType::Text(b))? else { return Ok(None) };
            let result = if b.length.is_none() { SqlType::BigInt } else { SqlType::Int };
            let sql = format!(
                "CAST(tsql.patindex({}, {}, {}) AS {})",
                what.sql,
                bmp(&value.sql, b),
                both.collation.minds_case(),
                result.stored()
            );
            Bound::new(sql, result, nullable)
        }
        ("concat" | "concat_ws", _) => {
            let least = if name == "concat" { 2 } else { 3 };
            if values.len() < least {
                return Err(Refused::new(
                    189,
                    format!("The {name} function requires {least} to 254 arguments."),
                ));
            }
            concat(name, values)?
        }
        ("quotename", [value, quote @ ..]) if quote.len() <= 1 => {
            let (value, _) = text(value)?;
            let quote = match quote.first() {
                Some(quote) => text(quote)?.0.sql,
                None => "'['".to_owned(),
            };
            Bound::new(format!("tsql.quotename({}, {quote})", value.sql), SqlType::nvarchar(258), true)
        }
        ("char", [code]) => {
            let code = converted(code, SqlType::Int, Reason::Implicit)?.sql;
            let kind = Text { fixed: true, ..Text::of(false, Some(1)) };
            Bound::new(format!("tsql.character({code})"), SqlType::Text(kind), true)
        }
        ("nchar", [code]) => {
            let code = converted(code, SqlType::Int, Reason::Implicit)?.sql;
            let kind = Text { fixed: true, ..Text::of(true, Some(1)) };
            let sql = format!("(CASE WHEN {code} BETWEEN 1 AND 65535 THEN chr({code}) END)");
            Bound::new(sql, SqlType::Text(kind), true)
        }
        ("ascii", [value]) => {
            let (value, _) = text(value)?;
            Bound::new(format!("tsql.code({})", value.sql), SqlType::Int, true)
        }
        ("unicode", [value]) => {
            let (value, kind) = text(value)?;
            Bound::new(format!("nullif(ascii({}), 0)", bmp(&value.sql, kind)), SqlType::Int, true)
        }
        ("translate", [value, from, to]) => {
            let ((value, kind), (from, _), (to, _)) = (text(value)?, text(from)?, text(to)?);
            if !kind.collation.minds_case() {
                return Err(not_known("TRANSLATE without regard to case"));
            }
            Bound::new(
                format!("translate({}, {}, {})", value.sql, from.sql, to.sql),
                SqlType::Text(kind),
                nullable,
            )
        }
        ("json_value", [value, path]) => {
            let ((value, _), (path, _)) = (text(value)?, text(path)?);
            Bound::new(format!("tsql.json_value({}, {})", value.sql, path.sql), SqlType::nvarchar(4000), true)
        }
        ("isnumeric", [value]) => match value.sql_type {
            SqlType::Text(_) => Bound::new(format!("tsql.isnumeric({})", value.sql), SqlType::Int, false),
            of if of.is_number() => Bound::new(
                format!("(CASE WHEN {} IS NULL THEN 0 ELSE 1 END)", value.sql),
                SqlType::Int,
                false,
            ),
            _ => Bound::new("0", SqlType::Int, false),
        },
        (
            "len" | "datalength" | "ltrim" | "rtrim" | "trim" | "upper" | "lower" | "reverse" | "space"
            | "char" | "nchar" | "ascii" | "unicode" | "isnumeric",
            _,
        ) => return Err(Refused::arguments(name, "1")),
        ("left" | "right" | "replicate" | "patindex" | "json_value", _) => {
            return Err(Refused::arguments(name, "2"));
        }
        ("replace" | "translate", _) => return Err(Refused::arguments(name, "3")),
        ("stuff", _) => return Err(Refused::arguments(name, "4")),
        _ => return Ok(None),
    }))
}

fn concat(name: &str, values: &[Bound]) -> Bind<Bound> {
    let empty = Bound::new("''::text", SqlType::varchar(1), false);
    let mut parts = Vec::new();
    let mut together = SqlType::Null;
    let mut length = Some(0_u64);
    let mut national = false;
    for value in values {
        if value.is_null() && name == "concat_ws" && !parts.is_empty() {
            // It is left out, and its separator too.
            continue;
        }
        let (value, kind) =
            if value.is_null() { (empty.clone(), Text::of(false, Some(1))) } else { text(value)? };
        national |= kind.national;
        together = together.with(value.sql_type)?;
        length = length.zip(kind.length).map(|(a, b)| a + u64::from(b));
        parts.push(value.sql);
    }
    let SqlType::Text(both) = together else { return joined(&empty, &empty) };
    let result = SqlType::Text(Text { national, ..both }.sized(length));
    let sql = if name == "concat" {
        format!("concat({})", parts.join(", "))
    } else {
        let separator = parts.remove(0);
        parts.insert(0, format!("coalesce({separator}, '')"));
        format!("concat_ws({})", parts.join(", "))
    };
    Ok(Bound::new(limited(&sql, result), result, false))
}

/// How many bytes a value takes.
fn bytes(of: SqlType) -> Bind<u8> {
    Ok(match of {
        SqlType::Bit | SqlType::TinyInt => 1,
        SqlType::SmallInt => 2,
        SqlType::Int | SqlType::Real | SqlType::SmallDateTime => 4,
        SqlType::BigInt | SqlType::Float | SqlType::Money | SqlType::DateTime => 8,
        SqlType::Decimal(1..=9, _) => 5,
        SqlType::Decimal(10..=19, _) => 9,
        SqlType::Decimal(20..=28, _) => 13,
        SqlType::Decimal(..) => 17,
        SqlType::Date => 3,
        SqlType::Time(digits) => time_functions::clock_bytes(digits),
        SqlType::DateTime2(digits) => 3 + time_functions::clock_bytes(digits),
        SqlType::DateTimeOffset(digits) => 5 + time_functions::clock_bytes(digits),
        SqlType::UniqueIdentifier => 16,
        SqlType::Null | SqlType::Text(_) => return Err(not_known("DATALENGTH of this")),
    })
}

fn numbers(name: &str, values: &[Bound]) -> Bind<Option<Bound>> {
    let nullable = values.iter().any(|value| value.nullable);
    let float = |value: &Bound| -> Bind<String> {
        if value.sql_type.is_time() || value.sql_type == SqlType::UniqueIdentifier {
            return Err(Refused::clash(value.sql_type, SqlType::Float));
        }
        Ok(converted(value, SqlType::Float, Reason::Implicit)?.sql)
    };
    // Texts become float; smaller whole numbers int.
    let number = |value: &Bound| -> Bind<Bound> {
        let to = match value.sql_type {
            SqlType::Bit | SqlType::TinyInt | SqlType::SmallInt => SqlType::Int,
            SqlType::Text(_) | SqlType::Real | SqlType::Null => SqlType::Float,
            of if of.is_number() => of,
            of => {
                return Err(Refused::new(
                    8116,
                    format!(
                        "Argument data type {} is invalid for argument 1 of {name} function.",
                        of.family()
                    ),
                ));
            }
        };
        converted(value, to, Reason::Implicit)
    };
    Ok(Some(match (name, values) {
        ("abs", [value]) => {
            let value = number(value)?;
            Bound::new(format!("abs({})", value.sql), value.sql_type, nullable)
        }
        ("sign", [value]) => {
            let value = number(value)?;
            let sql = match value.sql_type {
                SqlType::Int | SqlType::BigInt => {
                    format!("CAST(sign(CAST({} AS numeric)) AS {})", value.sql, value.sql_type.stored())
                }
                SqlType::Decimal(_, scale) => format!("CAST(sign({}) AS numeric(38,{scale}))", value.sql),
                _ => format!("sign({})", value.sql),
            };
            Bound::new(sql, value.sql_type, nullable)
        }
        ("ceiling" | "floor", [value]) => {
            let value = number(value)?;
            let function = if name == "ceiling" { "ceil" } else { "floor" };
            let (sql, result) = match value.sql_type {
                SqlType::Int | SqlType::BigInt => (value.sql.clone(), value.sql_type),
                SqlType::Decimal(precision, scale) => {
                    let whole = (precision - scale + u8::from(scale > 0)).clamp(1, 38);
                    (format!("{function}({})", value.sql), SqlType::Decimal(whole.min(38), 0))
                }
                of => (format!("{function}({})", value.sql), of),
            };
            Bound::new(sql, result, nullable)
        }
        ("round", [value, digits, how @ ..]) if how.len() <= 1 => {
            let value = number(value)?;
            let digits = converted(digits, SqlType::Int, Reason::Implicit)?.sql;
            let cuts = match how.first() {
                Some(how) => format!("({} <> 0)", whole(how)?),
                None => "false".to_owned(),
            };
            let sql = match value.sql_type {
                SqlType::Float => format!("tsql.round_float({}, {digits}, {cuts})", value.sql),
                SqlType::Int | SqlType::BigInt => format!(
                    "CAST(tsql.whole(tsql.round(CAST({} AS numeric), {digits}, {cuts}), '{}') AS {})",
                    value.sql,
                    value.sql_type.family(),
                    value.sql_type.stored()
                ),
                SqlType::Decimal(precision, scale) => {
                    format!("tsql.decimal(tsql.round({}, {digits}, {cuts}), {precision}, {scale})", value.sql)
                }
                _ => format!("tsql.round({}, {digits}, {cuts})", value.sql),
            };
            Bound::new(sql, value.sql_type, nullable)
        }
        ("power", [value, exponent]) => {
            let value = number(value)?;
            let result = value.sql_type;
            let power = format!("tsql.power({}, {})", float(&value)?, float(exponent)?);
            let sql = match result {
                SqlType::Float => power,
                SqlType::Decimal(_, scale) => {
                    format!("tsql.decimal(CAST({power} AS numeric), 38, {scale})")
                }
                SqlType::Money => format!("tsql.decimal(CAST({power} AS numeric), 19, 4)"),
                _ => format!(
                    "CAST(tsql.whole(CAST({power} AS numeric), '{}') AS {})",
                    result.family(),
                    result.stored()
                ),
            };
            let result = match result {
                SqlType::Decimal(_, scale) => SqlType::Decimal(38, scale),
                other => other,
            };
            Bound::new(sql, result, nullable)
        }
        ("sqrt", [value]) => {
            Bound::new(format!("sqrt(tsql.of_range({}, 0, false))", float(value)?), SqlType::Float, nullable)
        }
        ("square", [value]) => Bound::new(format!("({0} * {0})", float(value)?), SqlType::Float, nullable),
        ("log", [value]) => {
            Bound::new(format!("ln(tsql.of_range({}, 0, true))", float(value)?), SqlType::Float, nullable)
        }
        ("log", [value, base]) => Bound::new(
            format!(
                "(ln(tsql.of_range({}, 0, true)) / ln(tsql.of_range({}, 0, true)))",
                float(value)?,
                float(base)?
            ),
            SqlType::Float,
            nullable,
        ),
        ("log10", [value]) => {
            Bound::new(format!("log(tsql.of_range({}, 0, true))", float(value)?), SqlType::Float, nullable)
        }
        ("exp" | "sin" | "cos" | "tan" | "cot" | "asin" | "acos" | "atan", [value]) => {
            Bound::new(format!("{name}({})", float(value)?), SqlType::Float, nullable)
        }
        ("atn2", [y, x]) => {
            Bound::new(format!("atan2({}, {})", float(y)?, float(x)?), SqlType::Float, nullable)
        }
        ("pi", []) => Bound::new("pi()", SqlType::Float, false),
        ("abs" | "sign" | "ceiling" | "floor" | "sqrt" | "square" | "log10" | "exp", _) => {
            return Err(Refused::arguments(name, "1"));
        }
        ("power", _) => return Err(Refused::arguments(name, "2")),
        ("round", _) => return Err(Refused::new(189, "The round function requires 2 to 3 arguments.")),
        _ => return Ok(None),
    }))
}
