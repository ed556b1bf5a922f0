//! From one type to another: `CAST`, `CONVERT`, `TRY_CAST`, and what T-SQL does by itself.

use super::{
    bound::Bound,
    refused::{Bind, Refused, not_known},
    types::{SqlType, Text},
};

/// Why a value is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Two types meet.
    Implicit,
    /// `CAST` and `CONVERT`; the style, if there is one.
    Explicit(Option<i64>),
    /// `TRY_CAST` and `TRY_CONVERT`.
    Try(Option<i64>),
    /// It is put into a column: texts that are too long are errors.
    Store,
}

impl Reason {
    fn style(self) -> Option<i64> {
        match self {
            Self::Explicit(style) | Self::Try(style) => style,
            Self::Implicit | Self::Store => None,
        }
    }

    fn is_explicit(self) -> bool {
        matches!(self, Self::Explicit(_) | Self::Try(_))
    }
}

/// The value as another type.
pub(crate) fn converted(value: &Bound, to: SqlType, reason: Reason) -> Bind<Bound> {
    let from = value.sql_type;
    let is_try = matches!(reason, Reason::Try(_));
    let sql = match (from, to) {
        (SqlType::Null, _) => format!("CAST(NULL AS {})", to.stored()),
        _ if from == to && !(reason == Reason::Store && from.is_text()) => return Ok(value.clone()),
        (SqlType::Text(text), SqlType::Text(target)) => text_to_text(&value.sql, text, target, reason),
        (SqlType::Text(text), _) if is_try => {
            let (a, b) = match to {
                SqlType::Decimal(precision, scale) => (precision, scale),
                SqlType::Time(digits) | SqlType::DateTime2(digits) | SqlType::DateTimeOffset(digits) => {
                    (digits, 0)
                }
                _ => (0, 0),
            };
            let style = text_style(text, to, reason)?;
            let tried = format!("tsql.try_text({}, '{}', {a}, {b}, {style})", value.sql, to.family());
            format!("CAST({tried} AS {})", to.stored())
        }
        (SqlType::Text(text), _) => text_to(&value.sql, text, to, reason)?,
        (_, SqlType::Text(target)) => {
            let text = to_text(value, target, reason)?;
            match reason {
                Reason::Store => fitting(&text, target),
                _ => cut(&text, target),
            }
        }
        _ if from.is_number() && to.is_number() => {
            let number = number_to_number(value, to);
            if is_try && (to.is_whole() || matches!(to, SqlType::Decimal(..))) {
                let (precision, scale) = to.as_decimal().unwrap_or((38, 0));
                format!(
                    "CAST(tsql.try_number(CAST({} AS numeric), '{}', {precision}, {scale}) AS {})",
                    as_number(&value.sql, from),
                    to.family(),
                    to.stored()
                )
            } else {
                number
            }
        }
        _ if from.is_time() && to.is_time() => time_to_time(&value.sql, from, to)?,
        _ if from.is_number() && matches!(to, SqlType::DateTime) && from.is_whole() => {
            format!("tsql.added(timestamp '1900-01-01' + {} * interval '1 day', 'datetime')", value.sql)
        }
        _ if from.is_time()
            && to.is_number()
            && matches!(from, SqlType::DateTime | SqlType::SmallDateTime) =>
        {
            if reason.is_explicit() {
                return Err(not_known(&format!("{} as {}", from.family(), to.family())));
            }
            return Err(Refused::new(
                257,
                format!(
                    "Implicit conversion from data type {} to {} is not allowed. Use the CONVERT function to run this query.",
                    from.family(),
                    to.family()
                ),
            ));
        }
        _ if from.is_number() && matches!(to, SqlType::DateTime | SqlType::SmallDateTime) => {
            return Err(not_known(&format!("{} as {}", from.family(), to.family())));
        }
        _ if reason.is_explicit() => {
            return Err(Refused::new(
                529,
                format!(
                    "Explicit conversion from data type {} to {} is not allowed.",
                    from.family(),
                    to.family()
                ),
            ));
        }
        _ => return Err(Refused::clash(from, to)),
    };
    Ok(Bound::new(sql, to, value.nullable || is_try))
}

fn text_to_text(sql: &str, from: Text, target: Text, reason: Reason) -> String {
    let narrowed =
        if from.national && !target.national { format!("tsql.narrow({sql})") } else { sql.to_owned() };
    let fits = !target.fixed
        && match (from.length, target.length) {
            (_, None) => true,
            (Some(from), Some(to)) => from <= to,
            (None, Some(_)) => false,
        };
    match reason {
        _ if fits => narrowed,
        Reason::Store => fitting(&narrowed, target),
        _ => cut(&narrowed, target),
    }
}

/// Cut to the length of its type, and filled up.
fn cut(sql: &str, target: Text) -> String {
    match target.length {
        None => sql.to_owned(),
        Some(length) if target.fixed => format!("rpad({sql}, {length})"),
        Some(length) => format!("left({sql}, {length})"),
    }
}

/// An error if it is longer than the column.
fn fitting(sql: &str, target: Text) -> String {
    match target.length {
        None => sql.to_owned(),
        Some(length) => {
            let fits = format!("tsql.fits({sql}, {length}, 0)");
            if target.fixed { format!("rpad({fits}, {length})") } else { fits }
        }
    }
}

/// The style with which a text becomes a time; `-1` for what has none.
fn text_style(text: Text, to: SqlType, reason: Reason) -> Bind<i64> {
    let style = reason.style().unwrap_or(0);
    let known = [0, 20, 21, 23, 101, 102, 103, 104, 105, 110, 111, 112, 120, 121, 126, 127];
    if to.is_time() && !known.contains(&style) || to.is_number() && style != 0 {
        return Err(not_known(&format!(
            "style {style} from {} to {}",
            SqlType::Text(text).family(),
            to.family()
        )));
    }
    Ok(style)
}

fn text_to(sql: &str, text: Text, to: SqlType, reason: Reason) -> Bind<String> {
    let of = SqlType::Text(text).family();
    let style = text_style(text, to, reason)?;
    Ok(match to {
        SqlType::Bit => format!("tsql.text_to_bit({sql}, '{of}')"),
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt => {
            format!("CAST(tsql.text_to_whole({sql}, '{}', '{of}') AS {})", to.family(), to.stored())
        }
        SqlType::Decimal(precision, scale) => {
            format!("tsql.text_to_decimal({sql}, {precision}, {scale}, '{of}')")
        }
        SqlType::Money => format!("tsql.text_to_money({sql}, '{of}')"),
        SqlType::Float | SqlType::Real => {
            format!("CAST(tsql.text_to_float({sql}, '{of}', '{}') AS {})", to.family(), to.stored())
        }
        SqlType::Date => format!("tsql.text_to_date({sql}, {style})"),
        SqlType::Time(digits) => format!("tsql.text_to_time({sql}, {digits}, {style})"),
        SqlType::DateTime => format!("tsql.text_to_datetime({sql}, {style})"),
        SqlType::SmallDateTime => format!("tsql.text_to_smalldatetime({sql}, {style})"),
        SqlType::DateTime2(digits) => format!("tsql.text_to_datetime2({sql}, {digits}, {style})"),
        SqlType::DateTimeOffset(digits) => format!("tsql.text_to_moment({sql}, {digits}, {style})"),
        SqlType::UniqueIdentifier => format!("tsql.text_to_uuid({sql})"),
        SqlType::Null | SqlType::Text(_) => sql.to_owned(),
    })
}

/// A number that PostgreSQL can compute with.
fn as_number(sql: &str, from: SqlType) -> String {
    if from == SqlType::Bit { format!("CAST({sql} AS integer)") } else { sql.to_owned() }
}

fn number_to_number(value: &Bound, to: SqlType) -> String {
    let (from, sql) = (value.sql_type, &value.sql);
    let number = as_number(sql, from);
    match to {
        SqlType::Bit => format!("({number} <> 0)"),
        SqlType::TinyInt | SqlType::SmallInt if from == SqlType::TinyInt && to == SqlType::SmallInt => number,
        SqlType::TinyInt | SqlType::SmallInt if from.is_whole() || from == SqlType::Bit => {
            format!("tsql.tiny(CAST({number} AS numeric), '{}')", to.family())
        }
        SqlType::Int | SqlType::BigInt if from.is_whole() || from == SqlType::Bit => {
            format!("CAST({number} AS {})", to.stored())
        }
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt => {
            let number = if from == SqlType::Money { format!("round({number})") } else { number };
            let kind = to.family();
            format!("CAST(tsql.whole(CAST({number} AS numeric), '{kind}') AS {})", to.stored())
        }
        SqlType::Decimal(precision, scale) => {
            // What always fits needs no check, only its digits.
            let fits = from.as_decimal().is_some_and(|(p, s)| s <= scale && p - s <= precision - scale);
            if fits {
                format!("CAST({number} AS numeric(38,{scale}))")
            } else {
                format!("tsql.decimal(CAST({number} AS numeric), {precision}, {scale})")
            }
        }
        SqlType::Money => format!("tsql.decimal(CAST({number} AS numeric), 19, 4)"),
        _ => format!("CAST({number} AS {})", to.stored()),
    }
}

fn time_to_time(sql: &str, from: SqlType, to: SqlType) -> Bind<String> {
    // First a timestamp, of the clock that the value shows.
    let local = match from {
        SqlType::Date => format!("CAST({sql} AS timestamp)"),
        SqlType::Time(_) => format!("(date '1900-01-01' + {sql})"),
        SqlType::DateTimeOffset(_) => format!("tsql.local({sql})"),
        _ => sql.to_owned(),
    };
    Ok(match to {
        SqlType::Date if matches!(from, SqlType::Time(_)) => return Err(Refused::clash(from, to)),
        SqlType::Time(_) if from == SqlType::Date => return Err(Refused::clash(from, to)),
        SqlType::Date => format!("CAST({local} AS date)"),
        SqlType::Time(digits) => format!("CAST(tsql.datetime2({local}, {digits}) AS time)"),
        SqlType::DateTime => format!("tsql.datetime({local})"),
        SqlType::SmallDateTime => format!("tsql.smalldatetime({local})"),
        SqlType::DateTime2(digits) if from == SqlType::DateTime => {
            format!("tsql.datetime_to_datetime2({local}, {digits})")
        }
        SqlType::DateTime2(digits) => match from {
            SqlType::DateTime2(less) if less <= digits => local,
            SqlType::Date | SqlType::SmallDateTime => local,
            _ => format!("tsql.datetime2({local}, {digits})"),
        },
        SqlType::DateTimeOffset(digits) if matches!(from, SqlType::DateTimeOffset(_)) => {
            format!("tsql.moment_of({sql}, {digits})")
        }
        SqlType::DateTimeOffset(digits) => format!("tsql.moment(tsql.datetime2({local}, {digits}), 0)"),
        _ => return Err(Refused::clash(from, to)),
    })
}

/// Any value as a text, not yet cut to a length.
fn to_text(value: &Bound, target: Text, reason: Reason) -> Bind<String> {
    let (from, sql) = (value.sql_type, &value.sql);
    let style = reason.style();
    let most = target.length.map_or("NULL".to_owned(), |length| length.to_string());
    let kind = from.family();
    if from.is_number() && style.is_some_and(|style| style != 0) {
        return Err(not_known(&format!("style {} of {kind}", style.unwrap_or_default())));
    }
    Ok(match from {
        SqlType::Bit => format!("CAST(CAST({sql} AS integer) AS text)"),
        SqlType::TinyInt | SqlType::SmallInt | SqlType::Int | SqlType::BigInt => {
            // A star for what is too long is left from old times, and only in varchar of small whole numbers.
            let star = !target.national && from != SqlType::BigInt;
            format!("tsql.number_to_text(CAST({sql} AS numeric), {most}, {star}, '{kind}')")
        }
        SqlType::Decimal(_, scale) => {
            format!("tsql.number_to_text(CAST({sql} AS numeric(38,{scale})), {most}, false, '{kind}')")
        }
        SqlType::Money => format!("tsql.number_to_text(round({sql}, 2), {most}, false, '{kind}')"),
        SqlType::Real | SqlType::Float => {
            format!("tsql.float_to_text(CAST({sql} AS double precision), {most})")
        }
        SqlType::UniqueIdentifier => format!("upper(CAST({sql} AS text))"),
        SqlType::DateTimeOffset(digits) => {
            let style = style.unwrap_or(-1);
            format!("tsql.time_to_text(tsql.local({sql}), ({sql}).minutes, '{kind}', {digits}, {style})")
        }
        _ => {
            let timestamp = match from {
                SqlType::Date => format!("CAST({sql} AS timestamp)"),
                SqlType::Time(_) => format!("(date '1900-01-01' + {sql})"),
                _ => sql.clone(),
            };
            let digits = match from {
                SqlType::Time(digits) | SqlType::DateTime2(digits) => digits,
                _ => 0,
            };
            let style = style.unwrap_or(-1);
            format!("tsql.time_to_text({timestamp}, 0, '{kind}', {digits}, {style})")
        }
    })
}

/// The text that a value becomes where texts are wanted.
pub(crate) fn as_text(value: &Bound) -> Bind<Bound> {
    let (national, length) = match value.sql_type {
        SqlType::Text(_) => return Ok(value.clone()),
        SqlType::Null | SqlType::Bit => (false, 1),
        SqlType::TinyInt => (false, 4),
        SqlType::SmallInt => (false, 6),
        SqlType::Int => (false, 12),
        SqlType::BigInt => (false, 24),
        SqlType::Decimal(..) => (false, 41),
        SqlType::UniqueIdentifier => (false, 36),
        _ => (false, 40),
    };
    converted(value, SqlType::Text(Text::of(national, Some(length))), Reason::Implicit)
}
