//! `--feature`, and the rules that commands without a daemon's other settings work by.

use emap_service::{program::ConfigFile, settings::Settings};

use crate::{
    rules::Rules,
    settings::{self, CoreSettings},
};

/// A feature and whether it is on.
type Switch = (Feature, bool);

#[derive(Debug, Clone, Copy)]
enum Feature {
    /// Forms (smart data elements).
    Sde,
}

/// Reads `NAME=BOOL`.
fn switch(text: &str) -> Result<Switch, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=BOOL, for example sde=true")?;
    let feature = match name {
        "sde" => Feature::Sde,
        _ => return Err(format!("no feature {name:?}; known: sde")),
    };
    let value = value.parse().map_err(|_| format!("{value:?} is neither true nor false"))?;
    Ok((feature, value))
}

/// `--config` and `--feature`: the rules of a command that needs no other settings.
#[derive(Debug, clap::Args)]
pub(super) struct RulesArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// Switch a feature, for example sde=true; wins over the settings.
    #[arg(long = "feature", value_name = "NAME=BOOL", value_parser = switch)]
    features: Vec<Switch>,
}

impl RulesArgs {
    /// The settings, and the rules as they say, with these features.
    pub(super) fn load(&self) -> anyhow::Result<(Settings, Rules)> {
        let settings = self.config.load(CoreSettings::GROUPS)?;
        let mut rules = settings::rules(&settings)?;
        for (feature, value) in &self.features {
            match feature {
                Feature::Sde => rules.forms = *value,
            }
        }
        Ok((settings, rules))
    }
}
