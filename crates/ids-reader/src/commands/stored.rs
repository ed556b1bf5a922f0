//! A row of the message store, for commands that look at one.

use anyhow::{Context, bail};
use chrono_tz::Tz;
use emap_ids::{IdsStore, RowText};
use emap_service::{DatabaseSettings, Settings};

/// The text of a row.
pub(super) fn text_of_row(settings: &Settings, unid: i64, zone: Tz) -> anyhow::Result<Vec<u8>> {
    let database = DatabaseSettings::ids(settings)?;
    let mut store = IdsStore::connect_for_reading(&database.connection_string(), &database.schema, zone)?;
    match store.read_row(unid)?.with_context(|| format!("no row {unid} in the message store"))?.text {
        RowText::Text(text) => Ok(text),
        RowText::Missing => bail!("row {unid}: hl7message is null"),
        RowText::Unreadable(reason) => bail!("row {unid}: hl7message cannot be read: {reason}"),
    }
}
