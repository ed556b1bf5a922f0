//! The settings of one process, read from file and environment.

use std::{
    collections::HashMap,
    env, fmt,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError};

use super::{
    env_file,
    error::{self, SettingsError},
    file,
    key::{AnyKey, Group, TypedKey},
    secret::Given,
};

/// Names a YAML file with settings.
const CONFIG: &str = "EMAP_CONFIG";

/// Names a file of variables.
const ENV_FILE: &str = "EMAP_ENV_FILE";

/// The loaded settings of one process.
pub struct Settings {
    config: Config,
    keys: Vec<&'static dyn AnyKey>,
}

impl fmt::Debug for Settings {
    /// Names only: values may be passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.keys.iter().map(|key| key.name())).finish()
    }
}

impl Settings {
    /// Loads the settings `groups` declare, from `file` (or the file that `EMAP_CONFIG` names, if any), the variables of
    /// the file that `EMAP_ENV_FILE` names, if any, and the environment of this process, which has the last word.
    ///
    /// # Errors
    /// When a file cannot be read, or the first is not YAML or holds an unknown name, or the second has a line of another
    /// form than `KEY=VALUE`.
    pub fn load(groups: &[Group], file: Option<&Path>) -> Result<Self, SettingsError> {
        let named = |variable| env::var_os(variable).filter(|name| !name.is_empty()).map(PathBuf::from);
        let from_file = named(ENV_FILE).map(|path| env_file::read(&path)).transpose()?.unwrap_or_default();
        // Not UTF-8: cannot be a setting of ours.
        let environment = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let file = file.map(Path::to_path_buf).or_else(|| named(CONFIG));
        Self::from_layers(groups, file.as_deref(), &[&from_file, &environment])
    }

    /// The same from a given environment; for tests and for programs that start a daemon inside themselves.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_parts(
        groups: &[Group],
        file: Option<&Path>,
        environment: &HashMap<String, String>,
    ) -> Result<Self, SettingsError> {
        Self::from_layers(groups, file, &[environment])
    }

    /// Of two layers of variables the later one takes precedence.
    fn from_layers(
        groups: &[Group],
        file: Option<&Path>,
        layers: &[&HashMap<String, String>],
    ) -> Result<Self, SettingsError> {
        let keys = groups.concat();
        let mut builder = Config::builder();
        if let Some(path) = file {
            builder = builder.add_source(file::read(path, &keys)?);
        }
        for variables in layers {
            for key in &keys {
                for (name, value) in from_environment(*key, variables) {
                    builder = builder.set_override_option(name, value).map_err(SettingsError::unusable)?;
                }
            }
        }
        let config = builder.build().map_err(SettingsError::unusable)?;
        Ok(Self { config, keys })
    }

    /// The declared settings.
    pub fn keys(&self) -> &[&'static dyn AnyKey] {
        &self.keys
    }

    /// The value of a setting; its default when it is not given or blank.
    ///
    /// # Errors
    /// When the value is not what the key expects, a [`RequiredKey`](super::RequiredKey) is not given or blank, or the key is of none of the
    /// loaded groups.
    pub fn get<K: TypedKey>(&self, key: &K) -> Result<K::Value, SettingsError> {
        if !self.keys.iter().any(|declared| declared.name() == key.name()) {
            return Err(SettingsError::Unusable(format!("{} is not declared", key.name())));
        }
        if key.is_secret() {
            let (value, file) = (self.given(key.name()), self.given(&key.file_name()));
            return key.read(Given { value, file }.read(key)?.as_deref());
        }
        key.read(self.given(key.name()).as_deref().map(str::trim))
    }

    /// Whether file or environment mention a setting, be it with a blank.
    pub fn mentions(&self, key: &dyn AnyKey) -> bool {
        self.given(key.name()).is_some()
    }

    /// The text of a setting; `None` when neither file nor environment mentions it.
    fn given(&self, name: &str) -> Option<String> {
        match self.config.get_string(name) {
            Ok(text) => Some(text),
            Err(ConfigError::NotFound(_)) => None,
            // A name without a value, in the file.
            Err(_) => Some(String::new()),
        }
    }
}

/// What the environment sets for a key.
fn from_environment(
    key: &dyn AnyKey,
    environment: &HashMap<String, String>,
) -> Vec<(String, Option<String>)> {
    let find = |ending: &str| {
        let variables = [error::variable(key.name()), error::variable_without_dashes(key.name())];
        variables.iter().find_map(|variable| environment.get(&format!("{variable}{ending}"))).cloned()
    };
    let (name, value) = (key.name().to_owned(), find(""));
    if !key.is_secret() {
        return vec![(name, value)];
    }
    let (file_name, file) = (key.file_name(), find("_FILE"));
    // One form in the environment takes precedence over the other one in the file.
    let blank = || Some(String::new());
    match (value, file) {
        (None, None) => Vec::new(),
        (value, file) => vec![(name, value.or_else(blank)), (file_name, file.or_else(blank))],
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::settings::key::{Key, RequiredKey};

    const END: Key<Option<String>> = Key::new("ids.cfg.end-datetime", || None, "end of the window");
    const LENGTH: Key<u32> = Key::new("rabbitmq.queue.length", || 100_000, "maximum queue length");
    const FORMS: Key<bool> = Key::new("features.sde", || false, "form messages");
    const SCHEMA: RequiredKey<String> = RequiredKey::new("ids.schema", "schema of the store");
    const KEYS: Group = &[&END, &LENGTH, &FORMS, &SCHEMA];

    /// Settings of these groups with nothing but this environment.
    pub(crate) fn loaded(groups: &[Group], environment: &[(&str, &str)]) -> Settings {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Settings::from_parts(groups, None, &environment).unwrap()
    }

    fn with(environment: &[(&str, &str)]) -> Settings {
        loaded(&[KEYS], environment)
    }

    #[test]
    fn environment_wins_over_file_wins_over_default() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reader.yaml");
        std::fs::write(&path, "rabbitmq: {queue: {length: 5}}\nids:\n  cfg:\n    end-datetime: from-file\n")
            .unwrap();
        let environment = HashMap::from([("RABBITMQ_QUEUE_LENGTH".to_owned(), "7".to_owned())]);
        let settings = Settings::from_parts(&[KEYS], Some(&path), &environment).unwrap();
        assert_eq!(settings.get(&LENGTH).unwrap(), 7);
        assert_eq!(settings.get(&END).unwrap().as_deref(), Some("from-file"));
        assert!(!settings.get(&FORMS).unwrap());
    }

    #[test]
    fn the_environment_wins_over_a_file_of_variables() {
        const PASSWORD: Key<Option<String>> = Key::new("ids.password", || None, "password").secret();
        let layer = |variables: &[(&str, &str)]| -> HashMap<String, String> {
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "from-mount\n").unwrap();
        let file = layer(&[("RABBITMQ_QUEUE_LENGTH", "5"), ("IDS_SCHEMA", "store"), ("IDS_PASSWORD", "p")]);
        let environment =
            layer(&[("RABBITMQ_QUEUE_LENGTH", "7"), ("IDS_PASSWORD_FILE", secret.path().to_str().unwrap())]);
        let settings = Settings::from_layers(&[KEYS, &[&PASSWORD]], None, &[&file, &environment]).unwrap();
        assert_eq!((settings.get(&LENGTH).unwrap(), settings.get(&SCHEMA).unwrap()), (7, "store".to_owned()));
        assert_eq!(
            settings.get(&PASSWORD).unwrap().as_deref(),
            Some("from-mount"),
            "and so for its other form"
        );
    }

    #[test]
    fn a_dash_may_be_left_out_of_the_variable() {
        let end = |variable| with(&[(variable, "x")]).get(&END).unwrap();
        assert_eq!(end("IDS_CFG_ENDDATETIME").as_deref(), Some("x"));
        assert_eq!(end("IDS_CFG_END_DATETIME").as_deref(), Some("x"));
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
    fn an_empty_file_or_a_name_without_a_value_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reader.yaml");
        for text in ["# nothing\n", "rabbitmq: {queue: {length: }}\n"] {
            std::fs::write(&path, text).unwrap();
            let settings = Settings::from_parts(&[KEYS], Some(&path), &HashMap::new()).unwrap();
            assert_eq!(settings.get(&LENGTH).unwrap(), 100_000);
        }
    }

    #[test]
    fn a_blank_value_is_the_default_and_a_missing_one_is_named_by_its_variable() {
        assert_eq!(with(&[("RABBITMQ_QUEUE_LENGTH", " ")]).get(&LENGTH).unwrap(), 100_000);
        let error = with(&[("IDS_SCHEMA", "  ")]).get(&SCHEMA).unwrap_err();
        assert_eq!(error.to_string(), "set IDS_SCHEMA: schema of the store");
    }

    #[test]
    fn a_key_of_no_loaded_group_is_refused() {
        let other: Key<u32> = Key::new("other.number", || 1, "of another program");
        let error = with(&[("OTHER_NUMBER", "2")]).get(&other).unwrap_err();
        assert_eq!(error.to_string(), "setting cannot be used: other.number is not declared");
    }
}
