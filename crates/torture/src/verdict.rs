//! Whether the promise was kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Context;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use emap_interchange::queues::HL7_QUEUE;
use emap_test_support::faults::{
    ledger::{
        actions::Actions,
        balance::{Account, Balance, Key, Messages},
        history::flaws,
        markers, queues,
        reception::Reception,
    },
    process::Usage,
};

use crate::{
    daemons::{Ended, Supervised},
    databases::Databases,
    engine::Told,
    equality::{self, Compared, Comparison, compare},
    gauges::growth,
    outbox,
    servers::{IDS, Names, STAR, Servers, connect},
    stream::{MARKER, Row, Way},
};

/// Rows of a difference that are printed.
const SHOWN: usize = 10;
/// The reader remembers what it has sent of these, and sends them again after a start.
const SENT_AGAIN_AFTER_A_START: &str = "PatientInfection";

/// What an undisturbed run gave.
pub(crate) struct Reference {
    /// Every message that core settled.
    pub(crate) settled: Messages,
    rejected: Messages,
    refused: BTreeSet<i64>,
    tables: Compared,
    /// What the daemons use when they rest: the connector, the reader, core.
    pub(crate) usage: [Option<Usage>; 3],
}

/// Reads store and star. `queued`: what is still in the queue.
///
/// # Errors
/// A server's answer.
pub(crate) fn account(servers: &Servers, names: &Names, queued: Messages) -> anyhow::Result<Account> {
    let mut store = connect(&servers.store, names.store)?;
    let mut star = connect(&servers.star, names.star)?;
    Ok(Account::read(&mut store, IDS, &mut star, STAR, STAR, queued)?)
}

impl Reference {
    /// Reads what the run has left.
    ///
    /// # Errors
    /// A server's answer.
    pub(crate) fn read(servers: &Servers, names: &Names, usage: [Option<Usage>; 3]) -> anyhow::Result<Self> {
        let account = account(servers, names, Messages::new())?;
        let mut star = connect(&servers.star, names.star)?;
        Ok(Self {
            settled: Messages::settled_in(&mut star, STAR)?,
            rejected: account.rejected,
            refused: account.refused,
            tables: equality::read(&mut star, names.partitions)?,
            usage,
        })
    }
}

/// Messages that were on record as cancelled before they arrived: a movement that was applied, then cancelled, and then
/// delivered once more.
fn cancelled(servers: &Servers, names: &Names) -> anyhow::Result<BTreeSet<Key>> {
    let mut star = connect(&servers.star, names.star)?;
    let query = format!(
        "SELECT DISTINCT source_id, message_type FROM {STAR}.etl_message_reject WHERE reason LIKE 'cancelled:%' \
         AND source_id IS NOT NULL AND message_type IS NOT NULL"
    );
    let rows = sql_query(query).load::<Cancelled>(&mut star)?;
    let key = |row: Cancelled| Key { source_id: row.source_id, message_type: row.message_type };
    Ok(rows.into_iter().map(key).collect())
}

#[derive(QueryableByName)]
struct Cancelled {
    #[diesel(sql_type = Text)]
    source_id: String,
    #[diesel(sql_type = Text)]
    message_type: String,
}

/// What was found after a run with faults.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) balance: Balance,
    pub(crate) reception: Reception,
    pub(crate) actions: Actions,
    pub(crate) comparison: Comparison,
    /// Everything that is wrong, in words; nothing if the promise was kept.
    pub(crate) complaints: Vec<String>,
}

impl Verdict {
    /// Looks at everything that a stopped pipeline has left.
    ///
    /// # Errors
    /// A server's answer, or a log that cannot be read.
    pub(crate) fn of(
        servers: &Servers,
        names: &Names,
        expected: &Reference,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        let url = servers.broker.url(&names.virtual_host);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let queued = runtime.block_on(queues::bodies(&url, HL7_QUEUE)).context("the queue")?;
        let account = account(servers, names, Messages::of_bodies(&queued))?;
        let mut verdict = Self { balance: account.balance(&expected.settled, true), ..Self::default() };
        let is_again = |(key, _): &(Key, u64)| key.message_type.ends_with(SENT_AGAIN_AFTER_A_START);
        verdict.balance.unexpected.retain(|message| !is_again(message));
        if !verdict.balance.is_kept() {
            verdict.complain("the ledger does not balance");
        }
        let mut at_fault = account.rejected.that_are_not_in(&expected.rejected);
        let cancelled = cancelled(servers, names)?;
        at_fault.retain(|(key, _)| !(cancelled.contains(key) && account.logged.contains(key)));
        for (key, times) in at_fault.iter().take(SHOWN) {
            verdict.complain(format!("{} {} was rejected {times} times", key.source_id, key.message_type));
        }
        for row in account.refused.symmetric_difference(&expected.refused).take(SHOWN) {
            verdict.complain(format!("row {row} was rejected by the reader in one of the two runs"));
        }
        let mut star = connect(&servers.star, names.star)?;
        let found = equality::read(&mut star, names.partitions)?;
        verdict.comparison = compare(&expected.tables, &found);
        verdict.complain_of_rows();
        for finding in flaws(&mut star, STAR)?.iter().take(SHOWN) {
            verdict.complain(format!("history: {finding}"));
        }
        verdict.read_logs(logs)?;
        Ok(verdict)
    }

    /// Looks for what the engine was told is accepted.
    ///
    /// # Errors
    /// A server's answer.
    pub(crate) fn look_at_reception(
        &mut self,
        servers: &Servers,
        names: &Names,
        rows: &[Row],
        told: &Told,
    ) -> anyhow::Result<()> {
        let texts: BTreeMap<i64, &str> = rows.iter().map(|row| (row.unid, row.text.as_str())).collect();
        let acknowledged = told.acknowledged.iter().filter_map(|unid| texts.get(unid).copied());
        let acknowledged: Vec<&str> = acknowledged.collect();
        let mut store = connect(&servers.store, names.store)?;
        self.reception = Reception::read(&mut store, IDS, &acknowledged)?;
        if !self.reception.is_kept() {
            self.complain("what the connector acknowledged is not in the message store as it should be");
        }
        let sent = rows.iter().filter(|row| row.way == Way::Sent).count();
        if told.acknowledged.len() + told.complaints.len() != sent {
            self.complain(format!(
                "{sent} messages were to be sent, {} were acknowledged",
                told.acknowledged.len()
            ));
        }
        self.complaints.extend(told.complaints.iter().take(SHOWN).cloned());
        Ok(())
    }

    /// Looks for actions that were not published, and whether messages were stored in as many transactions as expected.
    ///
    /// # Errors
    /// A server's answer.
    pub(crate) fn look_at_actions(&mut self, servers: &Servers, names: &Names) -> anyhow::Result<()> {
        let mut connection = connect(&servers.store, names.connector)?;
        let (actions, without) = outbox::account(&servers.broker.url(&names.virtual_host), &mut connection)?;
        if !actions.is_kept() {
            self.complain("what the connector published is not what was in its outbox");
        }
        for message in without.iter().take(SHOWN) {
            self.complain(format!("message {message} was accepted, and its actions are missing"));
        }
        let waiting = servers.store.query(names.connector, "SELECT count(*) FROM public.connector_outbox")?;
        if waiting != "0" {
            self.complain(format!("{waiting} documents of the connector are still in its outbox"));
        }
        // Its notes about appended messages, which it needs only for a second transaction.
        let notes =
            servers.store.query(names.store, "SELECT to_regclass('ids.connector_appended') IS NOT NULL")?;
        if (notes == "t") != (names.databases == Databases::Two) {
            self.complain("the connector did not store in as many transactions as it has databases");
        }
        self.actions = actions;
        Ok(())
    }

    /// One more thing that is wrong.
    pub(crate) fn complain(&mut self, complaint: impl Into<String>) {
        self.complaints.push(complaint.into());
    }

    fn complain_of_rows(&mut self) {
        let wrong = &self.comparison.wrong;
        let mut by_table: BTreeMap<&str, usize> = BTreeMap::new();
        for difference in wrong {
            *by_table.entry(&difference.table).or_default() += 1;
        }
        let counts = by_table.iter().map(|(table, count)| format!("{count} rows of {table} differ"));
        let shown = wrong.iter().take(SHOWN).map(|difference| {
            let which = &difference.only_in;
            format!(
                "{} (only in the {which:?} of undisturbed and disturbed): {}",
                difference.table, difference.row
            )
        });
        let complaints: Vec<String> = counts.chain(shown).collect();
        self.complaints.extend(complaints);
    }

    /// Patient data and secrets, and panics.
    fn read_logs(&mut self, logs: &Path) -> anyhow::Result<()> {
        let leaks = markers::in_files([logs], &[MARKER, "panicked at"])?;
        for leak in leaks.iter().take(SHOWN) {
            let what = if leak.marker == 0 { "patient data or a secret" } else { "a panic" };
            self.complain(format!("{what} in {} line {}", leak.place.display(), leak.line));
        }
        Ok(())
    }

    /// How the daemons ended, and what they use now that they rest.
    pub(crate) fn look_at_daemons(&mut self, daemons: [&Supervised; 3], expected: &Reference) {
        for (daemon, before) in daemons.into_iter().zip(expected.usage) {
            if let (Some(before), Some(after)) = (before, Usage::of(daemon.id())) {
                self.complaints.extend(growth(daemon.name, before, after));
            }
        }
    }

    /// Ends that should not have been.
    pub(crate) fn look_at_ends(&mut self, ends: &[Ended]) {
        for ended in ends {
            if let Some(complaint) = &ended.complaint {
                self.complain(format!("{} {complaint}", ended.name));
            }
        }
    }
}
