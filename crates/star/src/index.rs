//! Look-ups of rows by a natural key, which also remember what is known to be absent.

use std::{fmt::Debug, hash::Hash};

use diesel::{PgConnection, QueryResult};
use foldhash::{HashMap, HashMapExt};

use crate::{error::SessionError, id::Id, row::Row};

/// One way to ask a table for rows.
pub trait Lookup: Sized + Send + 'static {
    /// Rows that come out.
    type Row: Row;
    /// What is asked with.
    type Key: Clone + Debug + Eq + Hash + Send + 'static;
    /// The column that holds the key; of several, the first.
    const COLUMN: &'static str;
    /// At most one row has a given key, by a constraint of the database.
    const UNIQUE: bool;
    /// Any process may create such a row, whatever it has locked.
    const SHARED: bool;

    /// The key of a row, if it has one.
    fn key(row: &Self::Row) -> Option<Self::Key>;
    /// Refuses a key that no column can hold: the database would not even look for it.
    fn check(key: &Self::Key) -> Result<(), SessionError>;
    /// All stored rows with one of these keys.
    fn load(connection: &mut PgConnection, keys: &[Self::Key]) -> QueryResult<Vec<Self::Row>>;
    /// This look-up's index among its table's.
    fn index(indexes: &<Self::Row as Row>::Indexes) -> &Index<Self>;
    /// This look-up's index among its table's, to be changed.
    fn index_mut(indexes: &mut <Self::Row as Row>::Indexes) -> &mut Index<Self>;
}

/// Ids by key.
#[derive(Debug)]
pub struct Index<L: Lookup> {
    slots: HashMap<L::Key, Slot<L>>,
}

#[derive(Debug)]
struct Slot<L: Lookup> {
    /// In ascending order, so that "the first row" means the same in every run.
    ids: Vec<Id<L::Row>>,
    /// The database has nothing more under this key.
    complete: bool,
}

impl<L: Lookup> Default for Slot<L> {
    fn default() -> Self {
        Self { ids: Vec::new(), complete: false }
    }
}

impl<L: Lookup> Default for Index<L> {
    fn default() -> Self {
        Self { slots: HashMap::new() }
    }
}

impl<L: Lookup> Index<L> {
    /// Ids in memory under this key.
    pub fn ids(&self, key: &L::Key) -> &[Id<L::Row>] {
        self.slots.get(key).map_or(&[], |slot| slot.ids.as_slice())
    }

    /// Memory can answer for this key without asking the database.
    pub fn is_complete(&self, key: &L::Key) -> bool {
        self.slots.get(key).is_some_and(|slot| slot.complete || (L::UNIQUE && !slot.ids.is_empty()))
    }

    /// The database was asked for this key.
    pub fn mark_complete(&mut self, key: L::Key) {
        self.slots.entry(key).or_default().complete = true;
    }

    /// A row is now in memory.
    pub fn add(&mut self, row: &L::Row) {
        if let Some(key) = L::key(row) {
            let ids = &mut self.slots.entry(key).or_default().ids;
            if let Err(place) = ids.binary_search(&row.id()) {
                ids.insert(place, row.id());
            }
        }
    }

    /// A row left memory, or is about to change.
    pub fn remove(&mut self, row: &L::Row) {
        if let Some(slot) = L::key(row).and_then(|key| self.slots.get_mut(&key)) {
            slot.ids.retain(|id| *id != row.id());
        }
    }

    /// What other processes could call a row that is about to be created, too.
    pub(crate) fn shared_name(row: &L::Row) -> Option<String> {
        let key = if L::SHARED { L::key(row) } else { None }?;
        Some(format!("{} {} {key:?}", L::Row::TABLE, L::COLUMN))
    }

    /// Rows that are stored under keys of these new ones though memory took the keys for looked up.
    pub(crate) fn stored_meanwhile(
        &self,
        connection: &mut PgConnection,
        rows: &[&L::Row],
    ) -> QueryResult<Vec<L::Row>> {
        let keys = rows.iter().filter_map(|row| L::key(row)).filter(|key| self.is_complete(key));
        let keys: Vec<_> = if L::SHARED { keys.collect() } else { Vec::new() };
        if keys.is_empty() { Ok(Vec::new()) } else { L::load(connection, &keys) }
    }

    /// Another process may have stored rows meanwhile: only a unique key whose row is known stays answered.
    pub fn forget(&mut self, keep_found: bool) {
        if keep_found && L::UNIQUE {
            self.slots.retain(|_, slot| !slot.ids.is_empty());
        } else if keep_found {
            self.slots.values_mut().for_each(|slot| slot.complete = false);
        } else {
            self.slots.clear();
        }
    }
}
