//! The shipped compose files use what both composes understand (the standalone 1.29 and Docker's plugin), and every
//! container is held by the same limits.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use emap_setup::configuration::{Document, Node, Scalar};

/// Keys of the compose specification that both know, by the mapping that they are in.
const TOP: [&str; 3] = ["services", "secrets", "volumes"];
const SERVICE: [&str; 23] = [
    "image",
    "build",
    "user",
    "group_add",
    "entrypoint",
    "command",
    "hostname",
    "environment",
    "labels",
    "secrets",
    "volumes",
    "tmpfs",
    "ports",
    "extra_hosts",
    "depends_on",
    "healthcheck",
    "restart",
    "stop_grace_period",
    "mem_limit",
    "shm_size",
    "cap_drop",
    "security_opt",
    "read_only",
];
/// Keys of a service whose value is a mapping with keys of its own.
const WITHIN: [(&str, &[&str]); 3] = [
    ("build", &["context", "dockerfile", "target", "args"]),
    ("healthcheck", &["test", "interval", "timeout", "retries", "start_period", "disable"]),
    ("logging", &["driver", "options"]),
];
/// What every container has that a file defines.
const LIMITS: [&str; 6] = ["cap_drop", "security_opt", "read_only", "logging", "mem_limit", "restart"];

fn docker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker")
}

/// Path below `docker/` and text of each compose file.
fn files() -> Vec<(String, String)> {
    let directories = fs::read_dir(docker()).unwrap().map(|entry| entry.unwrap().path());
    let inner = directories.filter(|path| path.is_dir()).flat_map(|path| fs::read_dir(path).unwrap());
    let paths = inner.map(|entry| entry.unwrap().path());
    let compose = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yml"));
    let read = compose.map(|path| {
        let name = path.strip_prefix(docker()).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    });
    let files: Vec<_> = read.collect();
    assert!(files.len() >= 7, "{files:?}");
    files
}

/// Entries of a mapping with those that it merges (`<<`); its own come first.
fn entries(node: &Node) -> Vec<(&str, &Node)> {
    let own = node.children().filter(|(key, _)| *key != "<<");
    own.chain(node.child("<<").into_iter().flat_map(entries)).collect()
}

fn text<'node>(node: &'node Node, key: &str) -> Option<&'node str> {
    entries(node).into_iter().find(|(present, _)| *present == key)?.1.as_scalar().map(Scalar::text)
}

fn has(node: &Node, key: &str) -> bool {
    entries(node).iter().any(|(present, _)| *present == key)
}

/// Each service with the file it is in.
fn each_service(mut look: impl FnMut(&str, &str, &Node)) {
    for (file, text) in files() {
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{file}:{error}"));
        for (name, service) in entries(&document.top["services"]) {
            look(&file, name, service);
        }
    }
}

#[test]
fn every_key_is_one_that_both_composes_know() {
    for (file, text) in files() {
        let document = Document::parse(&text).unwrap();
        for key in document.top.keys() {
            assert!(TOP.contains(&key.as_str()) || key.starts_with("x-"), "{file}: {key}");
        }
        for (secret, node) in document.top.get("secrets").into_iter().flat_map(entries) {
            let keys: Vec<&str> = entries(node).into_iter().map(|(key, _)| key).collect();
            assert_eq!(keys, ["file"], "{file}: secret {secret}");
        }
    }
    each_service(|file, service, node| {
        for (key, value) in entries(node) {
            let within = WITHIN.iter().find(|(name, _)| *name == key);
            assert!(within.is_some() || SERVICE.contains(&key), "{file}: {service}.{key}");
            for (inner, _) in within.iter().flat_map(|_| entries(value)) {
                assert!(within.unwrap().1.contains(&inner), "{file}: {service}.{key}.{inner}");
            }
            if key == "depends_on" {
                for (other, condition) in entries(value) {
                    assert_eq!(text(condition, "condition"), Some("service_healthy"), "{file}: {other}");
                }
            }
        }
    });
}

#[test]
fn every_container_is_held_by_the_same_limits() {
    let mut seen = BTreeSet::new();
    each_service(|file, service, node| {
        // An overlay adds to what another file defines.
        if !has(node, "image") {
            return;
        }
        for key in LIMITS {
            assert!(has(node, key), "{file}: {service} has no {key}");
        }
        assert_eq!(text(node, "read_only"), Some("true"), "{file}: {service}");
        assert!(has(node, "build") || has(node, "user"), "{file}: {service} may run as root");
        assert!(seen.insert(service.to_owned()), "{service} is defined twice");
    });
    let expected = [
        "connector",
        "core",
        "fakeids",
        "fakesources",
        "fakeuds",
        "hl7-reader",
        "hoover",
        "rabbitmq",
        "rabbitmq-init",
    ];
    assert!(expected.iter().all(|service| seen.contains(*service)), "{seen:?}");
}

/// A service's own settings come from its file alone: what stands in the definition is shown by `docker inspect`.
#[test]
fn settings_are_mounted_and_a_change_of_them_shows_in_a_label() {
    let shown = ["PASSWORD", "PASS:", "_KEY:", "JDBC_URL:"];
    each_service(|file, service, node| {
        for (key, value) in entries(node).into_iter().filter(|(key, _)| *key == "environment") {
            for (name, _) in entries(value) {
                let line = format!("{name}:");
                assert!(!shown.iter().any(|part| line.contains(part)), "{file}: {service}.{key}.{name}");
            }
        }
        if has(node, "image") && has(node, "secrets") {
            assert!(has(node, "group_add"), "{file}: {service} cannot read its file");
            let label = entries(node).into_iter().find(|(key, _)| *key == "labels");
            assert!(label.is_some_and(|(_, labels)| has(labels, "emap.settings")), "{file}: {service}");
        }
    });
}

/// Besides those with a default, the variables of the files are those that `emap` sets.
#[test]
fn variables_without_a_default_are_set_by_emap() {
    let template = fs::read_to_string(docker().join("global-config-envs.EXAMPLE")).unwrap();
    let set: BTreeSet<&str> =
        template.lines().filter_map(|line| line.split_once('=')).map(|(key, _)| key).collect();
    for (file, text) in files() {
        for part in text.replace("$$", "").split("${").skip(1) {
            let name = part.split('}').next().unwrap();
            let is_known = set.contains(name) || ["EMAP_HOME", "EMAP_PROJECT_DIR"].contains(&name);
            assert!(is_known || name.contains(":-"), "{file}: {name}");
        }
    }
}

/// The lines that make variables of a file are the same wherever an image of others needs them.
#[test]
fn the_entry_points_read_their_files_in_one_way() {
    let mut scripts = BTreeSet::new();
    for (_, text) in files() {
        for part in text.split("while read -r line").skip(1) {
            let script = part.split("done <").next().unwrap();
            scripts.insert(script.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    assert_eq!(scripts.len(), 1, "{scripts:#?}");
}
