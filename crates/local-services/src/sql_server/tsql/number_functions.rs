//! Functions about numbers.

use super::{
    bound::Bound,
    conversion::{Reason, converted},
    refused::{Bind, Refused},
    types::SqlType,
};

/// A whole number, from whatever can become one.
pub(super) fn whole(value: &Bound) -> Bind<String> {
    if value.sql_type.is_time() || value.sql_type == SqlType::UniqueIdentifier {
        return Err(Refused::clash(value.sql_type, SqlType::Int));
    }
    Ok(converted(value, SqlType::BigInt, Reason::Implicit)?.sql)
}

/// A function about numbers; `None`: it is none.
pub(super) fn called(name: &str, values: &[Bound]) -> Bind<Option<Bound>> {
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
