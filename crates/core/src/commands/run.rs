//! `core run`.

use std::process::ExitCode;

use emap_service::program::{ConfigFile, run_daemon};

use crate::{run, settings::CoreSettings};

/// Arguments of `core run`; everything else comes from the settings.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(CoreSettings::GROUPS)?;
    let ended = run_daemon(&settings, CoreSettings::from_settings, async |core, runtime| {
        tracing::info!(
            queues = ?core.queues,
            schema = core.database.schema,
            forms = core.rules.forms,
            "core starts"
        );
        run::run(core, runtime, |_| ()).await
    })?;
    if let Some(tally) = ended {
        tracing::info!(
            messages = tally.messages,
            errors = tally.errors,
            ignored = tally.ignored,
            "core ends"
        );
    }
    Ok(ExitCode::SUCCESS)
}
