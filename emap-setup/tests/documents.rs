//! The operations page says what the code says.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use emap_core::CoreSettings;
use emap_ids_reader::ReaderSettings;
use emap_service::settings::{AnyKey, Settings};

fn operations_page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    std::fs::read_to_string(page).unwrap()
}

/// The first two columns of the table's line about a setting, as the page must have them.
fn line(key: &dyn AnyKey) -> String {
    let default = key.default_text();
    let default = if default.is_empty() { default } else { format!("`{default}` ") };
    format!("| `{}` | {default}|", key.variable())
}

#[test]
fn every_setting_and_its_default_is_on_the_page() {
    let page = operations_page().replace("| required |", "| |");
    let reader = Settings::load(ReaderSettings::GROUPS, None).unwrap();
    let core = Settings::load(CoreSettings::GROUPS, None).unwrap();
    for key in reader.keys().iter().chain(core.keys()) {
        assert!(page.contains(&line(*key)), "docs/operations.md lacks: {}", line(*key));
        // Those that are refused when set need no other form.
        let file = format!("`{}_FILE`", key.variable());
        let is_refused = page.contains(&format!("{} not supported; refused when set |", line(*key)));
        assert!(!key.is_secret() || is_refused || page.contains(&file), "docs/operations.md lacks: {file}");
    }
}
