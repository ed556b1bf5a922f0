//! Functions about dates and times.

use super::{
    bound::Bound,
    conversion::{Reason, converted},
    refused::{Bind, Refused, not_known},
    types::SqlType,
};

pub(crate) fn has_part(name: &str) -> bool {
    matches!(name, "dateadd" | "datediff" | "datediff_big" | "datepart" | "datename" | "datetrunc")
}

/// The bytes of a time of the day.
pub(crate) fn clock_bytes(digits: u8) -> u8 {
    match digits {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}

/// The full name of a part of a date.
fn part(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "year" | "yy" | "yyyy" => "year",
        "quarter" | "qq" | "q" => "quarter",
        "month" | "mm" | "m" => "month",
        "dayofyear" | "dy" | "y" => "dayofyear",
        "day" | "dd" | "d" => "day",
        "week" | "wk" | "ww" => "week",
        "weekday" | "dw" | "w" => "weekday",
        "iso_week" | "isowk" | "isoww" => "iso_week",
        "hour" | "hh" => "hour",
        "minute" | "mi" | "n" => "minute",
        "second" | "ss" | "s" => "second",
        "millisecond" | "ms" => "millisecond",
        "microsecond" | "mcs" => "microsecond",
        "nanosecond" | "ns" => "nanosecond",
        "tzoffset" | "tz" => "tzoffset",
        _ => return None,
    })
}

/// A text as the type that functions of dates take it for.
fn time(value: &Bound) -> Bind<Bound> {
    match value.sql_type {
        of if of.is_time() => Ok(value.clone()),
        SqlType::Text(_) | SqlType::Null => converted(value, SqlType::DateTime2(6), Reason::Implicit),
        of if of.is_whole() => converted(value, SqlType::DateTime, Reason::Implicit),
        of => Err(not_known(&format!("{} as a date", of.family()))),
    }
}

/// As a timestamp: of a datetimeoffset its own clock, or UTC.
fn timestamp(value: &Bound, utc: bool) -> String {
    match value.sql_type {
        SqlType::Date => format!("CAST({} AS timestamp)", value.sql),
        SqlType::Time(_) => format!("(date '1900-01-01' + {})", value.sql),
        SqlType::DateTimeOffset(_) if utc => format!("(({}).utc)", value.sql),
        SqlType::DateTimeOffset(_) => format!("tsql.local({})", value.sql),
        _ => value.sql.clone(),
    }
}

/// Functions whose first argument is a part of a date.
pub(crate) fn with_part(name: &str, given: &str, values: &[Bound]) -> Bind<Bound> {
    let Some(part) = part(given) else {
        return Err(Refused::new(155, format!("'{given}' is not a recognized {name} option.")));
    };
    let nullable = values.iter().any(|value| value.nullable);
    let is_clock =
        matches!(part, "hour" | "minute" | "second" | "millisecond" | "microsecond" | "nanosecond");
    let fits = |of: SqlType| match of {
        SqlType::Date => !is_clock,
        SqlType::Time(_) => is_clock,
        _ => true,
    };
    match (name, values) {
        ("dateadd", [count, value]) => {
            let part = match part {
                "dayofyear" | "weekday" => "day",
                "nanosecond" => return Err(not_known("DATEADD of nanoseconds")),
                "tzoffset" | "iso_week" => {
                    return Err(Refused::new(155, format!("'{given}' is not a recognized dateadd option.")));
                }
                other => other,
            };
            // A text becomes datetime.
            let value = match value.sql_type {
                SqlType::Text(_) | SqlType::Null => converted(value, SqlType::DateTime, Reason::Implicit)?,
                _ => time(value)?,
            };
            if !fits(value.sql_type) {
                return Err(wrong_part(given, name, value.sql_type));
            }
            let count = converted(count, SqlType::Int, Reason::Explicit(None))?;
            let of = value.sql_type;
            let added = format!("tsql.add({}, '{part}', {})", timestamp(&value, true), count.sql);
            let sql = match of {
                SqlType::Date => format!("CAST(tsql.added({added}, 'date') AS date)"),
                SqlType::Time(_) => format!("CAST({added} AS time)"),
                SqlType::DateTime => format!("tsql.datetime(tsql.added({added}, 'datetime'))"),
                SqlType::SmallDateTime => format!("tsql.smalldatetime({added})"),
                SqlType::DateTime2(digits) => {
                    format!("tsql.datetime2(tsql.added({added}, 'datetime2'), {digits})")
                }
                SqlType::DateTimeOffset(_) => return Err(not_known("DATEADD of datetimeoffset")),
                _ => return Err(not_known("this form of DATEADD")),
            };
            Ok(Bound::new(sql, of, nullable))
        }
        ("datediff" | "datediff_big", [from, until]) => {
            let part = match part {
                "dayofyear" | "weekday" => "day",
                "nanosecond" | "tzoffset" | "iso_week" => {
                    return Err(not_known(&format!("{name} of {part}")));
                }
                other => other,
            };
            let (from, until) = (time(from)?, time(until)?);
            let big = name == "datediff_big";
            let result = if big { SqlType::BigInt } else { SqlType::Int };
            let (from, until) = (timestamp(&from, true), timestamp(&until, true));
            let sql = format!("CAST(tsql.between_({from}, {until}, '{part}', {big}) AS {})", result.stored());
            Ok(Bound::new(sql, result, nullable))
        }
        ("datepart", [value]) => {
            let value = time(value)?;
            if part == "tzoffset" {
                return match value.sql_type {
                    SqlType::DateTimeOffset(_) => {
                        Ok(Bound::new(format!("(({}).minutes)", value.sql), SqlType::Int, nullable))
                    }
                    of => Err(wrong_part(given, name, of)),
                };
            }
            if !fits(value.sql_type) && !(value.sql_type == SqlType::Date) {
                return Err(wrong_part(given, name, value.sql_type));
            }
            if value.sql_type == SqlType::Date && is_clock {
                return Err(wrong_part(given, name, value.sql_type));
            }
            if value.sql_type == SqlType::DateTime && matches!(part, "microsecond" | "nanosecond") {
                return Err(not_known(&format!("{name} of {part} of datetime")));
            }
            let sql = format!("tsql.part({}, '{part}')", timestamp(&value, false));
            Ok(Bound::new(sql, SqlType::Int, nullable))
        }
        ("datename", [value]) => {
            let value = time(value)?;
            if !fits(value.sql_type) {
                return Err(wrong_part(given, name, value.sql_type));
            }
            let timestamp = timestamp(&value, false);
            let sql = match part {
                "month" => format!("to_char({timestamp}, 'FMMonth')"),
                "weekday" => format!("to_char({timestamp}, 'FMDay')"),
                "tzoffset" | "microsecond" | "nanosecond" => {
                    return Err(not_known(&format!("DATENAME of {part}")));
                }
                _ => format!("CAST(tsql.part({timestamp}, '{part}') AS text)"),
            };
            Ok(Bound::new(sql, SqlType::nvarchar(30), true))
        }
        ("datetrunc", [value]) => {
            let value = time(value)?;
            match (value.sql_type, part) {
                (
                    SqlType::DateTime2(_) | SqlType::DateTime | SqlType::Date,
                    "year" | "quarter" | "month" | "day" | "hour" | "minute" | "second",
                ) if fits(value.sql_type) => {
                    let sql = format!(
                        "CAST(date_trunc('{part}', {}) AS {})",
                        timestamp(&value, false),
                        value.sql_type.stored()
                    );
                    Ok(Bound::new(sql, value.sql_type, nullable))
                }
                _ => Err(not_known("this form of DATETRUNC")),
            }
        }
        ("dateadd" | "datediff" | "datediff_big", _) => Err(Refused::arguments(name, "3")),
        _ => Err(Refused::arguments(name, "2")),
    }
}

fn wrong_part(given: &str, name: &str, of: SqlType) -> Refused {
    Refused::new(
        9810,
        format!(
            "The datepart {given} is not supported by date function {name} for data type {}.",
            of.family()
        ),
    )
}

/// Other functions about times; `None` for those of other subjects.
pub(crate) fn called(name: &str, values: &[Bound]) -> Bind<Option<Bound>> {
    const NOW: &str = "(statement_timestamp() AT TIME ZONE 'UTC')";
    let nullable = values.iter().any(|value| value.nullable);
    let whole = |value: &Bound| converted(value, SqlType::Int, Reason::Implicit).map(|bound| bound.sql);
    Ok(Some(match (name, values) {
        ("getdate" | "getutcdate" | "current_timestamp", []) => {
            Bound::new(format!("tsql.datetime{NOW}"), SqlType::DateTime, false)
        }
        ("sysdatetime" | "sysutcdatetime", []) => Bound::new(NOW, SqlType::DateTime2(7), false),
        ("sysdatetimeoffset", []) => {
            Bound::new(format!("tsql.moment({NOW}, 0)"), SqlType::DateTimeOffset(7), false)
        }
        ("year" | "month" | "day", [value]) => {
            let value = time(value)?;
            if let SqlType::Time(_) = value.sql_type {
                return Err(wrong_part(name, name, value.sql_type));
            }
            Bound::new(format!("tsql.part({}, '{name}')", timestamp(&value, false)), SqlType::Int, nullable)
        }
        ("eomonth", [value, months @ ..]) if months.len() <= 1 => {
            let value = match value.sql_type {
                SqlType::Text(_) | SqlType::Null => converted(value, SqlType::Date, Reason::Implicit)?,
                _ => time(value)?,
            };
            let months = match months.first() {
                Some(months) => whole(months)?,
                None => "0".to_owned(),
            };
            let sql = format!(
                "CAST(tsql.added(date_trunc('month', {}) + make_interval(months => {months} + 1) - interval '1 day', 'date') AS date)",
                timestamp(&value, false)
            );
            Bound::new(sql, SqlType::Date, true)
        }
        ("datefromparts", [year, month, day]) => {
            let sql = format!(
                "CAST(tsql.from_parts({}, {}, {}, 0, 0, 0) AS date)",
                whole(year)?,
                whole(month)?,
                whole(day)?
            );
            Bound::new(sql, SqlType::Date, nullable)
        }
        ("datetimefromparts", [parts @ .., millisecond]) if parts.len() == 6 => {
            let parts: Bind<Vec<String>> = parts.iter().map(whole).collect();
            let parts = parts?;
            let sql = format!(
                "tsql.datetime(tsql.from_parts({}, CAST({} AS numeric) + {} / 1000.0))",
                parts.get(..5).unwrap_or_default().join(", "),
                parts.get(5).map_or("0", String::as_str),
                whole(millisecond)?
            );
            Bound::new(sql, SqlType::DateTime, nullable)
        }
        ("datetime2fromparts", [parts @ .., fraction, precision]) if parts.len() == 6 => {
            let Ok(digits @ 0..=6) = precision.sql.parse::<u8>() else {
                return Err(not_known("DATETIME2FROMPARTS with this precision"));
            };
            let parts: Bind<Vec<String>> = parts.iter().map(whole).collect();
            let parts = parts?;
            let sql = format!(
                "tsql.from_parts({}, CAST({} AS numeric) + {} / 1{}.0)",
                parts.get(..5).unwrap_or_default().join(", "),
                parts.get(5).map_or("0", String::as_str),
                whole(fraction)?,
                "0".repeat(digits.into())
            );
            Bound::new(sql, SqlType::DateTime2(digits), nullable)
        }
        ("isdate", [value]) => match value.sql_type {
            SqlType::Text(_) | SqlType::Null => {
                Bound::new(format!("tsql.isdate({})", value.sql), SqlType::Int, false)
            }
            SqlType::DateTime | SqlType::SmallDateTime => Bound::new(
                format!("(CASE WHEN {} IS NULL THEN 0 ELSE 1 END)", value.sql),
                SqlType::Int,
                false,
            ),
            of => {
                return Err(Refused::new(
                    8116,
                    format!(
                        "Argument data type {} is invalid for argument 1 of isdate function.",
                        of.family()
                    ),
                ));
            }
        },
        ("switchoffset", [value, offset]) => {
            let value = moment(value)?;
            let sql = format!("tsql.at({}, {})", value.sql, minutes(offset)?);
            Bound::new(sql, value.sql_type, nullable)
        }
        ("todatetimeoffset", [value, offset]) => {
            let value = time(value)?;
            let digits = digits(value.sql_type);
            let sql = format!("tsql.moment({}, {})", timestamp(&value, false), minutes(offset)?);
            Bound::new(sql, SqlType::DateTimeOffset(digits), nullable)
        }
        ("year" | "month" | "day" | "isdate", _) => return Err(Refused::arguments(name, "1")),
        ("datefromparts", _) => return Err(Refused::arguments(name, "3")),
        ("switchoffset" | "todatetimeoffset", _) => return Err(Refused::arguments(name, "2")),
        _ => return Ok(None),
    }))
}

fn digits(of: SqlType) -> u8 {
    match of {
        SqlType::DateTime2(digits) | SqlType::DateTimeOffset(digits) | SqlType::Time(digits) => digits,
        SqlType::DateTime => 3,
        SqlType::Date | SqlType::SmallDateTime => 0,
        _ => 7,
    }
}

fn moment(value: &Bound) -> Bind<Bound> {
    match value.sql_type {
        SqlType::DateTimeOffset(_) => Ok(value.clone()),
        of => converted(value, SqlType::DateTimeOffset(digits(of).min(6)), Reason::Implicit),
    }
}

/// An offset: minutes, or a text such as `+01:00`.
fn minutes(value: &Bound) -> Bind<String> {
    match value.sql_type {
        SqlType::Text(_) => Ok(format!("tsql.offset_minutes({})", value.sql)),
        _ => Ok(converted(value, SqlType::Int, Reason::Implicit)?.sql),
    }
}

/// `AT TIME ZONE`: of a time without an offset its offset there; otherwise the time there.
pub(crate) fn at_time_zone(value: &Bound, zone: &Bound) -> Bind<Bound> {
    if !zone.sql_type.is_text() {
        return Err(Refused::new(
            8116,
            "Argument data type is invalid for argument 2 of AT TIME ZONE function.",
        ));
    }
    let nullable = value.nullable || zone.nullable;
    match value.sql_type {
        of @ SqlType::DateTimeOffset(_) => {
            Ok(Bound::new(format!("tsql.in_zone({}, {})", value.sql, zone.sql), of, nullable))
        }
        of @ (SqlType::DateTime2(_) | SqlType::DateTime | SqlType::SmallDateTime) => Ok(Bound::new(
            format!("tsql.from_zone({}, {})", value.sql, zone.sql),
            SqlType::DateTimeOffset(digits(of)),
            nullable,
        )),
        of => Err(Refused::new(
            8116,
            format!("Argument data type {} is invalid for argument 1 of AT TIME ZONE function.", of.family()),
        )),
    }
}
