//! Other instances on this machine: those whose directories lie beside this one, and those that run under its name.

use std::{fs, path::PathBuf};

use super::{finding::Findings, site::Site};
use crate::configuration::{self, Configuration};

const NAME: &str = "EMAP_PROJECT_NAME";

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let ours = &site.instance.configuration;
    let mut others = 0;
    for (path, other) in others_of(site) {
        others += 1;
        let same = |keys: &[&str]| -> Option<String> {
            let (ours, theirs) = (ours.text(keys).ok()??, other.text(keys).ok()??);
            (ours == theirs).then(|| ours.to_owned())
        };
        let at = path.display();
        if let Some(name) = same(&[NAME]) {
            findings.fail(
                NAME,
                format!("{at} has the name {name} too, so each would replace the other's containers"),
                "give each instance its own name",
            );
        }
        if let (Some(schema), Some(_)) = (same(&["uds", "UDS_SCHEMA"]), same(&["uds", "UDS_JDBC_URL"])) {
            findings.warn(
                "UDS_SCHEMA",
                format!("{at} fills schema {schema} of the same database"),
                "give each instance its own schema",
            );
        }
    }
    if others > 0 {
        findings.ok("other instances", format!("{others} beside this directory"));
    }
    for directory in site.running.others() {
        let at = directory.display();
        findings.fail(
            NAME,
            format!(
                "{}containers of {at} run under the same name, and `up` or `down` here would be theirs",
                ours.whereabouts(NAME)
            ),
            format!(
                "choose another name; or, if this is the same instance in a new place, stop it in {at} before"
            ),
        );
    }
}

fn others_of(site: &Site<'_>) -> Vec<(PathBuf, Configuration)> {
    let here = site.instance.project.canonicalize().unwrap_or_else(|_| site.instance.project.clone());
    let Some(Ok(entries)) = here.parent().map(fs::read_dir) else { return Vec::new() };
    let directories = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| *path != here);
    let mut files: Vec<PathBuf> = directories.map(|path| path.join("global-configuration.yaml")).collect();
    files.sort();
    files.retain(|path| path.is_file());
    // One that cannot be read is the affair of its own doctor.
    files.into_iter().filter_map(|path| Some((path.clone(), configuration::read(&path).ok()?))).collect()
}
