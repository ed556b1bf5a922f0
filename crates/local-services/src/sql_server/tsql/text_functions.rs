//! Functions about texts.

use sqlparser::ast::Expr;

use super::{
    bound::Bound,
    conversion::{Reason, as_text, converted},
    number_functions::whole,
    operators::{joined, limited},
    refused::{Bind, Refused, not_known},
    time_functions,
    types::{SqlType, Text, literal_number},
};

/// A text argument: anything else becomes one.
fn text(value: &Bound) -> Bind<(Bound, Text)> {
    let value = as_text(value)?;
    let kind = value.sql_type.text().unwrap_or(Text::of(false, Some(1)));
    Ok((value, kind))
}

fn bmp(sql: &str, kind: Text) -> String {
    if kind.national { format!("tsql.plain({sql})") } else { sql.to_owned() }
}

/// A function about texts; `None`: it is none. `exprs`: the arguments as they are written, whose literals give lengths.
pub(super) fn called(name: &str, values: &[Bound], exprs: &[&Expr]) -> Bind<Option<Bound>> {
    let nullable = values.iter().any(|value| value.nullable);
    let literal = |index: usize| exprs.get(index).and_then(|expr| literal_number(expr));
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
        ("charindex" | "patindex", [what, value, start @ ..])
            if start.len() <= usize::from(name == "charindex") =>
        {
            let ((what, a), (value, b)) = (text(what)?, text(value)?);
            let SqlType::Text(both) = SqlType::Text(a).with(SqlType::Text(b))? else { return Ok(None) };
            let start = match (name, start.first()) {
                ("patindex", _) => String::new(),
                (_, Some(start)) => format!("CAST({} AS bigint), ", whole(start)?),
                (_, None) => "CAST(1 AS bigint), ".to_owned(),
            };
            let result = if b.length.is_none() { SqlType::BigInt } else { SqlType::Int };
            let sql = format!(
                "CAST(tsql.{name}({}, {}, {start}{}) AS {})",
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
