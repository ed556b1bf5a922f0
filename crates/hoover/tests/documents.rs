//! The pages say what the code says.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use emap_hoover::{HooverSettings, contract, data_types::definitions};
use emap_service::settings::{AnyKey, Settings};

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)).unwrap()
}

#[test]
fn every_setting_and_its_default_is_on_the_operations_page() {
    let page = page("operations.md").replace("| required |", "| |");
    let settings =
        Settings::from_parts(HooverSettings::GROUPS, None, &std::collections::HashMap::new()).unwrap();
    for key in settings.keys() {
        let default = key.default_text();
        let default = if default.is_empty() { default } else { format!("`{default}` ") };
        let line = format!("| `{}` | {default}|", AnyKey::variable(*key));
        assert!(page.contains(&line), "docs/operations.md lacks: {line}");
    }
}

#[test]
fn the_page_of_queries_is_what_hoover_contract_prints() {
    let printed = definitions().into_iter().map(contract::to_text).collect::<Vec<_>>().join("\n");
    let page = page("hoover-queries.md");
    let (_, contracts) = page.split_once("<!-- contracts -->\n\n").unwrap();
    assert!(contracts == printed, "docs/hoover-queries.md is not what `hoover contract` prints");
}
