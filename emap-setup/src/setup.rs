//! `emap setup`: the environment files of an instance.

use std::process::ExitCode;

use anyhow::bail;

use crate::{
    compose::Overlays,
    deployment::Deployment,
    environment,
    instance::Instance,
    log,
    receivers::{self, Doubt},
};

/// Arguments of `emap setup`.
#[allow(clippy::struct_excessive_bools, reason = "flags that exclude each other, as operators know them")]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// No longer supported: check the project out with git.
    #[arg(short, long, group = "what")]
    init: bool,
    /// No longer supported: update the checkout with git.
    #[arg(short, long, group = "what")]
    update: bool,
    /// No longer supported: remove the checkout by hand.
    #[arg(short, long, group = "what")]
    clean: bool,
    /// Write config/ from the YAML file and the templates.
    #[arg(short = 'g', long = "only_update_config_from_global", group = "what")]
    only_update_config: bool,
    /// No longer supported: check the branch out with git.
    #[arg(short, long, value_name = "NAME")]
    branch: Option<String>,
}

/// Writes `config/`.
///
/// # Errors
/// Another thing is asked for, or a template or the configuration is wrong.
pub fn execute(args: &Args, instance: &Instance) -> anyhow::Result<ExitCode> {
    let gone = [("--init", args.init), ("--update", args.update), ("--clean", args.clean)];
    let gone = gone.into_iter().find(|(_, given)| *given).map(|(name, _)| name);
    if let Some(option) = gone.or(args.branch.as_ref().map(|_| "--branch")) {
        bail!(
            "setup {option} is no longer supported, and nothing was changed: there is one checkout, which git \
             checks out and updates; then run emap setup -g"
        );
    }
    if !args.only_update_config {
        bail!("setup: nothing to do; see emap setup --help");
    }
    let overlays = Overlays::of(&instance.configuration)?;
    environment::write(&instance.configuration, &instance.home()?.docker(), &instance.project)?;
    let deployment = Deployment::of_instance(instance, overlays)?;
    if let Some(Doubt { what, what_to_do }) = receivers::doubt(&instance.configuration, &deployment) {
        log::warn("setup", format_args!("{what}: {what_to_do}"));
    }
    Ok(ExitCode::SUCCESS)
}
