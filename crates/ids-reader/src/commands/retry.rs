//! `ids-reader retry`: publishes rejected rows that can be converted by now.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::process::ExitCode;

use emap_service::settings::LogSettings;
use emap_service::{BrokerSettings, Shutdown, telemetry};

use super::daemon::{self, ConfigFile};
use crate::ReaderSettings;
use crate::run::{broker_transport, retry};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Publishes what can be published and prints how much that was. Exit code 1 when rows are still rejected.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load()?;
    telemetry::init(&LogSettings::from_settings(&settings)?);
    let reader = ReaderSettings::from_settings(&settings)?;
    let transport = broker_transport(&BrokerSettings::from_settings(&settings)?);
    let summary = daemon::runtime()?.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.trigger_on_signals()?;
        anyhow::Ok(retry(reader, transport, shutdown).await?)
    })?;
    println!(
        "{} rejected rows: {} messages published, {} still rejected, {} no longer in the store",
        summary.rows, summary.messages, summary.still_rejected, summary.gone
    );
    Ok(if summary.still_rejected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
