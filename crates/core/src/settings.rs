//! Settings of the daemon.

use std::{path::Path, time::Duration};

use emap_interchange::queues;
use emap_queue::BrokerConfig;
use emap_service::settings::{
    BrokerSettings, DatabaseSettings, HttpSettings, Key, LogSettings, Settings, SettingsError, Zone,
};

use crate::rules::Rules;

/// Keys of core's own settings.
pub const KEYS: &[Key] = &[
    Key {
        name: "core.rabbitmq.listen-queues",
        default: "hl7Queue,databaseExtracts,extensionProjects",
        meaning: "queues to take messages from, separated by commas, the most preferred first",
    },
    Key {
        name: "core.batch.max-messages",
        default: "500",
        meaning: "most messages that are written in one transaction",
    },
    Key {
        name: "core.batch.max-delay-ms",
        default: "50",
        meaning: "longest wait for a batch to fill after its first message, in milliseconds",
    },
    Key { name: "features.sde", default: "false", meaning: "process forms (smart data elements)" },
];

/// What the daemon needs to know.
#[derive(Debug, Clone)]
pub struct CoreSettings {
    /// The star database.
    pub database: DatabaseSettings,
    /// Queues in order of preference.
    pub queues: Vec<String>,
    /// Most messages in a batch.
    pub batch_max_messages: usize,
    /// Longest wait for a batch to fill.
    pub batch_max_delay: Duration,
    /// What rules depend on.
    pub rules: Rules,
}

impl CoreSettings {
    /// Settings with every default, for a database.
    pub fn for_database(database: DatabaseSettings) -> Self {
        Self {
            database,
            queues: [queues::HL7_QUEUE, queues::DATABASE_EXTRACTS, queues::EXTENSION_PROJECTS]
                .map(str::to_owned)
                .to_vec(),
            batch_max_messages: 500,
            batch_max_delay: Duration::from_millis(50),
            rules: Rules::default(),
        }
    }

    /// Reads core's settings.
    ///
    /// # Errors
    /// When one is missing or wrong; the text says what to set.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let database = DatabaseSettings::uds(settings)?;
        let listed = settings.required("core.rabbitmq.listen-queues")?;
        Ok(Self {
            database,
            queues: listed
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            batch_max_messages: settings.number::<usize>("core.batch.max-messages")?.max(1),
            batch_max_delay: Duration::from_millis(settings.number("core.batch.max-delay-ms")?),
            rules: Rules { zone: Zone::from_settings(settings)?.0, forms: settings.flag("features.sde")? },
        })
    }
}

/// Everything that `core run` reads from file and environment.
pub(crate) const GROUPS: &[&[Key]] = &[
    KEYS,
    DatabaseSettings::UDS_KEYS,
    BrokerSettings::KEYS,
    LogSettings::KEYS,
    HttpSettings::KEYS,
    Zone::KEYS,
];

/// Loads everything that `core run` reads from file and environment.
///
/// # Errors
/// When the file cannot be read or holds an unknown name.
pub fn load(file: Option<&Path>) -> Result<Settings, SettingsError> {
    Settings::load(GROUPS, file)
}

/// The broker as the transport wants it.
///
/// # Errors
/// When the port is not a number.
pub fn broker(settings: &Settings) -> Result<BrokerConfig, SettingsError> {
    let broker = BrokerSettings::from_settings(settings)?;
    Ok(BrokerConfig {
        host: broker.host,
        port: broker.port,
        username: broker.username,
        password: broker.password,
        virtual_host: broker.virtual_host,
    })
}
