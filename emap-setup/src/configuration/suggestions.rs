//! Keys that nothing uses: most likely typing mistakes.

use super::{document::Place, lookups::Configuration};
use crate::log;

/// Keys that steer the tool itself, or that old files have and nothing needs any more.
const KNOWN: [&str; 31] = [
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

/// How alike two names have to be (1 = equal) for one to be meant by the other.
const ALIKE: f64 = 0.88;

/// Warns of keys that nothing uses, with the name that may have been meant.
pub fn warn_of_unknown_keys(configuration: &Configuration, used: &[String]) {
    for (key, place, nearest) in unknown(configuration, used) {
        let meant = nearest.map_or_else(String::new, |name| format!("; is {name} meant?"));
        let path = configuration.path.display();
        log::warn("config", format_args!("{path}:{}: nothing uses {key}{meant}", place.line));
    }
}

/// Keys of the file that neither a template nor the tool uses, with the known name that is most alike.
fn unknown<'c>(
    configuration: &'c Configuration,
    used: &'c [String],
) -> Vec<(&'c str, Place, Option<&'c str>)> {
    let known = || KNOWN.into_iter().chain(used.iter().map(String::as_str));
    configuration
        .keys()
        .filter(|(section, key, _)| *section != "repositories" && !known().any(|name| name == *key))
        // The dates that the tool derived.
        .filter(|(_, key, _)| !key.starts_with("IDS_CFG_") && !key.starts_with("HOOVER_DATE_"))
        .map(|(_, key, place)| {
            let nearest = known()
                .map(|name| (strsim::jaro_winkler(name, key), name))
                .filter(|(alike, _)| *alike >= ALIKE)
                .max_by(|one, other| one.0.total_cmp(&other.0));
            (key, place, nearest.map(|(_, name)| name))
        })
        .collect()
}
