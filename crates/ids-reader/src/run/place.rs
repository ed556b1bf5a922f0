//! The place of the one reader: taken at the start, or waited for.

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    process,
    time::Duration,
};

use emap_ids::{OpenGaps, Place, Progress, ProgressStore};
use emap_service::{Backoff, CancellationToken, Component, GaveUp, Retry};

use super::tables::TablesError;
use crate::settings::ReaderSettings;

/// Between two attempts to take over.
const PAUSE: Duration = Duration::from_secs(1);

/// PostgreSQL cuts longer names.
const LONGEST_NAME: usize = 63;
/// A blank and 16 digits.
const UNIQUE: usize = 17;

/// The progress tables, in our hands, and what is saved there.
pub(super) struct Taken {
    pub(super) tables: ProgressStore,
    pub(super) saved: Option<Progress>,
    pub(super) gaps: OpenGaps,
}

/// Waits until no other reader works with the progress tables, however long that takes. The first attempts, within
/// `limit`, are to find out whether the database can be had at all.
///
/// # Errors
/// It cannot within that time, or never will, or the program is to stop.
pub(super) async fn take(
    settings: &ReaderSettings,
    health: &Component,
    cancel: &CancellationToken,
    name: &str,
    first: Retry,
) -> Result<Taken, GaveUp<TablesError>> {
    let is_the_databases =
        |error: &TablesError| matches!(error, TablesError::Database(error) if error.may_pass());
    match first.run_on_thread(attempts(settings, name), is_the_databases).await {
        Err(GaveUp::Failed(TablesError::Taken(_))) => {}
        taken => return taken,
    }
    let taking_over = Retry::new(health, cancel, Backoff::new(PAUSE, PAUSE));
    let taken = taking_over.run_on_thread(attempts(settings, name), TablesError::may_pass).await?;
    tracing::info!("the other reader has ended, taking over");
    Ok(taken)
}

/// One attempt after the other. While another reader is there, the connection is kept.
fn attempts(
    settings: &ReaderSettings,
    name: &str,
) -> impl FnMut() -> Result<Taken, TablesError> + Send + use<> {
    let (url, schema) = (settings.uds.connection_string(), settings.uds.schema.clone());
    let name = name.to_owned();
    let mut kept = None;
    move || {
        let mut tables = match kept.take() {
            Some(tables) => tables,
            None => ProgressStore::connect(&url, &schema)?,
        };
        if let Place::Taken(other) = tables.take_place(&name)? {
            kept = Some(tables);
            return Err(TablesError::Taken(other));
        }
        let saved = tables.load()?;
        let gaps = tables.load_gaps(last_row(saved.as_ref()))?;
        Ok(Taken { tables, saved, gaps })
    }
}

/// The last row dealt with. Other software notes -1 before its first message: that is no progress, and no reason to read
/// everything.
pub(super) fn last_row(saved: Option<&Progress>) -> Option<i64> {
    saved.map(|progress| progress.unid).filter(|unid| *unid >= 0)
}

/// What another reader reads about this one in its log: process and host, and a number that no other reader has.
pub(super) fn new_name() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_ascii() { host.trim() } else { "a host" };
    let unique = RandomState::new().build_hasher().finish();
    let mut name = format!("ids-reader {} at {host}", process::id());
    name.truncate(LONGEST_NAME - UNIQUE);
    format!("{name} {unique:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_are_the_same_and_each_fits() {
        let names = [new_name(), new_name()];
        assert_ne!(names[0], names[1]);
        assert!(names.iter().all(|name| name.len() <= LONGEST_NAME && name.is_ascii()), "{names:?}");
        assert!(names[0].starts_with(&format!("ids-reader {} at ", process::id())), "{names:?}");
    }
}
