//! The operations page and the served document say what the code says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::HashMap, path::Path};

use emap_connector::{ConnectorSettings, api};
use emap_service::settings::{AnyKey, Settings};

/// The first two columns of the table's line about a setting, as the page must have them.
fn line(key: &dyn AnyKey) -> String {
    let default = key.default_text();
    let default = if default.is_empty() { default } else { format!("`{default}` ") };
    format!("| `{}` | {default}|", key.variable())
}

#[test]
fn every_setting_and_its_default_is_on_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let page = std::fs::read_to_string(page).unwrap().replace("| required |", "| |");
    let settings = Settings::from_parts(ConnectorSettings::GROUPS, None, &HashMap::new()).unwrap();
    for key in settings.keys() {
        assert!(page.contains(&line(*key)), "docs/operations.md lacks: {} {} |", line(*key), key.meaning());
    }
}

/// `connector create-openapi crates/connector/openapi.yaml` writes it anew.
#[test]
fn the_shipped_document_is_the_generated_one() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.yaml");
    assert_eq!(std::fs::read_to_string(shipped).unwrap(), api::document_yaml());
}
