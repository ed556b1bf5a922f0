//! Hoover, as `hoover run` runs it, over the reporting databases of the demo's hospital up to the end of the day.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use emap_hoover::{
    HooverSettings, RunSettings, SourceSettings,
    run::{Finished, run},
};
use emap_local_services::postgres::{Server, USER};
use emap_queue::Transport;
use emap_service::{Runtime, settings::Settings};

use crate::{
    databases::{Database, IDS, STAR},
    sources::Sources,
};

/// The day of the demo, and some weeks before it.
const FROM: &str = "2024-01-01T00:00:00Z";
const UNTIL: &str = "2024-02-15T00:00:00Z";
/// All of that in one window.
const WINDOW_HOURS: &str = "1080";

/// Reads everything that the sources hold.
pub(super) async fn read(server: &Server, sources: &Sources, transport: Transport) -> anyhow::Result<()> {
    let settings = settings(server, sources)?;
    let own = RunSettings::from_settings(&settings, &[])?;
    let databases = SourceSettings::from_settings(&settings, &own.data_types)?;
    let Finished { failed, .. } =
        run(databases, own, Runtime::new(transport), |_| ()).await.context("hoover")?;
    ensure!(failed.is_empty(), "hoover: {failed:?}");
    Ok(())
}

fn settings(server: &Server, sources: &Sources) -> anyhow::Result<Settings> {
    let mut given: HashMap<String, String> =
        sources.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for (prefix, Database { name, schema }) in [("IDS", IDS), ("UDS", STAR)] {
        given.insert(format!("{prefix}_JDBC_URL"), server.jdbc_url(name));
        given.insert(format!("{prefix}_USERNAME"), USER.to_owned());
        given.insert(format!("{prefix}_SCHEMA"), schema.to_owned());
    }
    let own = [
        ("HOOVER_DATE_FROM", FROM),
        ("HOOVER_DATE_UNTIL", UNTIL),
        ("HOOVER_WINDOW_HOURS", WINDOW_HOURS),
        ("HOOVER_WINDOW_HOURS_FLOWSHEET", WINDOW_HOURS),
    ];
    given.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(Settings::from_parts(HooverSettings::GROUPS, None, &given)?)
}
