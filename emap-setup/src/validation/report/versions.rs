//! What was run: this program, the checkout, the images.

use std::{collections::BTreeMap, env};

use serde::Serialize;

use crate::{
    environment::{DIRECTORY, EnvFile, GLOBAL},
    instance::Instance,
    program::read,
};

/// Labels of our images.
const FORMAT: &str = "{{.Id}} {{index .Config.Labels \"org.opencontainers.image.version\"}} \
                      {{index .Config.Labels \"org.opencontainers.image.revision\"}}";

/// Versions, as far as they can be found out.
#[derive(Debug, Serialize)]
pub(super) struct Versions {
    /// Of this program.
    pub(super) emap: &'static str,
    /// Of the checkout that images are built from, as git describes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checkout: Option<String>,
    /// Image of each service: its id, version and revision.
    pub(super) images: BTreeMap<String, String>,
}

impl Versions {
    pub(super) fn used(instance: &Instance, services: &[&str]) -> Self {
        let checkout = instance.home().ok().and_then(|home| {
            let directory = home.directory().display().to_string();
            first_line(&["git", "-C", &directory, "describe", "--always", "--dirty", "--tags", "--abbrev=40"])
        });
        let image = |service: &&str| {
            let name = image_name(instance, service);
            let found = first_line(&["docker", "image", "inspect", "--format", FORMAT, &name])?;
            // Anything else than an image's id is no answer.
            found.starts_with("sha256:").then(|| ((*service).to_owned(), format!("{name} {found}")))
        };
        let images = services.iter().filter_map(image).collect();
        Self { emap: env!("CARGO_PKG_VERSION"), checkout, images }
    }
}

/// As the compose files name it.
fn image_name(instance: &Instance, service: &str) -> String {
    let global = EnvFile::read(&instance.project.join(DIRECTORY).join(GLOBAL)).ok();
    let variable = |name: &str, default: &str| {
        let given = global.as_ref().and_then(|file| {
            file.variables()
                .into_iter()
                .rev()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        });
        let given = given.or_else(|| env::var(name).ok()).filter(|value| !value.is_empty());
        given.unwrap_or_else(|| default.to_owned())
    };
    format!("{}-{service}:{}", variable("EMAP_IMAGE_PREFIX", "emap"), variable("EMAP_IMAGE_TAG", "latest"))
}

/// The first line that a program prints, if it ends well.
fn first_line(words: &[&str]) -> Option<String> {
    let printed = read(words).ok()?;
    printed.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}
