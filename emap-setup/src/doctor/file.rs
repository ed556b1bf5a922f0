//! The configuration file and what was made of it.

use std::{fs, os::unix::fs::PermissionsExt};

use chrono::{DateTime, Utc};

use super::{finding::Findings, site::Site};
use crate::{
    configuration::{self, Configuration},
    environment::{DIRECTORY, EnvFile},
};

const SUBJECT: &str = "configuration";
const EXAMPLE: &str = "global-configuration-EXAMPLE.yaml";

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    permissions(site, findings);
    against_example(site, findings);
    project_name(site, findings);
    window(site, findings);
    written(site, findings);
}

fn permissions(site: &Site<'_>, findings: &mut Findings) {
    let path = site.instance.configuration.path();
    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o007 != 0) {
        findings.warn(
            SUBJECT,
            format!("all users of this machine can read {}, which holds passwords", path.display()),
            format!("chmod o= {}", path.display()),
        );
    } else {
        findings.ok(SUBJECT, format!("{} can be read", path.display()));
    }
}

/// Keys of the example that this instance needs: there, and passwords other than the example's.
fn against_example(site: &Site<'_>, findings: &mut Findings) {
    // A checkout without an example has nothing to compare with.
    let Ok(example) = configuration::read(&site.home.docker().join(EXAMPLE)) else { return };
    let configuration = &site.instance.configuration;
    let mut complete = true;
    for (section, key, _) in example.keys().filter(|(section, key, _)| is_needed(site, section, key)) {
        let subject = format!("{section}.{key}");
        match configuration.get_first(key, section) {
            Err(_) => {
                complete = false;
                findings.warn(
                    subject,
                    "missing, so the template's value counts",
                    format!("add it to {} as in {EXAMPLE}", site.file()),
                );
            }
            Ok(value) if is_secret(key) && is_the_same(&example, section, key, value.text()) => {
                complete = false;
                findings.warn(subject, "still the example's password", format!("set it in {}", site.file()));
            }
            Ok(_) => {}
        }
    }
    if complete {
        findings.ok(SUBJECT, "no key is missing");
    }
}

fn is_needed(site: &Site<'_>, section: &str, key: &str) -> bool {
    let is_for = |names: &[&str]| names.iter().any(|name| key.starts_with(name));
    // Keys in small letters steer the tool, and may all be left out.
    if !key.starts_with(|first: char| first.is_ascii_uppercase()) {
        return false;
    }
    match section {
        "rabbitmq" | "ids" | "uds" => true,
        "global" if is_for(&["CLARITY_", "CABOODLE_"]) => site.overlays.hoover,
        "global" if is_for(&["CONNECTOR_"]) => site.overlays.connector,
        "global" => !is_for(&["ACTUATOR_"]),
        "connector" => site.overlays.connector,
        "fake_uds" => site.overlays.fake_uds,
        "waveform" => site.overlays.waveform,
        "monitoring" => site.overlays.monitoring,
        _ => false,
    }
}

fn is_secret(key: &str) -> bool {
    key.contains("PASSWORD") || key.ends_with("_PASS") || key.ends_with("_KEY")
}

fn is_the_same(example: &Configuration, section: &str, key: &str, value: &str) -> bool {
    // What is blank in the example is judged by the daemon that needs it; the fake databases are nobody's secret.
    section != "fake_uds"
        && !value.is_empty()
        && example.scalar(&[section, key]).is_ok_and(|known| known.text() == value)
}

fn project_name(site: &Site<'_>, findings: &mut Findings) {
    const KEY: &str = "EMAP_PROJECT_NAME";
    match site.instance.configuration.text(&[KEY]) {
        Ok(Some(name)) if is_project_name(name) => findings.ok(KEY, name),
        Ok(Some(name)) => findings.fail(
            KEY,
            format!("compose takes no project name {name:?}"),
            "use small letters, digits, - and _, the first a letter or digit",
        ),
        Ok(None) => findings.fail(KEY, "missing", format!("add it at the top of {}", site.file())),
        Err(error) => findings.fail(KEY, error.to_string(), "give it a single value"),
    }
}

fn is_project_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    name.starts_with(is_plain) && name.chars().all(|letter| is_plain(letter) || matches!(letter, '-' | '_'))
}

fn window(site: &Site<'_>, findings: &mut Findings) {
    const SUBJECT: &str = "dates";
    let bound = |key| -> Option<DateTime<Utc>> {
        site.instance.configuration.text(&["ids", key]).ok()??.trim().parse().ok()
    };
    let (start, end) = (bound("IDS_CFG_DEFAULT_START_DATETIME"), bound("IDS_CFG_END_DATETIME"));
    let shown = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ");
    match (start, end) {
        (None, _) => findings.warn(
            SUBJECT,
            "no start, so all messages from 2019 on are read",
            format!("set dates.start in {}", site.file()),
        ),
        (Some(start), Some(end)) if end <= start => findings.fail(
            SUBJECT,
            format!("the end ({}) is not after the start ({})", shown(end), shown(start)),
            format!("correct dates in {}", site.file()),
        ),
        (Some(start), _) if start > Utc::now() => findings.warn(
            SUBJECT,
            format!("the start ({}) lies in the future, so nothing is read until then", shown(start)),
            format!("correct dates.start in {}", site.file()),
        ),
        (Some(start), Some(end)) => {
            findings.ok(SUBJECT, format!("from {} until {}", shown(start), shown(end)));
        }
        (Some(start), None) => findings.ok(SUBJECT, format!("from {} on, without end", shown(start))),
    }
}

/// Whether `config/` is what would be written now.
fn written(site: &Site<'_>, findings: &mut Findings) {
    let directory = site.instance.project.join(DIRECTORY);
    if !directory.is_dir() {
        findings.fail("config/", "there is none", "run emap setup -g");
        return;
    }
    let differs = |name: &str, file: &EnvFile| match EnvFile::read(&directory.join(name)) {
        Ok(present) => present != *file,
        Err(_) => true,
    };
    let stale: Vec<&str> = site
        .rendered
        .iter()
        .filter(|rendered| differs(&rendered.name, &rendered.file))
        .map(|rendered| rendered.name.as_str())
        .collect();
    if stale.is_empty() {
        findings.ok("config/", format!("as {} says", site.file()));
    } else {
        findings.warn(
            "config/",
            format!("not what {} says now: {}", site.file(), stale.join(", ")),
            "run emap setup -g",
        );
    }
    let open = fs::metadata(&directory).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0);
    if open {
        findings.warn(
            "config/",
            "all users of this machine can read it, and it holds passwords",
            format!("chmod o= {}", directory.display()),
        );
    }
}
