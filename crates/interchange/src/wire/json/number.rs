//! The text form of a floating point number that all peers write.

use std::io::Write;

/// Appends the shortest decimal that reads back as the same number, with at least one digit after the
/// point, and with an exponent (`1.0E7`) from ten million upwards and below a thousandth.
pub(crate) fn java_double(value: f64, out: &mut Vec<u8>) {
    let magnitude = value.abs();
    if let Some(thousandths) = thousandths(magnitude) {
        return few_decimals(value.is_sign_negative(), thousandths, out);
    }
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

/// The magnitude in thousandths if that is a whole number, as with nearly all measured values, and the
/// form one without an exponent. Dividing rounds as reading a decimal does, so the division shows it. Of
/// decimals with as few digits no two are the same number: the one found is the shortest.
fn thousandths(magnitude: f64) -> Option<u64> {
    if !(1e-3..1e7).contains(&magnitude) {
        return None;
    }
    let thousandths = (magnitude * 1000.0).round();
    // Below ten thousand million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::float_cmp)]
    (thousandths / 1000.0 == magnitude).then_some(thousandths as u64)
}

fn few_decimals(negative: bool, thousandths: u64, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(digits.format(thousandths / 1000).as_bytes());
    // The leading 1 keeps the zeros after it; the point takes its place.
    let fraction = digits.format(1000 + thousandths % 1000).as_bytes();
    let zeros = fraction[2..].iter().rev().take_while(|&&digit| digit == b'0').count();
    out.push(b'.');
    out.extend_from_slice(&fraction[1..fraction.len() - zeros]);
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
            (9_999_999.999, "9999999.999"),
            (-36.75, "-36.75"),
            (10.05, "10.05"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1.005, "1.005"),
            (0.007, "0.007"),
        ];
        for (value, expected) in cases {
            let mut out = Vec::new();
            java_double(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    /// With and without decimals, the shorter way gives what the standard library gives.
    #[test]
    fn thousandths_are_written_as_the_standard_library_does() {
        for step in 0..200_000_u32 {
            let value = f64::from(step * 37) / 1000.0;
            let mut out = Vec::new();
            java_double(value, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("{value:?}"));
        }
    }
}
