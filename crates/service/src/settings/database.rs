//! Settings of a PostgreSQL database.

use emap_postgres::{Config, UrlError};

use super::{
    error::SettingsError,
    key::{AnyKey, Group, Key, RequiredKey},
    loaded::Settings,
};

/// A PostgreSQL database and the schema in it that is ours.
#[derive(Clone)]
pub struct DatabaseSettings {
    config: Config,
    /// Schema that holds the tables.
    pub schema: String,
}

impl std::fmt::Debug for DatabaseSettings {
    /// Without user name and password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} schema {}", self.config, self.schema)
    }
}

pub(super) const URL_FORM: &str = "a URL of the form jdbc:postgresql://host:port/database";

/// The four settings of a database.
struct DatabaseKeys {
    url: RequiredKey<String>,
    username: Key<Option<String>>,
    password: Key<Option<String>>,
    schema: RequiredKey<String>,
}

const IDS: DatabaseKeys = DatabaseKeys {
    url: RequiredKey::new("ids.jdbc.url", "message store, as jdbc:postgresql://host:port/database").secret(),
    username: Key::new("ids.username", || None, "user of the message store"),
    password: Key::new("ids.password", || None, "password of the message store").secret(),
    schema: RequiredKey::new("ids.schema", "schema that holds tbl_ids_master"),
};

const UDS: DatabaseKeys = DatabaseKeys {
    url: RequiredKey::new("uds.jdbc.url", "star database, as jdbc:postgresql://host:port/database").secret(),
    username: Key::new("uds.username", || None, "user of the star database"),
    password: Key::new("uds.password", || None, "password of the star database").secret(),
    schema: RequiredKey::new("uds.schema", "schema of the star tables"),
};

impl DatabaseSettings {
    /// The message store: `IDS_JDBC_URL`, `IDS_USERNAME`, `IDS_PASSWORD`, `IDS_SCHEMA`.
    pub const IDS_KEYS: Group = &[&IDS.url, &IDS.username, &IDS.password, &IDS.schema];

    /// The star database: `UDS_JDBC_URL`, `UDS_USERNAME`, `UDS_PASSWORD`, `UDS_SCHEMA`.
    pub const UDS_KEYS: Group = &[&UDS.url, &UDS.username, &UDS.password, &UDS.schema];

    /// Reads the message store's settings.
    ///
    /// # Errors
    /// When the URL or the schema is missing, the URL is not one of PostgreSQL, or an option of it cannot be honoured.
    pub fn ids(settings: &Settings) -> Result<Self, SettingsError> {
        Self::with_schema(settings, &IDS, None)
    }

    /// Reads the star database's settings.
    ///
    /// # Errors
    /// As [`DatabaseSettings::ids`].
    pub fn uds(settings: &Settings) -> Result<Self, SettingsError> {
        Self::uds_with_schema(settings, None)
    }

    /// The star database's settings, with this schema if there is one.
    ///
    /// # Errors
    /// As [`DatabaseSettings::ids`]; with a schema, that of the settings may be missing.
    pub fn uds_with_schema(settings: &Settings, schema: Option<String>) -> Result<Self, SettingsError> {
        Self::with_schema(settings, &UDS, schema)
    }

    /// The schema of the star tables.
    pub(super) fn uds_schema(settings: &Settings) -> Result<String, SettingsError> {
        settings.get(&UDS.schema)
    }

    fn with_schema(
        settings: &Settings,
        keys: &DatabaseKeys,
        schema: Option<String>,
    ) -> Result<Self, SettingsError> {
        let url = settings.get(&keys.url)?;
        let config = Config::from_url(url.trim()).map_err(|error| unusable(keys.url.variable(), error))?;
        for option in config.options_without_meaning() {
            tracing::info!(setting = keys.url.variable(), option, "concerns the Java driver alone, ignored");
        }
        let config = config.with_login(settings.get(&keys.username)?, settings.get(&keys.password)?);
        let schema = schema.map_or_else(|| settings.get(&keys.schema), Ok)?;
        Ok(Self { config, schema })
    }

    /// Of a URL; user and password only from the URL itself.
    ///
    /// # Errors
    /// When it is not a PostgreSQL URL, or an option of it cannot be honoured.
    pub fn from_url(url: &str, schema: &str) -> Result<Self, SettingsError> {
        Self::of_argument("database URL", url, schema.to_owned())
    }

    /// Of a URL; `name` is what errors say it was given as.
    pub(super) fn of_argument(name: &str, url: &str, schema: String) -> Result<Self, SettingsError> {
        let config = Config::from_url(url.trim()).map_err(|error| unusable(name.to_owned(), error))?;
        Ok(Self { config, schema })
    }

    /// Where the database is and who connects.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The libpq connection URL, password included: hand it to the driver, never to a log.
    ///
    /// The separate user and password win over those inside the URL.
    pub fn connection_string(&self) -> String {
        self.config.connection_string()
    }
}

/// What to set instead; the URL is not repeated.
fn unusable(variable: String, error: UrlError) -> SettingsError {
    let expected = match error {
        UrlError::NotPostgres => URL_FORM.to_owned(),
        UrlError::Part(_) => format!("{URL_FORM}; {error}"),
        UrlError::Option(option) => format!("{URL_FORM}; {option}"),
    };
    SettingsError::Invalid { variable, expected, found: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(environment: &[(&str, &str)]) -> Result<DatabaseSettings, SettingsError> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let groups = [DatabaseSettings::IDS_KEYS, DatabaseSettings::UDS_KEYS];
        DatabaseSettings::ids(&Settings::from_parts(&groups, None, &environment).unwrap())
    }

    #[test]
    fn user_and_password_are_encoded_and_never_shown() {
        let settings = ids(&[
            (
                "IDS_JDBC_URL",
                "jdbc:postgresql://store.example:5432/ids?ApplicationName=reader&tcpKeepAlive=true",
            ),
            ("IDS_USERNAME", "the reader"),
            ("IDS_PASSWORD", "p@ss/word"),
            ("IDS_SCHEMA", "ids"),
        ])
        .unwrap();
        assert_eq!(
            settings.connection_string(),
            "postgresql://the%20reader:p%40ss%2Fword@store.example:5432/ids?application_name=reader&keepalives=1"
        );
        let shown = format!("{settings:?}");
        assert_eq!(shown, "postgresql://store.example:5432/ids schema ids");
    }

    #[test]
    fn user_information_of_the_url_is_kept_but_not_shown() {
        let settings = DatabaseSettings::from_url("postgresql://emap:pw@127.0.0.1:5/x", "star").unwrap();
        assert_eq!(settings.connection_string(), "postgresql://emap:pw@127.0.0.1:5/x");
        assert!(!format!("{settings:?}").contains("pw"));
    }

    #[test]
    fn missing_and_wrong_urls_say_what_to_set() {
        assert!(ids(&[]).unwrap_err().to_string().starts_with("set IDS_JDBC_URL: "));
        let wrong =
            ids(&[("IDS_JDBC_URL", "mysql://u:secret@h/x"), ("IDS_SCHEMA", "s")]).unwrap_err().to_string();
        assert_eq!(wrong, format!("set IDS_JDBC_URL to {URL_FORM}"));
        let no_such_option = ids(&[
            ("IDS_JDBC_URL", "jdbc:postgresql://h/x?sslfactory=org.postgresql.ssl.NonValidatingFactory"),
            ("IDS_SCHEMA", "s"),
        ]);
        let no_such_option = no_such_option.unwrap_err().to_string();
        assert!(no_such_option.starts_with("set IDS_JDBC_URL to "), "{no_such_option}");
        assert!(no_such_option.contains("option sslfactory"), "{no_such_option}");
        let no_schema = ids(&[("IDS_JDBC_URL", "postgresql://h/x")]).unwrap_err().to_string();
        assert!(no_schema.starts_with("set IDS_SCHEMA: "), "{no_schema}");
    }
}
