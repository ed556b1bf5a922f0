//! Settings of the daemon and of its other commands.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    num::NonZeroU32,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use emap_feed::{FeedSettings, Limits};
use emap_interchange::{Features, queues};
use emap_queue::PublisherSettings;
use emap_service::{
    Backoff,
    settings::{
        AnyKey, DatabaseSettings, Group, HttpSettings, Key, LogSettings, Settings, SettingsError, broker,
        publishing, retrying,
    },
    stop,
};

use crate::{
    clock::Clock,
    data_types::{FlowsheetList, Site, definitions},
    queries::{Queries, QueryFileError},
    source::{
        Database, Gate, Guarded, IdsDatabase, Isolation, JdbcUrl, QuietHours, SourceName, SqlServer,
        SqlServerSettings,
    },
    strategy::{Definition, InstantCalculator},
};

const DATE_FROM: Key<Option<DateTime<Utc>>> =
    Key::new("hoover.date-from", || None, "start of the window, an instant; needed to run");
const DATE_UNTIL: Key<Option<DateTime<Utc>>> =
    Key::new("hoover.date-until", || None, "end of the window, an instant; blank = no end");
const DATA_TYPES: Key<Option<Vec<String>>> =
    Key::new("hoover.data-types", || None, "data types to run, separated by commas; blank = all");
const POLL: Key<Duration> = Key::new(
    "hoover.poll-interval-seconds",
    || Duration::from_secs(300),
    "seconds until a data type that had nothing new is asked again",
);
const WINDOW_HOURS: Key<Option<NonZeroU32>> =
    Key::new("hoover.window-hours", || None, "hours of one window; blank = 24, of flowsheets 1");
const MAX_FAILURES: Key<NonZeroU32> = Key::new(
    "hoover.max-failures",
    || NonZeroU32::MIN.saturating_add(4),
    "failures of one data type in a row after which a run with an end gives up",
);
const FLOWSHEET_LIST: Key<Option<String>> = Key::new(
    "hoover.flowsheet-list",
    || None,
    "CSV file of flowsheet rows, id,live-from; blank = the built-in list",
);
const SQL_DIR: Key<Option<String>> =
    Key::new("hoover.sql-dir", || None, "directory with the site's own queries; blank = built-in queries");
const MAX_QUERIES: Key<NonZeroU32> =
    Key::new("hoover.source.max-queries", || NonZeroU32::MIN, "queries that may run at once in one source");
const PAUSE: Key<u32> =
    Key::new("hoover.source.pause-ms", || 0, "milliseconds that a source is left alone after each query");
const QUIET_HOURS: Key<Option<QuietHours>> = Key::new(
    "hoover.quiet-hours",
    || None,
    "hours in which no query is sent to SQL Server, as 01:00-06:00, hospital time; blank = none",
);
const QUERY_TIMEOUT: Key<Duration> = Key::new(
    "hoover.query-timeout-seconds",
    || Duration::from_secs(600),
    "seconds that a source may take over one query",
);
const IDS_LAG: Key<Duration> = Key::new(
    "hoover.ids-lag-seconds",
    || Duration::from_secs(60),
    "seconds by which reading of the message store stays behind the clock",
);
const DRAIN_LIMIT: Key<Duration> = Key::new(
    "hoover.drain-seconds",
    || Duration::from_secs(20),
    "seconds to wait for confirms when stopping",
);
/// With one message in transit the order is kept whatever the broker refuses.
const MAX_IN_TRANSIT: Key<NonZeroU32> = Key::new(
    "rabbitmq.max.intransit",
    || NonZeroU32::MIN,
    "messages that may be unconfirmed; 1 keeps the order",
);

/// Lengths of windows by data type.
const WINDOWS: [(&str, Key<Option<NonZeroU32>>); 6] = [
    ("PatientInfection", hours("hoover.window.hours.patient-infection")),
    ("PatientProblem", hours("hoover.window.hours.patient-problem")),
    ("PatientAllergy", hours("hoover.window.hours.patient-allergy")),
    ("ConsultRequest", hours("hoover.window.hours.consult-request")),
    ("Flowsheet", hours("hoover.window.hours.flowsheet")),
    ("Form", hours("hoover.window.hours.form")),
];

const fn hours(name: &'static str) -> Key<Option<NonZeroU32>> {
    Key::new(name, || None, "hours of one window of this data type; blank = as for all")
}

/// The settings of a database of SQL Server.
struct SqlServerKeys {
    url: Key<Option<String>>,
    username: Key<Option<String>>,
    password: Key<Option<String>>,
    ca_file: Key<Option<String>>,
    isolation: Key<Option<Isolation>>,
}

const URL_MEANING: &str = "as jdbc:sqlserver://host:port;databaseName=…";
const CA_MEANING: &str = "PEM file of the authorities that vouch for the server; blank = those of the system";
const ISOLATION_MEANING: &str = "snapshot or read uncommitted; blank = as the server does by itself";

const CLARITY: SqlServerKeys = SqlServerKeys {
    url: Key::new("clarity.jdbc.url", || None, URL_MEANING).secret(),
    username: Key::new("clarity.username", || None, "user of the reporting database"),
    password: Key::new("clarity.password", || None, "password of the reporting database").secret(),
    ca_file: Key::new("clarity.ca-file", || None, CA_MEANING),
    isolation: Key::new("clarity.isolation", || None, ISOLATION_MEANING),
};

const CABOODLE: SqlServerKeys = SqlServerKeys {
    url: Key::new("caboodle.jdbc.url", || None, URL_MEANING).secret(),
    username: Key::new("caboodle.username", || None, "user of the warehouse"),
    password: Key::new("caboodle.password", || None, "password of the warehouse").secret(),
    ca_file: Key::new("caboodle.ca-file", || None, CA_MEANING),
    isolation: Key::new("caboodle.isolation", || None, ISOLATION_MEANING),
};

/// A setting that is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// One of the daemon's settings.
    #[error(transparent)]
    Setting(#[from] SettingsError),
    /// A query.
    #[error(transparent)]
    Query(#[from] QueryFileError),
    /// A name that no data type has.
    #[error("unknown data type {0:?}; there are {names}", names = names().join(", "))]
    UnknownDataType(String),
    /// What is wrong, and what to set.
    #[error("{0}")]
    Other(String),
}

fn names() -> Vec<&'static str> {
    definitions().iter().map(|definition| definition.name).collect()
}

/// Names of data types, checked and each once.
///
/// # Errors
/// When a name is unknown.
pub(crate) fn known_names(wanted: &[String]) -> Result<Vec<&'static str>, ConfigurationError> {
    let mut known = Vec::new();
    for name in wanted {
        let found = names().into_iter().find(|known| known.eq_ignore_ascii_case(name.trim()));
        let found = found.ok_or_else(|| ConfigurationError::UnknownDataType(name.clone()))?;
        if !known.contains(&found) {
            known.push(found);
        }
    }
    Ok(known)
}

/// The groups of settings, and what is read from them.
#[derive(Debug, Clone, Copy)]
pub struct HooverSettings;

impl HooverSettings {
    /// Everything that a command of hoover reads from file and environment: one file serves all.
    pub const GROUPS: &'static [Group] = &[
        &[
            &DATE_FROM,
            &DATE_UNTIL,
            &DATA_TYPES,
            &POLL,
            &WINDOW_HOURS,
            &WINDOWS[0].1,
            &WINDOWS[1].1,
            &WINDOWS[2].1,
            &WINDOWS[3].1,
            &WINDOWS[4].1,
            &WINDOWS[5].1,
            &MAX_FAILURES,
            &FLOWSHEET_LIST,
            &SQL_DIR,
            &MAX_QUERIES,
            &PAUSE,
            &QUIET_HOURS,
            &QUERY_TIMEOUT,
            &IDS_LAG,
            &DRAIN_LIMIT,
        ],
        &[&CLARITY.url, &CLARITY.username, &CLARITY.password, &CLARITY.ca_file, &CLARITY.isolation],
        &[&CABOODLE.url, &CABOODLE.username, &CABOODLE.password, &CABOODLE.ca_file, &CABOODLE.isolation],
        DatabaseSettings::IDS_KEYS,
        DatabaseSettings::UDS_KEYS,
        broker::KEYS,
        publishing::KEYS,
        retrying::KEYS,
        LogSettings::KEYS,
        HttpSettings::KEYS,
        stop::KEYS,
    ];
}

/// The databases, opened when they are first used.
pub(crate) type Databases = BTreeMap<SourceName, Arc<dyn Database>>;

/// What every command that asks a source has to know.
#[derive(Clone)]
pub struct SourceSettings {
    /// The hospital's clocks: always those of London, whatever zone the process has.
    pub clock: Clock,
    /// Start of the data that the site wants.
    pub date_from: Option<DateTime<Utc>>,
    /// What data types have to know of the site.
    pub site: Site,
    /// Where queries come from.
    pub queries: Queries,
    /// The databases of the data types that are wanted.
    pub(crate) databases: Databases,
}

impl SourceSettings {
    /// Reads them for some data types; databases of others need not be configured.
    ///
    /// # Errors
    /// When a setting is missing or wrong.
    pub fn from_settings(settings: &Settings, wanted: &[&str]) -> Result<Self, ConfigurationError> {
        let queries = Queries::new(settings.get(&SQL_DIR)?.map(PathBuf::from))?;
        let mut databases = Databases::new();
        for definition in definitions().iter().filter(|definition| wanted.contains(&definition.name)) {
            if let Entry::Vacant(vacant) = databases.entry(definition.source) {
                vacant.insert(database(settings, definition)?);
            }
        }
        Ok(Self {
            clock: Clock::new(chrono_tz::Europe::London),
            date_from: settings.get(&DATE_FROM)?,
            site: Site { flowsheets: flowsheet_list(settings)? },
            queries,
            databases,
        })
    }

    /// The database of a data type.
    ///
    /// # Errors
    /// When it is not among those that were wanted.
    pub fn database(&self, definition: &Definition) -> Result<Arc<dyn Database>, ConfigurationError> {
        let missing = || ConfigurationError::Other(format!("{} is not configured", definition.source));
        self.databases.get(&definition.source).cloned().ok_or_else(missing)
    }
}

fn flowsheet_list(settings: &Settings) -> Result<FlowsheetList, ConfigurationError> {
    let Some(path) = settings.get(&FLOWSHEET_LIST)? else { return Ok(FlowsheetList::default()) };
    let wrong = |reason: String| {
        ConfigurationError::Other(format!("{}: {path}: {reason}", FLOWSHEET_LIST.variable()))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    FlowsheetList::parse(&text).map_err(|error| wrong(error.to_string()))
}

fn database(settings: &Settings, definition: &Definition) -> Result<Arc<dyn Database>, ConfigurationError> {
    let gate = Gate::new(
        settings.get(&MAX_QUERIES)?.get() as usize,
        Duration::from_millis(settings.get(&PAUSE)?.into()),
    );
    let query_timeout = settings.get(&QUERY_TIMEOUT)?;
    let keys = match definition.source {
        SourceName::Clarity => &CLARITY,
        SourceName::Caboodle => &CABOODLE,
        SourceName::Ids => {
            let ids = DatabaseSettings::ids(settings).map_err(|error| needed(&error, definition))?;
            return Ok(Arc::new(Guarded::new(IdsDatabase::new(ids, query_timeout), gate)));
        }
    };
    let missing = || {
        let variable = keys.url.variable();
        ConfigurationError::Other(format!(
            "set {variable}: {} is read from it, {}; or leave it out of HOOVER_DATA_TYPES",
            definition.name,
            keys.url.meaning()
        ))
    };
    let url = settings.get(&keys.url)?.ok_or_else(missing)?;
    let url = JdbcUrl::parse(url.trim())
        .map_err(|error| ConfigurationError::Other(format!("{}: {error}", keys.url.variable())))?;
    let ca_file = settings.get(&keys.ca_file)?.map(PathBuf::from);
    if let Some(file) = ca_file.as_ref().filter(|file| !file.is_file()) {
        let variable = keys.ca_file.variable();
        return Err(ConfigurationError::Other(format!("{variable}: {} is no file", file.display())));
    }
    let server = SqlServerSettings {
        url,
        username: settings.get(&keys.username)?,
        password: settings.get(&keys.password)?,
        ca_file,
        isolation: settings.get(&keys.isolation)?,
        query_timeout,
    };
    Ok(Arc::new(Guarded::new(SqlServer::new(server), gate)))
}

fn needed(error: &SettingsError, definition: &Definition) -> ConfigurationError {
    ConfigurationError::Other(format!(
        "{error}; {} is read from it; or leave it out of HOOVER_DATA_TYPES",
        definition.name
    ))
}

/// What the daemon has to know besides its sources.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// The data types to run.
    pub data_types: Vec<&'static str>,
    /// Start of the window when there is no progress yet.
    pub date_from: DateTime<Utc>,
    /// End of the window; `None`: goes on for ever.
    pub date_until: Option<DateTime<Utc>>,
    /// How long to wait when there was nothing new.
    pub poll: Duration,
    /// Failures of one data type in a row that end it in a run with an end.
    pub max_failures: u32,
    /// Hours in which SQL Server is left alone.
    pub quiet_hours: Option<QuietHours>,
    /// How far the message store is read behind the clock.
    pub ids_lag: Duration,
    /// The database of the progress table.
    pub uds: DatabaseSettings,
    /// How messages are published.
    pub publishing: PublisherSettings,
    /// How long a stopping daemon waits for outstanding confirms.
    pub drain_limit: Duration,
    /// Pauses between attempts at the database of the progress table.
    pub pauses: Backoff,
    /// Length of the windows of each data type, in hours.
    windows: BTreeMap<&'static str, u32>,
}

impl RunSettings {
    /// Reads them; `only` wins over the setting of data types.
    ///
    /// # Errors
    /// When one is missing or wrong.
    pub fn from_settings(settings: &Settings, only: &[String]) -> Result<Self, ConfigurationError> {
        let wanted =
            if only.is_empty() { settings.get(&DATA_TYPES)?.unwrap_or_default() } else { only.to_vec() };
        let data_types = if wanted.is_empty() { names() } else { known_names(&wanted)? };
        let missing =
            || ConfigurationError::Other(format!("set {}: {}", DATE_FROM.variable(), DATE_FROM.meaning()));
        let date_from = settings.get(&DATE_FROM)?.ok_or_else(missing)?;
        let date_until = settings.get(&DATE_UNTIL)?;
        if date_until.is_some_and(|until| date_from >= until) {
            let (from, until) = (DATE_FROM.variable(), DATE_UNTIL.variable());
            return Err(ConfigurationError::Other(format!("set {from} to an instant before {until}")));
        }
        let mut windows = BTreeMap::new();
        let for_all = settings.get(&WINDOW_HOURS)?;
        for (name, key) in &WINDOWS {
            let hours = match settings.get(key)? {
                Some(hours) => Some(hours),
                // One day of flowsheets would be a long window.
                None if *name == "Flowsheet" => None,
                None => for_all,
            };
            windows.extend(hours.map(|hours| (*name, hours.get())));
        }
        let publishing = publishing::from_settings(settings, queues::DATABASE_EXTRACTS)?;
        Ok(Self {
            data_types,
            date_from,
            date_until,
            poll: settings.get(&POLL)?,
            max_failures: settings.get(&MAX_FAILURES)?.get(),
            quiet_hours: settings.get(&QUIET_HOURS)?,
            ids_lag: settings.get(&IDS_LAG)?,
            uds: DatabaseSettings::uds(settings)?,
            publishing: PublisherSettings {
                max_in_transit: settings.get(&MAX_IN_TRANSIT)?.get() as usize,
                ..publishing
            },
            drain_limit: settings.get(&DRAIN_LIMIT)?,
            pauses: retrying::pauses(settings)?,
            windows,
        })
    }

    /// Length of a window of a data type; of open-ended ones it does not matter.
    pub fn window_hours(&self, definition: &Definition) -> u32 {
        let default = match definition.instants {
            InstantCalculator::Windows { hours } => hours,
            InstantCalculator::OpenEnded => 24,
        };
        self.windows.get(definition.name).copied().unwrap_or(default)
    }

    /// The part that the feed needs.
    pub fn feed(&self) -> FeedSettings {
        FeedSettings {
            publisher: self.publishing.clone(),
            // All generations have the same messages of the reporting databases.
            features: Features::default(),
            limits: Limits::default(),
            save_interval: Duration::from_millis(500),
            drain_limit: self.drain_limit,
            stall_limit: emap_feed::STALL_LIMIT,
            pauses: self.pauses.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn loaded(given: &[(&str, &str)]) -> Settings {
        let mut environment: HashMap<String, String> = HashMap::new();
        let basic = [
            ("HOOVER_DATE_FROM", "2021-01-01T00:00:00Z"),
            ("UDS_JDBC_URL", "jdbc:postgresql://star:5432/uds"),
            ("UDS_SCHEMA", "star"),
        ];
        for (name, value) in basic.iter().chain(given) {
            environment.insert((*name).to_owned(), (*value).to_owned());
        }
        Settings::from_parts(HooverSettings::GROUPS, None, &environment).unwrap()
    }

    fn run(given: &[(&str, &str)]) -> Result<RunSettings, String> {
        RunSettings::from_settings(&loaded(given), &[]).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults() {
        let settings = run(&[]).unwrap();
        assert_eq!(settings.data_types.len(), 15);
        assert_eq!((settings.max_failures, settings.publishing.max_in_transit), (5, 1));
        assert_eq!(settings.publishing.queue, "databaseExtracts");
        let hours: Vec<u32> =
            definitions().iter().map(|definition| settings.window_hours(definition)).collect();
        assert_eq!(hours[9..], [24, 24, 24, 24, 1, 24]);
    }

    #[test]
    fn windows_for_all_and_for_one() {
        let settings =
            run(&[("HOOVER_WINDOW_HOURS", "6"), ("HOOVER_WINDOW_HOURS_PATIENTPROBLEM", "48")]).unwrap();
        let of = |name: &str| {
            let definition = definitions().into_iter().find(|definition| definition.name == name).unwrap();
            settings.window_hours(definition)
        };
        assert_eq!((of("PatientInfection"), of("PatientProblem"), of("Flowsheet")), (6, 48, 1));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(run(&[("HOOVER_DATE_FROM", " ")]).unwrap_err().contains("HOOVER_DATE_FROM"));
        let not_before = run(&[("HOOVER_DATE_UNTIL", "2021-01-01T00:00:00Z")]).unwrap_err();
        assert!(not_before.contains("HOOVER_DATE_UNTIL"), "{not_before}");
        let unknown = run(&[("HOOVER_DATA_TYPES", "Form,Farm")]).unwrap_err();
        assert!(unknown.starts_with("unknown data type \"Farm\""), "{unknown}");
        let source = |given: &[(&str, &str)], name| {
            SourceSettings::from_settings(&loaded(given), &[name]).err().map(|error| error.to_string())
        };
        assert!(source(&[], "PatientProblem").unwrap().starts_with("set CLARITY_JDBC_URL"));
        assert!(source(&[], "Form").unwrap().starts_with("set IDS_JDBC_URL"));
        let url = ("CABOODLE_JDBC_URL", "jdbc:sqlserver://h;password=s3;cret=1");
        let wrong = source(&[url], "Flowsheet").unwrap();
        assert_eq!(wrong, "CABOODLE_JDBC_URL: property 2 of the URL is unknown");
    }
}
