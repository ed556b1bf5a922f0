//! The variables that the compose files use beside those of `config/global-config-envs`.

use std::{env, fs, path::Path, time::SystemTime};

use anyhow::Context;

use crate::{
    environment::{self, SUFFIX},
    instance::Instance,
};

/// The restart policy of the sources.
pub(super) const READER_RESTART: &str = "EMAP_READER_RESTART";

/// The group that may read `config/`. Where groups have other numbers inside containers (rootless Docker), the caller's
/// environment gives it.
const GROUP: &str = "EMAP_CONFIG_GROUP";

/// Before the name of a file of settings: when it was written. The files are mounted, so compose sees by this alone that
/// a container has to be replaced.
const CHANGED: &str = "EMAP_CHANGED_";

/// The variables of an instance; `directory` is its `config/`.
pub(super) fn of(
    instance: &Instance,
    home: &Path,
    directory: &Path,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut variables = vec![
        ("EMAP_HOME", home.display().to_string()),
        ("EMAP_PROJECT_DIR", instance.project.display().to_string()),
        (READER_RESTART, reader_restart(instance).to_owned()),
        ("EMAP_WAVEFORM_EXPORT", instance.configuration.switch(&["waveform", "enable_export"])?.to_string()),
    ];
    if env::var_os(GROUP).is_none_or(|given| given.is_empty()) {
        variables.push((GROUP, environment::group(directory)?.to_string()));
    }
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(variables.chain(changed(directory)?).collect())
}

/// With an end of the window, a source that is done must stay so; without one it has to come back after a restart of
/// the host, for which the engine does not care about `on-failure`.
fn reader_restart(instance: &Instance) -> &'static str {
    let end = instance.configuration.get_first("IDS_CFG_END_DATETIME", "hl7-reader");
    if end.is_ok_and(|end| end.text().trim().is_empty()) { "unless-stopped" } else { "on-failure" }
}

fn changed(directory: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut changed = Vec::new();
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.ends_with(SUFFIX) {
            let since = entry.metadata()?.modified()?.duration_since(SystemTime::UNIX_EPOCH)?;
            let name = name.to_uppercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
            changed.push((format!("{CHANGED}{name}"), since.as_nanos().to_string()));
        }
    }
    Ok(changed)
}
