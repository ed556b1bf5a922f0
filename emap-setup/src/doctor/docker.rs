//! The container engine and compose, and what already runs of this instance.

use super::{finding::Findings, site::Site};
use crate::{compose, program::read};

/// The oldest compose that the files are tried with.
const OLDEST: (u32, u32) = (1, 29);

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    files(site, findings);
    compose(findings);
    let running = site.running.services();
    if !running.is_empty() {
        findings.ok("containers", format!("running already: {}", running.join(", ")));
    }
}

fn files(site: &Site<'_>, findings: &mut Findings) {
    let missing: Vec<String> = site
        .compose_files
        .iter()
        .filter(|file| !file.is_file())
        .map(|file| file.display().to_string())
        .collect();
    if missing.is_empty() {
        findings
            .ok("compose files", format!("{} of {}", site.compose_files.len(), site.home.docker().display()));
    } else {
        findings.fail(
            "compose files",
            format!("missing: {}", missing.join(", ")),
            "check the project out as a whole, or switch off what is not there",
        );
    }
}

fn compose(findings: &mut Findings) {
    let words = compose::program();
    let name = words.join(" ");
    match read(&words.iter().map(String::as_str).chain(["version", "--short"]).collect::<Vec<_>>()) {
        Err(error) => findings.fail(
            "compose",
            format!("{name}: {error}"),
            "install Docker with compose, or name another compose in EMAP_COMPOSE",
        ),
        Ok(printed) => match version(&printed) {
            None => findings.warn("compose", format!("{name} names no version"), "check that it is compose"),
            Some(found) if found < OLDEST => findings.fail(
                "compose",
                format!("{name} is too old: {}.{}", found.0, found.1),
                format!("install {}.{} or newer", OLDEST.0, OLDEST.1),
            ),
            Some(_) => findings.ok("compose", format!("{name} {}", printed.trim())),
        },
    }
    match read(&["docker", "version", "--format", "{{.Server.Version}}"]) {
        Ok(printed) => findings.ok("container engine", printed.trim()),
        Err(error) => findings.fail(
            "container engine",
            error,
            "start the engine, and let this user use it (group docker)",
        ),
    }
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let mut numbers = text[start..].split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_both_composes_print_them() {
        assert_eq!(version("1.29.2\n"), Some((1, 29)));
        assert_eq!(version("v2.24.5"), Some((2, 24)));
        assert_eq!(version("Docker Compose version v2.3.0-desktop.1"), Some((2, 3)));
        assert_eq!(version("output of compose"), None);
        assert!(version("1.8.0").unwrap() < OLDEST);
    }
}
