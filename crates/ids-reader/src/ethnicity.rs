//! Ethnic groups: the record system's codes and their names.

/// Code and name. `Black Britis` is how the sending system cuts its own code.
const NAMES: [(&str, &str); 29] = [
    ("A", "White British"),
    ("Another", "Other Hispanic, Latino/a, or Spanish origin"),
    ("B", "White Irish"),
    ("Black Britis", "Black British"),
    ("C", "Other White Background"),
    ("Chinese", "Other Chinese"),
    ("Cuban", "Cuban"),
    ("D", "Mixed White and Black Caribbean"),
    ("Decline", "Decline to Answer"),
    ("E", "Mixed White and Black African"),
    ("F", "Mixed White and Asian"),
    ("G", "Other Mixed Background"),
    ("H", "Asian Indian"),
    ("Hispanic", "Hispanic or Latino"),
    ("J", "Asian Pakistani"),
    ("K", "Asian Bangladeshi"),
    ("L", "Other Asian Background"),
    ("M", "Black Caribbean"),
    ("Mexican", "Mexican, Mexican American, or Chicano/a"),
    ("N", "Black African"),
    ("Not Hispanic", "Not Hispanic, Latino/a, or Spanish origin"),
    ("P", "Other Black Background"),
    ("Puerto", "Puerto Rican"),
    ("R", "Chinese"),
    ("S", "Other Ethnic Group"),
    ("Unknown", "Unknown"),
    ("Z", "Not Stated / Unknown"),
    ("Z1", "Not Yet Asked"),
    ("Z2", "Refused to Give"),
];

/// The name of an ethnic group; a code that is not in the list (exact, case-sensitive) is its own name.
pub(crate) fn name(code: &str) -> &str {
    NAMES.binary_search_by_key(&code, |entry| entry.0).map_or(code, |at| NAMES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_all_found() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(NAMES.iter().all(|entry| name(entry.0) == entry.1));
    }

    #[test]
    fn unknown_codes_pass() {
        for code in ["a", "Black British", "", "XX"] {
            assert_eq!(name(code), code);
        }
    }
}
