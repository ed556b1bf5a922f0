//! Decimal numbers as systems print them.

use std::fmt::{Display, Formatter, Result};

/// A number without its decimal point, and how many decimals it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal(pub(crate) i64, pub(crate) usize);

impl Decimal {
    /// The number as the same digits read.
    pub(crate) fn value(self) -> f64 {
        self.to_string().parse().unwrap_or_default()
    }
}

impl Display for Decimal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Self(number, decimals) = *self;
        if decimals == 0 {
            return write!(formatter, "{number}");
        }
        let digits = format!("{:0width$}", number.unsigned_abs(), width = decimals + 1);
        let (whole, rest) = digits.split_at(digits.len() - decimals);
        write!(formatter, "{}{whole}.{rest}", if number < 0 { "-" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals() {
        let numbers = [Decimal(365, 1), Decimal(7, 2), Decimal(-3, 0), Decimal(-12, 1), Decimal(0, 3)];
        assert_eq!(numbers.map(|number| number.to_string()), ["36.5", "0.07", "-3", "-1.2", "0.000"]);
    }
}
