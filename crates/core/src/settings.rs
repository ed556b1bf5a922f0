//! Settings of the daemon and of its other commands.

pub mod retention;

use std::{num::NonZeroU32, time::Duration};

use emap_interchange::queues;
use emap_service::{
    Backoff,
    settings::{
        DatabaseSettings, Group, HttpSettings, Key, LogSettings, Settings, SettingsError, broker, publishing,
        retrying, zone,
    },
    stop,
};
use emap_star::sequence::Sequence;

use crate::rules::Rules;

const LISTEN_QUEUES: Key<Vec<String>> = Key::new(
    "core.rabbitmq.listen-queues",
    || queues::OF_CORE.map(str::to_owned).to_vec(),
    "queues to take messages from, separated by commas, the most preferred first",
);
const BATCH_MAX_MESSAGES: Key<NonZeroU32> = Key::new(
    "core.batch.max-messages",
    || NonZeroU32::MIN.saturating_add(499),
    "most messages that are written in one transaction",
);
const BATCH_MAX_DELAY_MS: Key<u32> = Key::new(
    "core.batch.max-delay-ms",
    || 50,
    "longest wait for a batch to fill after its first message, in milliseconds",
);
const PARTITIONS: Key<u16> = Key::new(
    "core.partitions",
    || 0,
    "into how many partitions messages are divided by patient, so that several cores keep the order of each patient's messages; at most 64, the same for all cores; 0: not at all",
);
const FORMS: Key<bool> =
    Key::new("features.sde", || Rules::default().forms, "process forms (smart data elements)");

/// Readiness is to be down within half a minute after the last message that was settled.
const STALL_LIMIT: Duration = Duration::from_secs(25);

const MIGRATE: Key<bool> = Key::new(
    "core.migrate",
    || true,
    "bring the star schema up to date at the start; if not, a schema that is too old is waited for",
);

const IDS_SEQUENCE: Key<String> = Key::new(
    "core.ids.sequence",
    || Sequence::Hibernate.name().to_owned(),
    "where the primary keys of an empty schema come from: hibernate_sequence or emap_id_sequence",
);

/// What the daemon needs to know.
#[derive(Debug, Clone)]
pub struct CoreSettings {
    /// The star database.
    pub database: DatabaseSettings,
    /// Queues in order of preference.
    pub queues: Vec<String>,
    /// Into how many partitions the messages of the queues are divided; none: they are processed as they come.
    pub partitions: u8,
    /// Most messages in a batch.
    pub batch_max_messages: usize,
    /// Longest wait for a batch to fill.
    pub batch_max_delay: Duration,
    /// How long messages may wait without a commit before readiness says so.
    pub stall_limit: Duration,
    /// Pauses between attempts at a database that is away or takes no rows.
    pub pauses: Backoff,
    /// What rules depend on.
    pub rules: Rules,
    /// The schema is brought up to date at the start; else one that is too old is waited for.
    pub migrate: bool,
    /// Where the primary keys of an empty schema come from.
    pub sequence: Sequence,
}

impl CoreSettings {
    /// Everything that a command of core, or `emap replay`, reads from file and environment: one file serves all.
    pub const GROUPS: &'static [Group] = &[
        retention::KEYS,
        &[
            &LISTEN_QUEUES,
            &PARTITIONS,
            &BATCH_MAX_MESSAGES,
            &BATCH_MAX_DELAY_MS,
            &FORMS,
            &MIGRATE,
            &IDS_SEQUENCE,
        ],
        DatabaseSettings::UDS_KEYS,
        broker::KEYS,
        publishing::KEYS,
        LogSettings::KEYS,
        HttpSettings::KEYS,
        retrying::KEYS,
        stop::KEYS,
        zone::KEYS,
    ];

    /// Settings with every default, for a database.
    pub fn for_database(database: DatabaseSettings) -> Self {
        Self {
            database,
            queues: LISTEN_QUEUES.default(),
            partitions: 0,
            batch_max_messages: BATCH_MAX_MESSAGES.default().get() as usize,
            batch_max_delay: Duration::from_millis(BATCH_MAX_DELAY_MS.default().into()),
            stall_limit: STALL_LIMIT,
            pauses: retrying::default_pauses(),
            rules: Rules::default(),
            migrate: MIGRATE.default(),
            sequence: Sequence::default(),
        }
    }

    /// Only the queues that core takes messages from, in order of preference.
    ///
    /// # Errors
    /// When the setting is wrong.
    pub fn queues(settings: &Settings) -> Result<Vec<String>, SettingsError> {
        settings.get(&LISTEN_QUEUES)
    }

    /// Where messages wait for core: the queues that it takes them from, and those of the partitions into which it
    /// divides them.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn where_messages_wait(settings: &Settings) -> Result<Vec<String>, SettingsError> {
        let partitions = (0..partitions(settings)?).map(queues::partition);
        Ok(Self::queues(settings)?.into_iter().chain(partitions).collect())
    }

    /// Reads core's settings.
    ///
    /// # Errors
    /// When one is missing or wrong; the text says what to set.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self {
            database: DatabaseSettings::uds(settings)?,
            queues: Self::queues(settings)?,
            partitions: partitions(settings)?,
            batch_max_messages: settings.get(&BATCH_MAX_MESSAGES)?.get() as usize,
            batch_max_delay: Duration::from_millis(settings.get(&BATCH_MAX_DELAY_MS)?.into()),
            stall_limit: STALL_LIMIT,
            pauses: retrying::pauses(settings)?,
            rules: rules(settings)?,
            migrate: settings.get(&MIGRATE)?,
            sequence: sequence(settings)?,
        })
    }
}

fn partitions(settings: &Settings) -> Result<u8, SettingsError> {
    let number = settings.get(&PARTITIONS)?;
    u8::try_from(number).ok().filter(|number| *number <= queues::MOST_PARTITIONS).ok_or_else(|| {
        let expected = format!("a whole number from 0 to {}", queues::MOST_PARTITIONS);
        SettingsError::invalid("core.partitions", expected, &number.to_string())
    })
}

fn sequence(settings: &Settings) -> Result<Sequence, SettingsError> {
    let name = settings.get(&IDS_SEQUENCE)?;
    Sequence::named(&name).ok_or_else(|| {
        SettingsError::invalid("core.ids.sequence", "hibernate_sequence or emap_id_sequence", &name)
    })
}

/// What rules depend on.
///
/// # Errors
/// When a setting is wrong; the text says what to set.
pub(crate) fn rules(settings: &Settings) -> Result<Rules, SettingsError> {
    Ok(Rules { zone: settings.get(&zone::ZONE)?, forms: settings.get(&FORMS)? })
}
