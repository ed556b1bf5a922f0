//! `ids-reader run`: the daemon.

use std::process::ExitCode;

use emap_service::{BrokerSettings, Chassis};

use super::daemon::{self, ConfigFile};
use crate::ReaderSettings;
use crate::run::{Stopped, broker_transport, run_with_health};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Reads the message store and publishes until the end of the window (exit code 0) or a signal (exit code 0).
///
/// Fails, which is exit code 1, when a setting is wrong or a database cannot be had at the start.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load()?;
    daemon::runtime()?.block_on(async {
        let reader = ReaderSettings::from_settings(&settings)?;
        let transport = broker_transport(&BrokerSettings::from_settings(&settings)?);
        let chassis = Chassis::start(&settings).await?;
        let shutdown = chassis.shutdown.clone();
        let ran =
            run_with_health(reader, transport, shutdown.clone(), Box::new(|_| {}), chassis.health).await;
        match ran {
            Ok(summary) => {
                let reason = match summary.stopped {
                    Stopped::EndOfWindow => "end of the window",
                    Stopped::Drained => "end of the store",
                    Stopped::Asked => "asked to stop",
                };
                tracing::info!(reason, last_unid = summary.last_unid, rows = summary.rows, "finished");
                Ok(ExitCode::SUCCESS)
            }
            Err(error) if shutdown.is_triggered() => {
                tracing::info!(%error, "asked to stop before the start was complete");
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => Err(error.into()),
        }
    })
}
