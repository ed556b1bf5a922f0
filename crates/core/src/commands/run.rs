//! `core run`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use emap_queue::Transport;
use emap_service::Chassis;

use crate::{run, settings};

/// Arguments of `core run`; everything else comes from the environment.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// YAML file with settings; the environment wins over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    tokio::runtime::Runtime::new().context("cannot start the runtime")?.block_on(start(args))
}

async fn start(args: &Args) -> anyhow::Result<ExitCode> {
    let loaded = settings::load(args.config.as_deref())?;
    let core = settings::CoreSettings::from_settings(&loaded)?;
    let broker = settings::broker(&loaded)?;
    let chassis = Chassis::start(&loaded).await?;
    tracing::info!(
        queues = ?core.queues,
        schema = core.database.schema,
        forms = core.rules.forms,
        "core starts"
    );
    let tally = run::run(core, Transport::Amqp(broker), &chassis.health, chassis.shutdown, |_| ()).await;
    tracing::info!(messages = tally.messages, errors = tally.errors, ignored = tally.ignored, "core ends");
    Ok(ExitCode::SUCCESS)
}
