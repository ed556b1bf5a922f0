//! `--feature`, and the rules that commands without a settings file work by.

use emap_service::settings::{Settings, Zone};

use crate::rules::Rules;

/// A feature and whether it is on.
pub(super) type Switch = (Feature, bool);

#[derive(Debug, Clone, Copy)]
pub(super) enum Feature {
    /// Forms (smart data elements).
    Sde,
}

/// Reads `NAME=BOOL`.
pub(super) fn switch(text: &str) -> Result<Switch, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=BOOL, for example sde=true")?;
    let feature = match name {
        "sde" => Feature::Sde,
        _ => return Err(format!("no feature {name:?}; known: sde")),
    };
    let value = value.parse().map_err(|_| format!("{value:?} is neither true nor false"))?;
    Ok((feature, value))
}

/// The rules with the hospital's zone, as the environment says, and with these features.
pub(super) fn rules(features: &[Switch]) -> anyhow::Result<Rules> {
    let zone = Zone::from_settings(&Settings::load(&[Zone::KEYS], None)?)?.0;
    let mut rules = Rules { zone, ..Rules::default() };
    for (feature, value) in features {
        match feature {
            Feature::Sde => rules.forms = *value,
        }
    }
    Ok(rules)
}
