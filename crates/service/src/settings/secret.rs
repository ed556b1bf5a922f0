//! Secrets, such as passwords: as they are, or as a file that holds them.

use std::{
    fs::File,
    io::{self, Read},
};

use super::{
    error::{SettingsError, variable},
    key::AnyKey,
};

/// More is no secret but the wrong file.
const MOST_BYTES: u64 = 64 * 1024;

/// The two ways in which one layer of settings (the file or the environment) may give a secret; blank is not given.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) value: Option<String>,
    pub(super) file: Option<String>,
}

impl Given {
    /// The secret, if there is one. Line ends after it are left out, other blanks belong to it.
    pub(super) fn read(self, key: &dyn AnyKey) -> Result<Option<String>, SettingsError> {
        let given = |text: &String| !text.trim().is_empty();
        let secret = match (self.value.filter(given), self.file.filter(given)) {
            (None, None) => return Ok(None),
            (Some(value), None) => value,
            (None, Some(path)) => read_file(&variable(&key.file_name()), path.trim())?,
            (Some(_), Some(_)) => {
                return Err(SettingsError::Twice {
                    variable: key.variable(),
                    file_variable: variable(&key.file_name()),
                });
            }
        };
        if secret.contains('\0') {
            return Err(SettingsError::invalid_secret(key.name(), "a text without U+0000"));
        }
        Ok(Some(secret.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// The secret in the file that a variable or an argument names.
pub(super) fn read_file(variable: &str, path: &str) -> Result<String, SettingsError> {
    read(path).map_err(|reason| SettingsError::SecretFile {
        variable: variable.to_owned(),
        path: path.to_owned(),
        reason,
    })
}

/// The text of a file; else what is wrong with it, without a word from it.
fn read(path: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = |file: File| file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    File::open(path).and_then(read).map_err(|error: io::Error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("it has more than {MOST_BYTES} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    if text.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, path::PathBuf};

    use crate::settings::{AnyKey, Group, Key, RequiredKey, Settings, SettingsError};

    const PASSWORD: Key<Option<String>> = Key::new("uds.password", || None, "password").secret();
    const URL: RequiredKey<String> = RequiredKey::new("uds.jdbc.url", "database").secret();
    const NUMBER: Key<u32> = Key::new("a.secret-number", || 7, "number").secret();
    const PLAIN: Key<Option<String>> = Key::new("uds.username", || None, "user");
    const KEYS: Group = &[&PASSWORD, &URL, &NUMBER, &PLAIN];

    struct Site {
        dir: tempfile::TempDir,
        environment: HashMap<String, String>,
        config: Option<PathBuf>,
    }

    impl Site {
        fn new(environment: &[(&str, &str)]) -> Self {
            let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            Self { dir: tempfile::tempdir().unwrap(), environment: environment.collect(), config: None }
        }

        /// A file with this content, named by a variable.
        fn file(mut self, variable: &str, content: impl AsRef<[u8]>) -> Self {
            let path = self.dir.path().join(variable);
            std::fs::write(&path, content).unwrap();
            self.environment.insert(variable.to_owned(), path.to_str().unwrap().to_owned());
            self
        }

        /// A settings file; `DIR` stands for the directory of the test.
        fn config(mut self, yaml: &str) -> Self {
            let path = self.dir.path().join("settings.yaml");
            std::fs::write(&path, yaml.replace("DIR", self.dir.path().to_str().unwrap())).unwrap();
            self.config = Some(path);
            self
        }

        fn load(&self) -> Result<Settings, SettingsError> {
            Settings::from_parts(&[KEYS], self.config.as_deref(), &self.environment)
        }

        fn password(&self) -> Result<Option<String>, String> {
            let loaded = self.load().and_then(|settings| settings.get(&PASSWORD));
            loaded.map_err(|error| error.to_string())
        }
    }

    #[test]
    fn a_secret_comes_from_a_file_without_the_line_end() {
        let with = |content: &str| Site::new(&[]).file("UDS_PASSWORD_FILE", content).password();
        assert_eq!(with("p@ss %/w\n").unwrap().as_deref(), Some("p@ss %/w"));
        assert_eq!(with(" p\r\n").unwrap().as_deref(), Some(" p"), "other blanks belong to it");
        assert_eq!(with("p").unwrap().as_deref(), Some("p"));
        let site = Site::new(&[]).file("UDS_JDBC_URL_FILE", "postgresql://h/x\n");
        assert_eq!(site.load().unwrap().get(&URL).unwrap(), "postgresql://h/x", "required ones too");
        let site = Site::new(&[]).file("A_SECRETNUMBER_FILE", "42\n");
        assert_eq!(site.load().unwrap().get(&NUMBER).unwrap(), 42, "a dash may be left out here as well");
    }

    #[test]
    fn a_secret_that_is_given_as_it_is_keeps_its_blanks() {
        assert_eq!(Site::new(&[("UDS_PASSWORD", " p ")]).password().unwrap().as_deref(), Some(" p "));
        assert_eq!(Site::new(&[("UDS_PASSWORD", "  ")]).password(), Ok(None));
    }

    #[test]
    fn value_and_file_together_are_refused_and_both_named() {
        let site = Site::new(&[("UDS_PASSWORD", "hunter2")]).file("UDS_PASSWORD_FILE", "hunter3");
        assert_eq!(site.password().unwrap_err(), "set UDS_PASSWORD or UDS_PASSWORD_FILE, not both");
        let site = Site::new(&[]).config("uds: {password: hunter2, password-file: DIR/x}\n");
        assert_eq!(site.password().unwrap_err(), "set UDS_PASSWORD or UDS_PASSWORD_FILE, not both");
        let blank = Site::new(&[("UDS_PASSWORD", " ")]).file("UDS_PASSWORD_FILE", "hunter3");
        assert_eq!(blank.password().unwrap().as_deref(), Some("hunter3"));
    }

    #[test]
    fn the_environment_wins_over_the_settings_file_in_either_form() {
        let yaml = "uds: {password-file: DIR/settings.yaml}\n";
        assert_eq!(
            Site::new(&[("UDS_PASSWORD", "p")]).config(yaml).password().unwrap().as_deref(),
            Some("p")
        );
        assert!(Site::new(&[]).config(yaml).password().unwrap().unwrap().starts_with("uds: "));
        let site = Site::new(&[]).config("uds: {password: q}\n").file("UDS_PASSWORD_FILE", "p\n");
        assert_eq!(site.password().unwrap().as_deref(), Some("p"));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_variable() {
        let missing = Site::new(&[("UDS_PASSWORD_FILE", "/no/such/file")]).password().unwrap_err();
        let expected = "UDS_PASSWORD_FILE names the file /no/such/file, which cannot be used: No such file";
        assert!(missing.starts_with(expected), "{missing}");
        for (content, reason) in [
            (&b"\n"[..], "it is empty"),
            (b"hunter2\xff", "it is not UTF-8"),
            (b"hunter2\0", "set UDS_PASSWORD to a text without U+0000"),
            (&vec![b'x'; 70_000], "it has more than 65536 bytes"),
        ] {
            let error = Site::new(&[]).file("UDS_PASSWORD_FILE", content).password().unwrap_err();
            assert!(error.ends_with(reason) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_secrets_may_be_files() {
        assert!(!PLAIN.is_secret());
        let site = Site::new(&[]).config("uds: {username-file: /x}\n");
        assert!(site.password().unwrap_err().contains("uds.username-file is not a setting"));
    }

    #[test]
    fn a_wrong_value_of_a_secret_is_not_shown() {
        let settings = Site::new(&[("A_SECRET_NUMBER", "hunter2")]).load().unwrap();
        let error = settings.get(&NUMBER).unwrap_err().to_string();
        assert_eq!(error, "set A_SECRET_NUMBER to a whole number from 0 to 4294967295");
    }

    /// A mistake in the settings file: it is reported without the password, which may be cut anywhere.
    #[test]
    fn mistakes_around_a_password_in_the_settings_file_do_not_show_it() {
        for yaml in [
            "uds: {password hunter2}",
            "uds: {password:hunter2}",
            "uds: {password: {hunter2}}",
            "uds: {password: [hunter2]}",
            "uds: {password: *hunter2}",
            "uds: {password: @hunter2}",
            "uds: {password: %hunter2}",
            "uds: {password: \"hunter2}",
            "uds: {password: 'hunter2' hunter2}",
            "uds: {password: a: hunter2}",
            "uds:\n  password: hunter2: hunter2",
            "uds:\n  password:hunter2",
        ] {
            let error = Site::new(&[]).config(yaml).password().expect_err(yaml);
            assert!(error.starts_with("settings file") && !error.contains("hunter2"), "{yaml}: {error}");
        }
    }

    /// YAML would take away zeros and signs.
    #[test]
    fn a_password_of_digits_must_be_a_text() {
        for number in ["0123", "1e3", "+5", "0x1F", "true"] {
            let error =
                Site::new(&[]).config(&format!("uds: {{password: {number}}}")).password().unwrap_err();
            assert!(error.contains("uds.password") && error.contains("quotes"), "{number}: {error}");
            let quoted = Site::new(&[]).config(&format!("uds: {{password: '{number}'}}")).password();
            assert_eq!(quoted.unwrap().as_deref(), Some(number));
        }
    }
}
