//! Settings of the daemons, read as the daemons themselves read them.

use emap_connector::ConnectorSettings;
use emap_core::CoreSettings;
use emap_hoover::{HooverSettings, RunSettings};
use emap_ids_reader::ReaderSettings;
use emap_service::settings::broker;

use super::{finding::Findings, site::Site};
use crate::{
    environment::{CONNECTOR, CORE, HOOVER, RABBITMQ, READER},
    receivers::{self, Doubt},
};

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    for (name, file) in site.daemons() {
        match read(site, file) {
            None => findings.fail(
                name,
                format!("there is no template {file}.EXAMPLE"),
                "take docker/ of the checkout as it is",
            ),
            Some(Ok(())) => findings.ok(name, "has all settings that it needs"),
            // A secret that only the container has as a file is no fault of the configuration.
            Some(Err(error)) if error.contains("_FILE names the file /run/secrets/") => {
                findings.ok(
                    name,
                    "has its secrets as files of its container, which cannot be looked at from here",
                );
            }
            Some(Err(error)) => {
                findings.fail(name, error, format!("set it in {}, then run emap setup -g", site.file()));
            }
        }
    }
    account(site, findings);
    if let Some(Doubt { what, what_to_do }) = receivers::doubt(&site.instance.configuration, &site.deployment)
    {
        findings.warn("hl7-reader", what, what_to_do);
    }
}

/// None if there is no such file; the error is one line.
fn read(site: &Site<'_>, file: &str) -> Option<Result<(), String>> {
    let groups = match file {
        CORE => CoreSettings::GROUPS,
        READER => ReaderSettings::GROUPS,
        HOOVER => HooverSettings::GROUPS,
        CONNECTOR => ConnectorSettings::GROUPS,
        _ => return None,
    };
    let settings = match site.deployment.settings(file, groups)? {
        Ok(settings) => settings,
        Err(error) => return Some(Err(error.to_string())),
    };
    let own = match file {
        CORE => CoreSettings::from_settings(&settings).map(drop).map_err(|error| error.to_string()),
        READER => ReaderSettings::from_settings(&settings).map(drop).map_err(|error| error.to_string()),
        HOOVER => RunSettings::from_settings(&settings, &[]).map(drop).map_err(|error| error.to_string()),
        // The connector's broker is another one, with settings of its own.
        _ => {
            return Some(
                ConnectorSettings::from_settings(&settings).map(drop).map_err(|error| error.to_string()),
            );
        }
    };
    Some(own.and_then(|()| broker::from_settings(&settings).map(drop).map_err(|error| error.to_string())))
}

/// The account that the broker of the instance is created with is the one that daemons log in with.
fn account(site: &Site<'_>, findings: &mut Findings) {
    const SUBJECT: &str = "broker account";
    let variable = |file, key| site.deployment.variable(file, key);
    let (user, password) =
        (variable(RABBITMQ, "RABBITMQ_DEFAULT_USER"), variable(RABBITMQ, "RABBITMQ_DEFAULT_PASS"));
    let mut is_one = true;
    for (name, file) in site.daemons().into_iter().filter(|(name, _)| *name != "connector") {
        let place = site.deployment.place(file, "SPRING_RABBITMQ_HOST");
        if place.is_none_or(|(_, reached)| reached.service().is_none()) {
            continue;
        }
        for (theirs, ours, key) in [
            (
                &user,
                variable(file, "SPRING_RABBITMQ_USERNAME"),
                "RABBITMQ_DEFAULT_USER and SPRING_RABBITMQ_USERNAME",
            ),
            (
                &password,
                variable(file, "SPRING_RABBITMQ_PASSWORD"),
                "RABBITMQ_DEFAULT_PASS and SPRING_RABBITMQ_PASSWORD",
            ),
        ] {
            if *theirs != ours {
                is_one = false;
                findings.fail(
                    SUBJECT,
                    format!("{key} differ, so {name} could not log in"),
                    format!("give both the same value in {}", site.file()),
                );
            }
        }
    }
    if is_one {
        findings.ok(SUBJECT, "the broker and all daemons have the same one");
    }
}
