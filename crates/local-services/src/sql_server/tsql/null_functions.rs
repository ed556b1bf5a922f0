//! Functions about null.

use super::{
    bound::Bound,
    conversion::{Reason, converted},
    expression::chosen,
    number_functions::whole,
    operators::compared,
    refused::{Bind, Refused, not_known},
    types::SqlType,
};

/// A function about null; `None`: it is none.
pub(super) fn called(name: &str, values: &[Bound]) -> Bind<Option<Bound>> {
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
