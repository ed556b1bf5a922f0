//! Keys that nothing uses: most likely typing mistakes.

use super::{
    document::Place,
    lookups::{Configuration, LOOKED_UP, SWITCHES},
};
use crate::log;

/// Keys that steer the tool itself, or that old files have and nothing needs any more.
const KNOWN: [&str; 32] = [
    "EMAP_PROJECT_NAME",
    "start",
    "end",
    "branch",
    "repo_name",
    "enable_connector",
    "enable_fake_uds",
    "enable_waveform",
    "enable_waveform_generator",
    "use_streamlit",
    "use_local_grafana",
    "hoover",
    "connector",
    "fake_uds",
    "fake_ids",
    "fake_sources",
    "fake_clarity_caboodle",
    "enable_export",
    "tls",
    "CLARITY_JDBC_URL",
    "CLARITY_USERNAME",
    "CLARITY_PASSWORD",
    "CABOODLE_JDBC_URL",
    "CABOODLE_USERNAME",
    "CABOODLE_PASSWORD",
    "DOMAIN",
    "GLOWROOT_USERNAME",
    "GLOWROOT_PASSWORD",
    "GLOWROOT_ADMIN_PORT",
    "SERVER_EXTERNAL_HOSTNAME",
    "PORTAL_USERNAME",
    "PORTAL_PASSWORD",
];

/// At the top of old files, and sections for services that old sets of templates have.
const FORMER: [&str; 4] = ["git_org_url", "cassandra", "portal", "streamlit"];

/// How alike two names have to be (1 = equal) for one to be meant by the other.
const ALIKE: f64 = 0.88;

/// Warns of keys and sections that nothing uses, with the name that may have been meant. `used` are the keys of the
/// templates, `services` the sections that serve one of them alone.
pub fn warn_of_unknown_keys(configuration: &Configuration, used: &[String], services: &[String]) {
    for (key, place, nearest) in unknown(configuration, used, services) {
        let meant = nearest.map_or_else(String::new, |name| format!("; is {name} meant?"));
        let path = configuration.path.display();
        log::warn("config", format_args!("{path}:{}: nothing uses {key}{meant}", place.line));
    }
}

/// What neither a template nor the tool uses, by line, with the known name that is most alike.
fn unknown<'c>(
    configuration: &'c Configuration,
    used: &'c [String],
    services: &'c [String],
) -> Vec<(&'c str, Place, Option<&'c str>)> {
    let keys = || KNOWN.into_iter().chain(used.iter().map(String::as_str));
    let sections = || {
        let known = LOOKED_UP.into_iter().chain(SWITCHES).chain(FORMER);
        known.chain(services.iter().map(String::as_str))
    };
    let in_sections = configuration
        .keys()
        .filter(|(section, key, _)| *section != "repositories" && !keys().any(|name| name == *key))
        // The dates that the tool derived.
        .filter(|(_, key, _)| !key.starts_with("IDS_CFG_") && !key.starts_with("HOOVER_DATE_"))
        .map(|(_, key, place)| (key, place, nearest(key, keys())));
    let at_top = configuration
        .top()
        .filter(|(name, _)| !sections().chain(keys()).any(|known| known == *name))
        .map(|(name, node)| (name, node.place, nearest(name, sections().chain(keys()))));
    let mut unknown: Vec<_> = in_sections.chain(at_top).collect();
    unknown.sort_by_key(|(_, place, _)| place.line);
    unknown
}

fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let alike = known.map(|known| (strsim::jaro_winkler(known, name), known));
    let alike = alike.filter(|(alike, _)| *alike >= ALIKE);
    alike.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}
