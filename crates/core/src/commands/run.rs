//! `core run`.

use std::process::ExitCode;

use emap_service::{
    Settings,
    program::{ConfigFile, run_daemon},
};

use crate::{run, settings::CoreSettings};

/// Arguments of `core run`; everything else comes from the settings.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Leave the star schema as it is: if it is too old, wait until `core migrate` has brought it up to date. The same
    /// as the setting CORE_MIGRATE=false.
    #[arg(long)]
    no_migrate: bool,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(CoreSettings::GROUPS)?;
    let read = |settings: &Settings| {
        let core = CoreSettings::from_settings(settings)?;
        Ok(CoreSettings { migrate: core.migrate && !args.no_migrate, ..core })
    };
    let ended = run_daemon(&settings, read, async |core, runtime| {
        tracing::info!(
            queues = ?core.queues,
            partitions = core.partitions,
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
