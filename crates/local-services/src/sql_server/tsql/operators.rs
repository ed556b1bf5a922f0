//! Arithmetic and comparisons.

use sqlparser::ast::{BinaryOperator, Expr};

use super::{
    bound::Bound,
    conversion::{Reason, converted},
    refused::{Bind, Refused, not_known},
    types::{SqlType, Text},
};

pub(crate) fn is_arithmetic(op: &BinaryOperator) -> bool {
    name(op).is_some()
}

/// What errors call it.
fn name(op: &BinaryOperator) -> Option<&'static str> {
    Some(match op {
        BinaryOperator::Plus => "add",
        BinaryOperator::Minus => "subtract",
        BinaryOperator::Multiply => "multiply",
        BinaryOperator::Divide => "divide",
        BinaryOperator::Modulo => "modulo",
        BinaryOperator::BitwiseAnd => "'&'",
        BinaryOperator::BitwiseOr => "'|'",
        BinaryOperator::BitwiseXor => "'^'",
        _ => return None,
    })
}

fn is_bitwise(op: &BinaryOperator) -> bool {
    matches!(op, BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr | BinaryOperator::BitwiseXor)
}

/// The parser binds operators of bits weaker than T-SQL does: without parentheses they go only with themselves.
pub(crate) fn refuse_mixture(left: &Expr, op: &BinaryOperator, right: &Expr) -> Bind<()> {
    let differs = |side: &Expr| match side {
        Expr::BinaryOp { op: other, .. } => {
            is_arithmetic(other)
                && !matches!(
                    other,
                    BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo
                )
                && other != op
                && (is_bitwise(op) || is_bitwise(other))
        }
        _ => false,
    };
    if differs(left) || differs(right) {
        Err(not_known("operators of bits beside others without parentheses"))
    } else {
        Ok(())
    }
}

/// The operator of PostgreSQL.
pub(crate) fn comparison(op: &BinaryOperator) -> Option<&'static str> {
    Some(match op {
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        _ => return None,
    })
}

/// Two values as PostgreSQL compares them.
pub(crate) fn comparable(left: &Bound, right: &Bound) -> Bind<(String, String)> {
    let together = left.sql_type.with(right.sql_type)?;
    // The lengths of texts do not matter here.
    let widened = match together {
        SqlType::Text(text) => SqlType::Text(Text { length: None, fixed: false, ..text }),
        // Nor do the digits of numbers: nothing may be lost.
        SqlType::Decimal(..) => {
            let key = |side: &Bound| -> Bind<String> {
                match side.sql_type {
                    SqlType::Bit => Ok(format!("CAST({} AS integer)", side.sql)),
                    SqlType::Text(_) => Ok(converted(side, together, Reason::Implicit)?.key()),
                    _ => Ok(side.key()),
                }
            };
            return Ok((key(left)?, key(right)?));
        }
        other => other,
    };
    let key = |side: &Bound| -> Bind<String> {
        Ok(match (side.sql_type, widened) {
            (SqlType::Text(_), SqlType::Text(text)) => side.key_as(text.collation),
            _ => converted(side, widened, Reason::Implicit)?.key(),
        })
    };
    Ok((key(left)?, key(right)?))
}

/// A comparison. `op` is an operator of PostgreSQL.
pub(crate) fn compared(left: &Bound, op: &str, right: &Bound) -> Bind<String> {
    let (left, right) = comparable(left, right)?;
    Ok(format!("({left} {op} {right})"))
}

pub(crate) fn negated(value: &Bound) -> Bind<Bound> {
    match value.sql_type {
        SqlType::Null => Ok(value.clone()),
        SqlType::TinyInt => {
            Ok(Bound::new(format!("tsql.tiny_sum(CAST(-{} AS integer))", value.sql), SqlType::TinyInt, true))
        }
        of if of.is_number() && of != SqlType::Bit => {
            Ok(Bound { sql: format!("(-{})", value.sql), ..value.clone() })
        }
        of => Err(Refused::operand(of, "minus")),
    }
}

pub(crate) fn bits_negated(value: &Bound) -> Bind<Bound> {
    match value.sql_type {
        SqlType::Bit => Ok(Bound { sql: format!("(NOT {})", value.sql), ..value.clone() }),
        SqlType::TinyInt => {
            Ok(Bound { sql: format!("CAST(255 - {} AS smallint)", value.sql), ..value.clone() })
        }
        of if of.is_whole() => {
            Ok(Bound { sql: format!("(~{})", value.sql), literal_digits: None, ..value.clone() })
        }
        of => Err(Refused::operand(of, "'~'")),
    }
}

/// The result of an operator between two values.
pub(crate) fn arithmetic(left: &Bound, op: &BinaryOperator, right: &Bound) -> Bind<Bound> {
    let what = name(op).unwrap_or_default();
    let (a, b) = (left.sql_type, right.sql_type);
    let nullable = left.nullable || right.nullable;
    if *op == BinaryOperator::Plus && (a.is_text() || b.is_text()) {
        let texts = |side: SqlType| side.is_text() || side == SqlType::Null;
        if texts(a) && texts(b) {
            return joined(left, right);
        }
    }
    if a == SqlType::Null && b == SqlType::Null {
        return Ok(Bound::new("CAST(NULL AS integer)", SqlType::Int, true));
    }
    if a.is_time() || b.is_time() {
        return with_time(left, op, right);
    }
    let together = a.with(b)?;
    match together {
        SqlType::Text(_) | SqlType::UniqueIdentifier => return Err(Refused::operand(together, what)),
        SqlType::Bit if !is_bitwise(op) => {
            return Err(if a == SqlType::Bit && b == SqlType::Bit && *op == BinaryOperator::Plus {
                Refused::new(402, "The data types bit and bit are incompatible in the add operator.")
            } else {
                Refused::operand(SqlType::Bit, what)
            });
        }
        _ => (),
    }
    if is_bitwise(op) {
        return bitwise(left, op, right, together);
    }
    if let SqlType::Decimal(..) = together {
        return decimal(left, op, right);
    }
    let (x, y) =
        (converted(left, together, Reason::Implicit)?.sql, converted(right, together, Reason::Implicit)?.sql);
    let sql = match (together, op) {
        (SqlType::TinyInt, _) => {
            format!("tsql.tiny_sum(CAST({x} AS integer) {op} CAST({y} AS integer))")
        }
        (SqlType::SmallInt, _) => {
            format!("CAST(tsql.whole(CAST({x} AS numeric(38,0)) {op} {y}, 'smallint') AS smallint)")
        }
        (SqlType::Float | SqlType::Real, BinaryOperator::Modulo) => {
            return Err(Refused::new(
                402,
                format!(
                    "The data types {} and {} are incompatible in the modulo operator.",
                    a.family(),
                    b.family()
                ),
            ));
        }
        (SqlType::Money, BinaryOperator::Divide) => format!("tsql.divide({x}, {y}, 19, 4)"),
        (SqlType::Money, _) => format!("tsql.decimal({x} {op} {y}, 19, 4)"),
        _ => format!("({x} {op} {y})"),
    };
    Ok(Bound::new(sql, together, nullable))
}

/// Precision and scale of what an operand is for decimals; a whole number in the text has as many digits as it shows.
fn digits(of: &Bound) -> Option<(u8, u8)> {
    match of.literal_digits {
        Some(digits) => Some((digits, 0)),
        None => of.sql_type.as_decimal(),
    }
}

fn decimal(left: &Bound, op: &BinaryOperator, right: &Bound) -> Bind<Bound> {
    // A text or NULL takes the type of the other.
    let own = |side: &Bound, other: &Bound| digits(side).or_else(|| digits(other)).unwrap_or((38, 0));
    let ((p1, s1), (p2, s2)) = (own(left, right), own(right, left));
    let as_type = |side: &Bound, precision: u8, scale: u8| {
        converted(side, SqlType::Decimal(precision, scale), Reason::Implicit).map(|bound| bound.sql)
    };
    let (x, y) = (as_type(left, p1, s1)?, as_type(right, p2, s2)?);
    let [p1, s1, p2, s2] = [p1, s1, p2, s2].map(i32::from);
    let (precision, scale) = match op {
        BinaryOperator::Plus | BinaryOperator::Minus => {
            let scale = s1.max(s2);
            (scale + (p1 - s1).max(p2 - s2) + 1, scale)
        }
        BinaryOperator::Multiply => (p1 + p2 + 1, s1 + s2),
        BinaryOperator::Divide => {
            let scale = 6.max(s1 + p2 + 1);
            (p1 - s1 + s2 + scale, scale)
        }
        _ => ((p1 - s1).min(p2 - s2) + s1.max(s2), s1.max(s2)),
    };
    let (precision, scale) =
        capped(precision, scale, matches!(op, BinaryOperator::Plus | BinaryOperator::Minus));
    let sql = match op {
        BinaryOperator::Divide => format!("tsql.divide({x}, {y}, {precision}, {scale})"),
        _ => format!("tsql.decimal({x} {op} {y}, {precision}, {scale})"),
    };
    let sql_type = SqlType::Decimal(precision, scale);
    Ok(Bound::new(sql, sql_type, left.nullable || right.nullable))
}

/// At most 38 digits; what goes is taken from the scale first.
fn capped(precision: i32, scale: i32, is_sum: bool) -> (u8, u8) {
    let whole = precision - scale;
    let scale = if precision <= 38 {
        scale
    } else if is_sum {
        scale.min((38 - (whole - 1)).max(0))
    } else {
        scale.min((38 - whole).max(6.min(scale)))
    };
    (u8::try_from(precision.clamp(1, 38)).unwrap_or(38), u8::try_from(scale.clamp(0, 38)).unwrap_or(0))
}

fn bitwise(left: &Bound, op: &BinaryOperator, right: &Bound, together: SqlType) -> Bind<Bound> {
    if !together.is_whole() && together != SqlType::Bit {
        return Err(Refused::new(
            402,
            format!(
                "The data types {} and {} are incompatible in the {} operator.",
                left.sql_type.family(),
                right.sql_type.family(),
                name(op).unwrap_or_default()
            ),
        ));
    }
    let (x, y) =
        (converted(left, together, Reason::Implicit)?.sql, converted(right, together, Reason::Implicit)?.sql);
    let nullable = left.nullable || right.nullable;
    let op = match op {
        BinaryOperator::BitwiseAnd => "&",
        BinaryOperator::BitwiseOr => "|",
        _ => "#",
    };
    let sql = if together == SqlType::Bit {
        format!("((CAST({x} AS integer) {op} CAST({y} AS integer)) <> 0)")
    } else {
        format!("({x} {op} {y})")
    };
    Ok(Bound::new(sql, together, nullable))
}

/// `datetime` counts in days; the newer types do not.
fn with_time(left: &Bound, op: &BinaryOperator, right: &Bound) -> Bind<Bound> {
    let (a, b) = (left.sql_type, right.sql_type);
    let what = name(op).unwrap_or_default();
    let old = |of: SqlType| matches!(of, SqlType::DateTime | SqlType::SmallDateTime);
    let days = |of: SqlType| of.is_whole();
    let nullable = left.nullable || right.nullable;
    let (time, number, sign) = match op {
        BinaryOperator::Plus if old(a) && days(b) => (left, right, "+"),
        BinaryOperator::Plus if old(b) && days(a) => (right, left, "+"),
        BinaryOperator::Minus if old(a) && days(b) => (left, right, "-"),
        _ if old(a) || old(b) => return Err(not_known(&format!("the {what} operator for datetime"))),
        _ if a.is_number() || b.is_number() => return Err(Refused::clash(a, b)),
        _ if a.is_time() && b.is_time() => {
            return Err(Refused::new(
                if a == b { 8117 } else { 402 },
                format!(
                    "The data types {} and {} are incompatible in the {what} operator.",
                    a.family(),
                    b.family()
                ),
            ));
        }
        _ => {
            let time = if a.is_time() { a } else { b };
            let (a, b) = if a.is_time() { (a, b) } else { (b, a) };
            let _ = b;
            return Err(Refused::new(
                402,
                format!(
                    "The data types {} and {} are incompatible in the {what} operator.",
                    a.family(),
                    time.family()
                ),
            ));
        }
    };
    let sql = format!("tsql.added({} {sign} {} * interval '1 day', 'datetime')", time.sql, number.sql);
    Ok(Bound::new(sql, time.sql_type, nullable))
}

/// Two texts one after the other.
pub(crate) fn joined(left: &Bound, right: &Bound) -> Bind<Bound> {
    let text = |side: &Bound| side.sql_type.text();
    let sql_type = match (text(left), text(right)) {
        (Some(a), Some(b)) => {
            let both = match left.sql_type.with(right.sql_type)? {
                SqlType::Text(both) => both,
                other => return Ok(Bound::new("NULL", other, true)),
            };
            let length = a.length.zip(b.length).map(|(a, b)| u64::from(a) + u64::from(b));
            SqlType::Text(both.sized(length))
        }
        (Some(text), None) | (None, Some(text)) => SqlType::Text(text.sized(text.length.map(u64::from))),
        (None, None) => SqlType::varchar(1),
    };
    let nullable = left.nullable || right.nullable;
    if left.is_null() || right.is_null() {
        return Ok(Bound::new("CAST(NULL AS text)", sql_type, true));
    }
    Ok(Bound::new(limited(&format!("({} || {})", left.sql, right.sql), sql_type), sql_type, nullable))
}

/// A result that is not `max` ends after 8000 bytes.
pub(crate) fn limited(sql: &str, sql_type: SqlType) -> String {
    match sql_type {
        SqlType::Text(text) if text.length == Some(text.limit()) => format!("left({sql}, {})", text.limit()),
        _ => sql.to_owned(),
    }
}
