//! Other instances on this machine, as far as their directories lie beside this one.

use std::{fs, path::PathBuf};

use super::{finding::Findings, site::Site};
use crate::configuration::{self, Configuration};

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
        if let Some(name) = same(&["EMAP_PROJECT_NAME"]) {
            findings.fail(
                "EMAP_PROJECT_NAME",
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
