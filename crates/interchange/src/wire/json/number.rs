//! The text form of a floating point number that all peers write.

use std::io::Write;

/// Appends the shortest decimal that reads back as the same number, with at least one digit after the
/// point, and with an exponent (`1.0E7`) from ten million upwards and below a thousandth.
pub(crate) fn java_double(value: f64, out: &mut Vec<u8>) {
    let magnitude = value.abs();
    // Writing to a Vec cannot fail.
    let _ = if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        write!(out, "{value:?}")
    } else {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let point = if mantissa.contains('.') { "" } else { ".0" };
        write!(out, "{mantissa}{point}E{exponent}")
    };
}

#[cfg(test)]
mod tests {
    use super::java_double;

    #[test]
    fn known_forms() {
        let cases = [
            (90.0, "90.0"),
            (0.83, "0.83"),
            (-0.0, "-0.0"),
            (1e10, "1.0E10"),
            (12_345_678.9, "1.23456789E7"),
            (1e-4, "1.0E-4"),
            (0.001, "0.001"),
            (9_999_999.5, "9999999.5"),
            (-2.5e-7, "-2.5E-7"),
        ];
        for (value, expected) in cases {
            let mut out = Vec::new();
            java_double(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
