//! Sent = logged + rejected + queued.
//!
//! A message is known by the identifier that its source gave it and by its type. What a run should have sent comes from
//! an undisturbed run over the same store ([`Messages::settled_in`] of that run), or from the caller.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use diesel::{PgConnection, QueryResult};
use serde_json::Value;

use super::sql::{Row, literal, number, quoted, rows, table_names, text};

/// What one message is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The identifier that its source gave it; for messages of the reader, the row's number.
    pub source_id: String,
    /// Full type name.
    pub message_type: String,
}

/// How often each message is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Messages {
    by_key: BTreeMap<Key, u64>,
    /// Messages that cannot be read, and so have no key.
    nameless: u64,
}

impl Messages {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more message.
    pub fn add(&mut self, source_id: impl Into<String>, message_type: impl Into<String>) {
        let key = Key { source_id: source_id.into(), message_type: message_type.into() };
        *self.by_key.entry(key).or_default() += 1;
    }

    /// One more message by its body, as it is sent.
    pub fn add_body(&mut self, body: &[u8]) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let field = |name: &str| body.get(name).and_then(Value::as_str);
        match (field("sourceMessageId"), field("@class")) {
            (Some(source_id), Some(message_type)) => self.add(source_id, message_type),
            _ => self.nameless += 1,
        }
    }

    /// All messages by their bodies: what [`super::queues::bodies`] gives.
    pub fn of_bodies(bodies: &[Vec<u8>]) -> Self {
        let mut messages = Self::new();
        for body in bodies {
            messages.add_body(body);
        }
        messages
    }

    /// What core has done with messages in that star schema: processed or ignored, and rejected.
    ///
    /// # Errors
    /// The server's answer.
    pub fn settled_in(star: &mut PgConnection, schema: &str) -> QueryResult<Self> {
        let mut settled = Self::logged(star, schema)?;
        settled.join(Self::rejected(star, schema)?);
        Ok(settled)
    }

    /// Messages that the effect log has as processed or ignored.
    fn logged(star: &mut PgConnection, schema: &str) -> QueryResult<Self> {
        let from = format!("{}.etl_per_message_logging WHERE NOT error", quoted(schema));
        Self::counted(star, &from)
    }

    /// Messages that are kept as rejects.
    fn rejected(star: &mut PgConnection, schema: &str) -> QueryResult<Self> {
        Self::counted(star, &format!("{}.etl_message_reject", quoted(schema)))
    }

    fn counted(star: &mut PgConnection, from: &str) -> QueryResult<Self> {
        let query = format!("SELECT source_id, message_type, count(*) AS times FROM {from} GROUP BY 1, 2");
        let mut messages = Self::new();
        for row in rows(star, &query)? {
            let times = unsigned(&row, "times");
            match (text(&row, "source_id"), text(&row, "message_type")) {
                (Some(source_id), Some(message_type)) => {
                    *messages.by_key.entry(Key { source_id, message_type }).or_default() += times;
                }
                _ => messages.nameless += times,
            }
        }
        Ok(messages)
    }

    /// Adds those of another place.
    pub fn join(&mut self, others: Self) {
        self.nameless += others.nameless;
        for (key, times) in others.by_key {
            *self.by_key.entry(key).or_default() += times;
        }
    }

    /// How many, those that cannot be read included.
    pub fn count(&self) -> u64 {
        self.by_key.values().sum::<u64>() + self.nameless
    }

    /// Messages that are here and not there at all, however often: with how often they are here.
    pub fn that_are_not_in(&self, others: &Self) -> Vec<(Key, u64)> {
        let unknown = self.by_key.iter().filter(|(key, _)| others.times(key) == 0);
        unknown.map(|(key, times)| (key.clone(), *times)).collect()
    }

    /// Whether the message is here at all.
    pub fn contains(&self, key: &Key) -> bool {
        self.times(key) > 0
    }

    fn times(&self, key: &Key) -> u64 {
        self.by_key.get(key).copied().unwrap_or_default()
    }
}

/// What is found after a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// In the effect log, without those that failed: these are rejects.
    pub logged: Messages,
    /// Kept as rejects by core.
    pub rejected: Messages,
    /// Still in the queues.
    pub queued: Messages,
    /// Rows of the message store.
    pub stored: BTreeSet<i64>,
    /// Rows that the reader has put on record as rejected.
    pub refused: BTreeSet<i64>,
    /// Number of the last row such that it and all before it are confirmed or rejected; none before the first.
    pub position: Option<i64>,
    /// Lines of the effect log that say that a message failed, without a reject that keeps it.
    pub failed_and_not_kept: u64,
}

impl Account {
    /// Reads store and star; `queued` comes from the broker. `store_schema` holds `tbl_ids_master`, `progress_schema` the
    /// tables of the reader's progress, which are in the star database.
    ///
    /// # Errors
    /// A server's answer.
    pub fn read(
        store: &mut PgConnection,
        store_schema: &str,
        star: &mut PgConnection,
        star_schema: &str,
        progress_schema: &str,
        queued: Messages,
    ) -> QueryResult<Self> {
        let unids = |rows: Vec<Row>| rows.iter().filter_map(|row| number(row, "unid")).collect();
        let progress = quoted(progress_schema);
        let has = table_names(star, progress_schema)?;
        let has = |name: &str| has.iter().any(|table| table == name);
        // A reader that never got as far has not made its tables.
        let position = if has("etl_ids_progress") {
            rows(
                star,
                &format!("SELECT max(last_processed_ids_unid) AS unid FROM {progress}.etl_ids_progress"),
            )?
        } else {
            Vec::new()
        };
        let refused = if has("etl_ids_reject") {
            rows(
                star,
                &format!(
                    "SELECT unid FROM {progress}.etl_ids_reject WHERE replayed_at IS NULL AND NOT partial"
                ),
            )?
        } else {
            Vec::new()
        };
        let star_name = quoted(star_schema);
        let failed = rows(
            star,
            &format!(
                "SELECT coalesce(sum(greatest(0, failed - coalesce(kept, 0))), 0)::bigint AS times FROM ( \
                   SELECT source_id, message_type, count(*) AS failed FROM {star_name}.etl_per_message_logging \
                   WHERE error GROUP BY 1, 2) AS lines LEFT JOIN ( \
                   SELECT source_id, message_type, count(*) AS kept FROM {star_name}.etl_message_reject \
                   GROUP BY 1, 2) AS rejects \
                 ON rejects.source_id IS NOT DISTINCT FROM lines.source_id \
                   AND rejects.message_type IS NOT DISTINCT FROM lines.message_type"
            ),
        );
        let failed = failed?;
        Ok(Self {
            logged: Messages::logged(star, star_schema)?,
            rejected: Messages::rejected(star, star_schema)?,
            queued,
            stored: unids(rows(store, &format!("SELECT unid FROM {}.tbl_ids_master", quoted(store_schema)))?),
            refused: unids(refused),
            position: position.first().and_then(|row| number(row, "unid")),
            failed_and_not_kept: failed.first().map_or(0, |row| unsigned(row, "times")),
        })
    }

    /// Weighs what was found against what each row should have given. `all_read`: the reader has had the time to pass
    /// every row, so that a row beyond its position is one that got stuck.
    pub fn balance(&self, expected: &Messages, all_read: bool) -> Balance {
        let mut balance = Balance { failed_and_not_kept: self.failed_and_not_kept, ..Balance::default() };
        let mut present = self.logged.clone();
        present.join(self.rejected.clone());
        present.join(self.queued.clone());
        let position = self.position.unwrap_or(i64::MIN);
        for (key, wanted) in &expected.by_key {
            let found = present.times(key);
            let row = key.source_id.parse::<i64>().ok();
            let is_due = row.is_none_or(|unid| unid <= position && !self.refused.contains(&unid));
            if found < *wanted && is_due {
                balance.lost.push((key.clone(), wanted - found));
            }
            if found > *wanted {
                balance.twice += found - wanted;
            }
        }
        balance.unexpected = present.that_are_not_in(expected);
        balance.nameless = i128::from(present.nameless) - i128::from(expected.nameless);
        if all_read {
            balance.stuck = self.stored.range(position.saturating_add(1)..).copied().collect();
        }
        balance.logged = self.logged.count();
        balance.rejected = self.rejected.count();
        balance.queued = self.queued.count();
        balance.refused = u64::try_from(self.refused.len()).unwrap_or(u64::MAX);
        balance
    }
}

/// What a run comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balance {
    /// Messages of rows up to the reader's position that are nowhere, with how many are missing.
    pub lost: Vec<(Key, u64)>,
    /// Rows beyond the reader's position, if all should have been read.
    pub stuck: Vec<i64>,
    /// How many times a message is there beyond what was expected: at-least-once, after a kill.
    pub twice: u64,
    /// Messages that nothing should have given, with how often they are there.
    pub unexpected: Vec<(Key, u64)>,
    /// Messages that cannot be read, beyond those expected; below zero: missing.
    pub nameless: i128,
    /// Failed, and kept nowhere.
    pub failed_and_not_kept: u64,
    /// Lines of the effect log, without failures.
    pub logged: u64,
    /// Rejects of core.
    pub rejected: u64,
    /// Messages in queues.
    pub queued: u64,
    /// Rejects of the reader.
    pub refused: u64,
}

impl Balance {
    /// Whether nothing is lost, stuck or out of nowhere. Duplicates are allowed.
    pub fn is_kept(&self) -> bool {
        self.lost.is_empty()
            && self.stuck.is_empty()
            && self.unexpected.is_empty()
            && self.nameless >= 0
            && self.failed_and_not_kept == 0
    }
}

impl fmt::Display for Balance {
    /// One line for each number, then the first messages that are lost or unexpected.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |messages: &[(Key, u64)]| messages.iter().map(|(_, times)| times).sum::<u64>();
        let (lost, unexpected) = (sum(&self.lost), sum(&self.unexpected));
        writeln!(f, "logged {}, rejected {}, queued {}", self.logged, self.rejected, self.queued)?;
        writeln!(f, "rejected by the reader {}, stuck {}", self.refused, self.stuck.len())?;
        writeln!(f, "lost {lost}, twice {}, unexpected {unexpected}", self.twice)?;
        writeln!(f, "failed and not kept {}", self.failed_and_not_kept)?;
        for (what, messages) in [("lost", &self.lost), ("unexpected", &self.unexpected)] {
            for (key, times) in messages.iter().take(20) {
                writeln!(f, "{what} {times} of {} {}", key.source_id, key.message_type)?;
            }
        }
        Ok(())
    }
}

fn unsigned(row: &Row, column: &str) -> u64 {
    number(row, column).and_then(|number| number.try_into().ok()).unwrap_or_default()
}

/// Rows of a message store that arrived between two numbers and are not there: gaps, of which late rows come.
///
/// # Errors
/// The server's answer.
pub fn gaps(store: &mut PgConnection, schema: &str) -> QueryResult<Vec<(i64, i64)>> {
    let query = format!(
        "SELECT before + 1 AS first, unid - 1 AS last FROM ( \
           SELECT unid, lag(unid) OVER (ORDER BY unid) AS before FROM {}.tbl_ids_master) AS pairs \
         WHERE unid > before + 1 ORDER BY unid",
        quoted(schema)
    );
    let found = rows(store, &query)?;
    Ok(found.iter().filter_map(|row| Some((number(row, "first")?, number(row, "last")?))).collect())
}

/// Rows of a schema's tables, for a glance: name and number.
///
/// # Errors
/// The server's answer.
pub fn row_counts(connection: &mut PgConnection, schema: &str) -> QueryResult<Vec<(String, u64)>> {
    let names = table_names(connection, schema)?;
    let count = |name: &String| {
        format!("SELECT {} AS name, count(*) AS rows FROM {}.{}", literal(name), quoted(schema), quoted(name))
    };
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let all = names.iter().map(count).collect::<Vec<_>>().join(" UNION ALL ");
    let counted = rows(connection, &format!("{all} ORDER BY 1"))?;
    Ok(counted.iter().filter_map(|row| Some((text(row, "name")?, unsigned(row, "rows")))).collect())
}

#[cfg(test)]
mod tests {
    use super::{Account, Messages};

    fn messages(of: &[(&str, u64)]) -> Messages {
        let mut messages = Messages::new();
        for (source_id, times) in of {
            for _ in 0..*times {
                messages.add(*source_id, "AdmitPatient");
            }
        }
        messages
    }

    fn account(logged: &[(&str, u64)], rejected: &[(&str, u64)], queued: &[(&str, u64)]) -> Account {
        Account {
            logged: messages(logged),
            rejected: messages(rejected),
            queued: messages(queued),
            stored: (1..=4).collect(),
            position: Some(4),
            ..Account::default()
        }
    }

    #[test]
    fn logged_rejected_and_queued_is_all_that_was_sent() {
        let expected = messages(&[("0001", 1), ("0002", 2), ("0003", 1)]);
        let kept =
            account(&[("0001", 1), ("0002", 1)], &[("0002", 1)], &[("0003", 1)]).balance(&expected, true);
        assert!(kept.is_kept(), "{kept}");
        assert_eq!((kept.twice, kept.logged, kept.rejected, kept.queued), (0, 2, 1, 1));
    }

    #[test]
    fn what_is_nowhere_is_lost_and_what_is_there_twice_is_not() {
        let expected = messages(&[("0001", 1), ("0002", 2), ("0003", 1)]);
        let balance = account(&[("0001", 3), ("0002", 1)], &[], &[]).balance(&expected, true);
        assert!(!balance.is_kept());
        let lost: Vec<_> = balance.lost.iter().map(|(key, times)| (key.source_id.as_str(), *times)).collect();
        assert_eq!((lost, balance.twice), (vec![("0002", 1), ("0003", 1)], 2));
    }

    #[test]
    fn rows_behind_the_position_or_refused_by_the_reader_need_not_be_there() {
        let expected = messages(&[("0001", 1), ("0002", 1), ("0003", 1)]);
        let mut account = account(&[("0001", 1)], &[], &[]);
        account.position = Some(2);
        account.refused = [2].into();
        assert!(account.balance(&expected, false).is_kept());
        let all_read = account.balance(&expected, true);
        assert_eq!((all_read.stuck.clone(), all_read.is_kept()), (vec![3, 4], false));
    }

    #[test]
    fn what_nothing_has_sent_is_unexpected_and_a_failure_must_be_kept() {
        let unexpected =
            account(&[("0001", 1), ("9999", 1)], &[], &[]).balance(&messages(&[("0001", 1)]), true);
        assert_eq!((unexpected.unexpected.len(), unexpected.is_kept()), (1, false));
        let mut failed = account(&[], &[], &[]);
        failed.failed_and_not_kept = 1;
        assert!(!failed.balance(&Messages::new(), true).is_kept());
    }

    #[test]
    fn a_body_is_known_by_its_source_and_class() {
        let bodies = [br#"{"@class":"AdmitPatient","sourceMessageId":"7"}"#.to_vec(), b"nonsense".to_vec()];
        let read = Messages::of_bodies(&bodies);
        let mut wanted = messages(&[("7", 1)]);
        wanted.nameless = 1;
        assert_eq!((read.clone(), read.count()), (wanted, 2));
    }
}
