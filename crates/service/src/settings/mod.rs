//! Settings: defaults in code, overridden by an optional YAML file, overridden by the environment.
//!
//! A setting has a dotted name such as `ids.cfg.end-datetime`. In the file the dots are levels; in the environment
//! the name is upper case with `_` for `.` and `-` (`IDS_CFG_END_DATETIME`; a dash may also be left out). Every
//! setting is declared as a [`Key`], so a name in the file that nobody knows is an error and not a silent typing
//! mistake.

mod broker;
mod database;
mod error;
mod file;
mod log;
mod values;

pub use broker::{BrokerSettings, PublishSettings};
pub use database::DatabaseSettings;
pub use error::SettingsError;
pub use log::{HttpSettings, LogFormat, LogSettings};
pub use values::Zone;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// One declared setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Dotted name, e.g. `rabbitmq.queue.length`.
    pub name: &'static str,
    /// Value when neither file nor environment gives one; empty means none.
    pub default: &'static str,
    /// One line for operators.
    pub meaning: &'static str,
}

impl Key {
    /// The name of its environment variable, e.g. `RABBITMQ_QUEUE_LENGTH`.
    pub fn variable(&self) -> String {
        variable_name(self.name)
    }

    fn variable_without_dashes(&self) -> String {
        self.name.replace('-', "").replace('.', "_").to_uppercase()
    }
}

/// The environment variable of a dotted name.
pub fn variable_name(key: &str) -> String {
    key.replace(['.', '-'], "_").to_uppercase()
}

/// The loaded settings of one process. Read them with the typed getters; a blank value counts as not given.
pub struct Settings {
    config: config::Config,
    keys: Vec<Key>,
}

impl std::fmt::Debug for Settings {
    /// Names only: values may be passwords.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.keys.iter().map(|key| key.name)).finish()
    }
}

impl Settings {
    /// Loads the settings `groups` declare, from `file` (or the file that `EMAP_CONFIG` names, if any) and the
    /// environment of this process.
    ///
    /// # Errors
    /// When the file cannot be read, is not YAML or holds an unknown name.
    pub fn load(groups: &[&[Key]], file: Option<&Path>) -> Result<Self, SettingsError> {
        // Not UTF-8: cannot be a setting of ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named_by_environment = std::env::var_os("EMAP_CONFIG").filter(|name| !name.is_empty());
        let file = file.map(Path::to_path_buf).or_else(|| named_by_environment.map(PathBuf::from));
        Self::from_parts(groups, file.as_deref(), &environment)
    }

    /// The same from a given environment; for tests and for programs that start a daemon inside themselves.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_parts(
        groups: &[&[Key]],
        file: Option<&Path>,
        environment: &HashMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let keys: Vec<Key> = groups.concat();
        let mut builder = config::Config::builder();
        for key in &keys {
            builder = builder.set_default(key.name, key.default).map_err(SettingsError::unusable)?;
        }
        if let Some(path) = file {
            builder = builder.add_source(file::read(path, &keys)?);
        }
        for key in &keys {
            let given = [key.variable(), key.variable_without_dashes()];
            let value = given.iter().find_map(|name| environment.get(name)).cloned();
            builder = builder.set_override_option(key.name, value).map_err(SettingsError::unusable)?;
        }
        let config = builder.build().map_err(SettingsError::unusable)?;
        Ok(Self { config, keys })
    }

    /// The declared settings.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// A text; `None` when blank or not declared.
    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.config.get_string(key).ok()?;
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] when it is blank or not given.
    pub fn required(&self, key: &str) -> Result<String, SettingsError> {
        self.text(key).ok_or_else(|| SettingsError::missing(key, self.meaning(key)))
    }

    fn default_of(&self, key: &str) -> &'static str {
        self.keys.iter().find(|one| one.name == key).map_or("", |one| one.default)
    }

    fn meaning(&self, key: &str) -> &'static str {
        self.keys.iter().find(|one| one.name == key).map_or("", |one| one.meaning)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const KEYS: &[Key] = &[
        Key { name: "ids.cfg.end-datetime", default: "", meaning: "end of the window" },
        Key { name: "rabbitmq.queue.length", default: "100000", meaning: "maximum queue length" },
        Key { name: "features.sde", default: "false", meaning: "form messages" },
    ];

    pub(crate) fn with(environment: &[(&str, &str)]) -> Settings {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Settings::from_parts(&[KEYS], None, &environment).unwrap()
    }

    #[test]
    fn environment_wins_over_file_wins_over_default() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reader.yaml");
        std::fs::write(&path, "rabbitmq: {queue: {length: 5}}\nids:\n  cfg:\n    end-datetime: from-file\n")
            .unwrap();
        let environment = HashMap::from([("RABBITMQ_QUEUE_LENGTH".to_owned(), "7".to_owned())]);
        let settings = Settings::from_parts(&[KEYS], Some(&path), &environment).unwrap();
        assert_eq!(settings.number::<u32>("rabbitmq.queue.length").unwrap(), 7);
        assert_eq!(settings.text("ids.cfg.end-datetime").as_deref(), Some("from-file"));
        assert!(!settings.flag("features.sde").unwrap());
    }

    #[test]
    fn a_dash_may_be_left_out_of_the_variable() {
        assert_eq!(with(&[("IDS_CFG_ENDDATETIME", "x")]).text("ids.cfg.end-datetime").as_deref(), Some("x"));
        assert_eq!(with(&[("IDS_CFG_END_DATETIME", "y")]).text("ids.cfg.end-datetime").as_deref(), Some("y"));
    }

    #[test]
    fn unknown_names_and_bad_files_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reader.yaml");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Settings::from_parts(&[KEYS], Some(&path), &HashMap::new()).unwrap_err().to_string()
        };
        let error = load("rabbitmq:\n  queue:\n    lenght: 5\n");
        assert!(error.contains("rabbitmq.queue.lenght") && !error.contains('\n'), "{error}");
        let error = load("rabbitmq: [unclosed\n");
        assert!(error.contains("reader.yaml") && !error.contains('\n'), "{error}");
        let missing = Settings::from_parts(&[KEYS], Some(Path::new("/no/such.yaml")), &HashMap::new());
        assert!(missing.unwrap_err().to_string().contains("/no/such.yaml"));
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reader.yaml");
        std::fs::write(&path, "# nothing\n").unwrap();
        let settings = Settings::from_parts(&[KEYS], Some(&path), &HashMap::new()).unwrap();
        assert_eq!(settings.number::<u32>("rabbitmq.queue.length").unwrap(), 100_000);
    }

    #[test]
    fn a_missing_text_is_named_by_its_variable() {
        let error = with(&[("IDS_CFG_END_DATETIME", "  ")]).required("ids.cfg.end-datetime").unwrap_err();
        assert_eq!(error.to_string(), "set IDS_CFG_END_DATETIME: end of the window");
    }
}
