//! The database of a command, as its arguments name it.

use std::{convert::Infallible, fmt, str::FromStr};

use super::{database::DatabaseSettings, error::SettingsError, loaded::Settings, secret};

/// Which database a command works on: as its arguments say, else as the settings of the star database do.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DatabaseArgs {
    /// The database, as postgresql://user@host:port/database; without it, `UDS_JDBC_URL`, `UDS_USERNAME` and
    /// `UDS_PASSWORD` of the settings count. All users of the machine can read it: a URL with a password belongs into a file.
    #[arg(long, value_name = "URL", conflicts_with = "database_url_file")]
    database_url: Option<HiddenText>,
    /// File that holds such a URL, perhaps with a password.
    #[arg(long, value_name = "FILE")]
    database_url_file: Option<String>,
    /// Schema of the tables; without it, `UDS_SCHEMA` of the settings counts.
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
}

/// A text that no `Debug` shows.
#[derive(Clone)]
struct HiddenText(String);

impl FromStr for HiddenText {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for HiddenText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl DatabaseArgs {
    /// The database; `settings` must have been loaded with [`DatabaseSettings::UDS_KEYS`].
    ///
    /// # Errors
    /// Neither arguments nor settings name a database and a schema, the URL is not one of PostgreSQL, an option of it
    /// cannot be honoured, or its file cannot be read.
    pub fn read(&self, settings: &Settings) -> Result<DatabaseSettings, SettingsError> {
        const ARGUMENT: &str = "--database-url";
        const FILE_ARGUMENT: &str = "--database-url-file";
        match (&self.database_url, &self.database_url_file) {
            (None, None) => DatabaseSettings::uds_with_schema(settings, self.schema.clone()),
            (Some(HiddenText(url)), _) => {
                DatabaseSettings::of_argument(ARGUMENT, url, self.schema(settings)?)
            }
            (None, Some(path)) => {
                let url = secret::read_file(FILE_ARGUMENT, path)?;
                DatabaseSettings::of_argument(FILE_ARGUMENT, &url, self.schema(settings)?)
            }
        }
    }

    fn schema(&self, settings: &Settings) -> Result<String, SettingsError> {
        self.schema.clone().map_or_else(|| DatabaseSettings::uds_schema(settings), Ok)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::settings::{database::URL_FORM, loaded::tests::loaded};

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        database: DatabaseArgs,
    }

    #[test]
    fn arguments_take_precedence_over_the_settings_and_may_be_a_file() {
        let environment = [
            ("UDS_JDBC_URL", "jdbc:postgresql://star:5432/uds"),
            ("UDS_USERNAME", "emap"),
            ("UDS_PASSWORD", "hunter2"),
            ("UDS_SCHEMA", "star"),
        ];
        let settings = loaded(&[DatabaseSettings::UDS_KEYS], &environment);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgresql://a:b%2Fc@h/x\n").unwrap();
        let path = file.path().to_str().unwrap();
        let read = |arguments: &[&str]| {
            let command = Command::try_parse_from([&["command"], arguments].concat()).unwrap();
            assert!(!format!("{:?}", command.database).contains("://"));
            let read = command.database.read(&settings);
            read.map(|read| (read.connection_string(), read.schema)).map_err(|error| error.to_string())
        };
        let both = |url: &str, schema: &str| Ok((url.to_owned(), schema.to_owned()));
        assert_eq!(read(&[]), both("postgresql://emap:hunter2@star:5432/uds", "star"));
        let other = ["--database-url", "postgresql://h/x", "--schema", "other"];
        assert_eq!(read(&other), both("postgresql://h/x", "other"), "no password for another server");
        assert_eq!(read(&["--database-url-file", path]), both("postgresql://a:b%2Fc@h/x", "star"));

        let wrong = read(&["--database-url", "mysql://u:hunter2@h"]).unwrap_err();
        assert_eq!(wrong, format!("set --database-url to {URL_FORM}"));
        let missing = read(&["--database-url-file", "/no/such/file"]).unwrap_err();
        assert!(missing.starts_with("--database-url-file names the file /no/such/file"), "{missing}");
        assert!(
            Command::try_parse_from(["command", "--database-url", "a", "--database-url-file", "b"]).is_err()
        );
    }
}
