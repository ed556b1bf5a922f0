//! Differences from the old system that follow from a decision, where that can be seen from the column.

use super::columns::live;

/// Table, column (empty: any, also whole rows), page.
const PAGES: [(&str, &str, &str); 9] = [
    ("location_visit", "", "docs/decisions/location-visits-from-facts.md"),
    ("visit_observation_type", "", "docs/decisions/observation-kinds.md"),
    ("patient_condition", "", "docs/decisions/conditions.md"),
    ("condition_type", "", "docs/decisions/conditions.md"),
    ("department_state", "", "docs/decisions/places-and-forms.md"),
    ("room_state", "", "docs/decisions/places-and-forms.md"),
    ("bed_state", "", "docs/decisions/places-and-forms.md"),
    ("form_answer", "filed_datetime", "docs/compared-with-emap.md"),
    ("lab_battery_element", "valid_from", "docs/compared-with-emap.md"),
];

/// The page that says why a column, or with an empty name the rows of a table, may differ.
pub(super) fn by(table: &str, column: &str) -> Option<&'static str> {
    let table = live(table).unwrap_or(table);
    let page = PAGES.iter().find(|(name, part, _)| *name == table && (part.is_empty() || *part == column));
    page.map(|(.., page)| *page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_exists() {
        for (.., page) in PAGES {
            assert!(std::path::Path::new("..").join(page).is_file(), "{page}");
        }
    }
}
