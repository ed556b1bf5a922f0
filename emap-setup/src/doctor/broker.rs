//! The broker: reachable, and its queues are as all programs declare them.

use std::collections::BTreeMap;

use emap_core::CoreSettings;
use emap_interchange::queues;
use emap_queue::Inspection;
use emap_service::{
    Settings,
    settings::{broker, publishing},
};

use super::{finding::Findings, server, site::Site};
use crate::{
    environment::{CORE, HOOVER, READER},
    reach::Reached,
};

const SUBJECT: &str = "broker";

/// Queues that our sources declare, with the environment file that says how long each may be.
const DECLARED: [(&str, &str); 2] = [(queues::HL7_QUEUE, READER), (queues::DATABASE_EXTRACTS, HOOVER)];

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let Some(Ok(settings)) = site.deployment.settings_from_here(CORE, CoreSettings::GROUPS) else { return };
    let Ok(config) = broker::from_settings(&settings) else { return };
    let place = site.deployment.place(CORE, "SPRING_RABBITMQ_HOST");
    let reached = place.as_ref().map(|(_, reached)| reached);
    if let Some((host, _)) = &place {
        server::warn_of_container_itself(SUBJECT, "SPRING_RABBITMQ_HOST", host, findings);
    }
    // Whatever answers at the port of a service that does not run is the affair of the ports.
    let answers = || std::net::TcpStream::connect((config.host.as_str(), config.port)).is_ok();
    let is_published = matches!(reached, Some(Reached::Published { .. }));
    if !(is_published && answers()) && site.explains_absence((SUBJECT, CORE), reached, findings) {
        return;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return findings.warn(SUBJECT, format!("not looked at: {error}"), "run it again"),
    };
    runtime.block_on(async {
        let inspection = match Inspection::connect(&config).await {
            Ok(inspection) => inspection,
            Err(error) => {
                let to_do = format!("start it, or correct SPRING_RABBITMQ_… in {}", site.file());
                return findings.fail(SUBJECT, format!("{}:{}: {error}", config.host, config.port), to_do);
            }
        };
        findings.ok(SUBJECT, format!("{}:{}: reachable, and the account may log in", config.host, config.port));
        for (queue, length) in lengths(site) {
            match look(&inspection, queue, length).await {
                Ok(None) => findings.ok(queue, "is not there yet; the source that fills it declares it"),
                Ok(Some(true)) => findings.ok(queue, "has the attributes that all programs declare"),
                Ok(Some(false)) => findings.fail(
                    queue,
                    format!("is not durable, or not declared with x-max-length {length} and x-overflow reject-publish"),
                    "let core empty it, delete it, and the source declares its own; or set RABBITMQ_QUEUE_LENGTH",
                ),
                Err(error) => findings.warn(queue, error, "let the account configure and read the queues"),
            }
        }
        look_for_partitions(&inspection, &settings, findings).await;
        inspection.close().await;
    });
}

/// Which queues of partitions are there; that the broker can divide messages at all shows only when core does it.
async fn look_for_partitions(inspection: &Inspection, settings: &Settings, findings: &mut Findings) {
    const SUBJECT: &str = "partitions";
    let Ok(waiting) = CoreSettings::where_messages_wait(settings) else { return };
    let wanted: Vec<String> = waiting.into_iter().filter(|queue| queues::is_partition(queue)).collect();
    let mut there = 0;
    for queue in &wanted {
        match inspection.state(queue).await {
            Ok(state) => there += usize::from(state.is_some()),
            Err(error) => {
                return findings.warn(SUBJECT, error.to_string(), "let the account read the queues");
            }
        }
    }
    if wanted.is_empty() {
        // Core itself says if messages are left in partitions.
    } else if there == wanted.len() {
        findings.ok(SUBJECT, format!("their {there} queues are there"));
    } else {
        let text = format!("{there} of {} queues are there; core declares them", wanted.len());
        findings.ok(SUBJECT, text + ", if the broker has the plugin rabbitmq_consistent_hash_exchange");
    }
}

/// Queues with the lengths that their sources declare.
fn lengths(site: &Site<'_>) -> BTreeMap<&'static str, u32> {
    let length = |file| {
        let settings = site.deployment.settings(file, &[publishing::KEYS])?.ok()?;
        settings.get(&publishing::QUEUE_LENGTH).ok().map(std::num::NonZeroU32::get)
    };
    DECLARED.into_iter().filter_map(|(queue, file)| Some((queue, length(file)?))).collect()
}

/// None if there is no such queue.
async fn look(inspection: &Inspection, queue: &str, length: u32) -> Result<Option<bool>, String> {
    let state = inspection.state(queue).await.map_err(|error| error.to_string())?;
    if state.is_none() {
        return Ok(None);
    }
    inspection.is_as_declared(queue, length).await.map(Some).map_err(|error| error.to_string())
}
