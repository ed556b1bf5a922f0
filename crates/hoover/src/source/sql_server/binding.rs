//! Values of parameters as the driver takes them.

use tiberius::ToSql;

use crate::source::database::Parameter;

/// The value.
pub(super) fn bound(parameter: &Parameter) -> &dyn ToSql {
    match parameter {
        Parameter::DateTime(local) => local,
        Parameter::Instant(instant) => instant,
        Parameter::Int(number) => number,
        Parameter::Text(text) => text,
    }
}
