//! The rows of one table in memory: an identity map with look-ups, a journal of the present message, and what is to be
//! written.

use diesel::{PgConnection, QueryResult};
use foldhash::{HashMap, HashMapExt};

use crate::{
    error::SessionError,
    flush::copy_stream,
    id::Id,
    index::Lookup,
    row::{IndexSet, Row},
    value::Instant,
};

/// What memory knows of one primary key.
#[derive(Debug, Clone)]
struct Entry<R: Row> {
    /// None once deleted.
    row: Option<R>,
    /// What the database has under the key.
    stored: Stored<R::Version>,
    /// Message that last touched the row, and its place in that message's journal.
    touched: Option<(u64, usize)>,
}

/// What the database has under a primary key, as far as the batch knows.
#[derive(Debug, Clone)]
enum Stored<V> {
    /// Nothing yet: the batch creates the row.
    Nothing,
    /// The row as memory has it.
    Same,
    /// This version, which the batch changed or deleted.
    Former(V),
}

impl<V> Stored<V> {
    /// The batch is about to write over it.
    fn leave(&mut self, version: impl FnOnce() -> V) {
        if matches!(self, Self::Same) {
            *self = Self::Former(version());
        }
    }

    /// The database is to be brought to what memory has.
    fn is_behind(&self) -> bool {
        !matches!(self, Self::Same)
    }
}

/// A row as it was before the present message touched it.
#[derive(Debug)]
struct Before<R: Row> {
    id: Id<R>,
    entry: Option<Entry<R>>,
    until: Option<Instant>,
    /// The message changed it even if only its times differ.
    confirmed: bool,
}

/// A row that existed before a message and that the message changed or deleted.
#[derive(Debug)]
pub(crate) struct Change<R> {
    /// The former version.
    pub(crate) before: R,
    /// Hospital time until which the former version held.
    pub(crate) until: Option<Instant>,
}

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Table<R: Row> {
    entries: HashMap<Id<R>, Entry<R>>,
    indexes: R::Indexes,
    journal: Vec<Before<R>>,
    dirty: Vec<Id<R>>,
    message: u64,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            indexes: R::Indexes::default(),
            journal: Vec::new(),
            dirty: Vec::new(),
            message: 0,
        }
    }
}

impl<R: Row> Table<R> {
    pub(crate) fn get(&self, id: Id<R>) -> Option<&R> {
        self.entries.get(&id).and_then(|entry| entry.row.as_ref())
    }

    /// The database has no row of this primary key yet: the present batch creates it.
    pub(crate) fn is_new(&self, id: Id<R>) -> bool {
        self.entries.get(&id).is_some_and(|entry| matches!(entry.stored, Stored::Nothing))
    }

    /// Memory can answer for this primary key.
    pub(crate) fn knows(&self, id: Id<R>) -> bool {
        self.entries.contains_key(&id)
    }

    /// A row that the present batch creates, if there is any.
    pub(crate) fn any_new(&self) -> Option<&R> {
        let mut entries = self.dirty.iter().filter_map(|id| self.entries.get(id));
        entries.find(|entry| matches!(entry.stored, Stored::Nothing)).and_then(|entry| entry.row.as_ref())
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &R> {
        self.entries.values().filter_map(|entry| entry.row.as_ref())
    }

    pub(crate) fn find<'a, L: Lookup<Row = R>>(&'a self, key: &L::Key) -> impl Iterator<Item = &'a R> {
        L::index(&self.indexes).ids(key).iter().filter_map(|id| self.get(*id))
    }

    pub(crate) fn is_complete<L: Lookup<Row = R>>(&self, key: &L::Key) -> bool {
        L::index(&self.indexes).is_complete(key)
    }

    pub(crate) fn mark_complete<L: Lookup<Row = R>>(&mut self, key: L::Key) {
        L::index_mut(&mut self.indexes).mark_complete(key);
    }

    /// Takes in rows from the database, never over a row that memory already holds.
    pub(crate) fn take_in(&mut self, rows: Vec<R>) {
        for row in rows {
            let id = row.id();
            if !self.entries.contains_key(&id) {
                self.indexes.add(&row);
                self.entries.insert(id, Entry { row: Some(row), stored: Stored::Same, touched: None });
            }
        }
    }

    /// Takes in rows from the database also over rows kept from former batches, but not over what this batch changed.
    pub(crate) fn take_in_anew(&mut self, rows: Vec<R>) {
        for row in &rows {
            if self.entries.get(&row.id()).is_some_and(|entry| !entry.stored.is_behind())
                && let Some(kept) = self.entries.remove(&row.id()).and_then(|entry| entry.row)
            {
                self.indexes.remove(&kept);
            }
        }
        self.take_in(rows);
    }

    /// The row now has these values. `until`: hospital time at which its former version ended.
    pub(crate) fn put(&mut self, row: R, until: Option<Instant>) -> Result<(), SessionError> {
        row.check()?;
        let id = row.id();
        self.note(id, until);
        let entry =
            self.entries.entry(id).or_insert(Entry { row: None, stored: Stored::Nothing, touched: None });
        if let Some(old) = &entry.row {
            self.indexes.remove(old);
            entry.stored.leave(|| old.version());
        }
        self.indexes.add(&row);
        entry.row = Some(row);
        self.mark_dirty(id);
        Ok(())
    }

    /// What the message just put counts as a change even if only the row's times differ.
    pub(crate) fn confirm(&mut self, id: Id<R>) {
        if let Some((_, place)) = self.entries.get(&id).and_then(|entry| entry.touched) {
            self.journal[place].confirmed = true;
        }
    }

    pub(crate) fn remove(&mut self, id: Id<R>, until: Option<Instant>) {
        if self.get(id).is_none() {
            return;
        }
        self.note(id, until);
        if let Some(entry) = self.entries.get_mut(&id)
            && let Some(row) = entry.row.take()
        {
            self.indexes.remove(&row);
            entry.stored.leave(|| row.version());
        }
        self.mark_dirty(id);
    }

    /// Keeps what the row was before this message, once.
    fn note(&mut self, id: Id<R>, until: Option<Instant>) {
        let entry = self.entries.get(&id);
        if let Some((message, place)) = entry.and_then(|entry| entry.touched)
            && message == self.message
        {
            self.journal[place].until = until;
            return;
        }
        self.journal.push(Before { id, entry: entry.cloned(), until, confirmed: false });
    }

    /// The row is to be written, or deleted, with the next flush.
    fn mark_dirty(&mut self, id: Id<R>) {
        let place = (self.message, self.journal.len().saturating_sub(1));
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.touched.is_none_or(|(message, _)| message != self.message)
        {
            entry.touched = Some(place);
            self.dirty.push(id);
        }
    }

    /// Everything the message did here never happened.
    pub(crate) fn undo_message(&mut self) {
        while let Some(before) = self.journal.pop() {
            self.restore(before.id, before.entry);
        }
        self.message += 1;
    }

    fn restore(&mut self, id: Id<R>, entry: Option<Entry<R>>) {
        if let Some(row) = self.entries.remove(&id).and_then(|entry| entry.row) {
            self.indexes.remove(&row);
        }
        if let Some(entry) = entry {
            if let Some(row) = &entry.row {
                self.indexes.add(row);
            }
            self.entries.insert(id, entry);
        }
    }

    /// The message is over and stays. Gives the former versions of the rows it changed or deleted; rows for which
    /// `unchanged` holds are put back as they were and do not count.
    pub(crate) fn close_message(&mut self, unchanged: impl Fn(&R, &R) -> bool) -> Vec<Change<R>> {
        let mut changes = Vec::new();
        for Before { id, entry, until, confirmed } in std::mem::take(&mut self.journal) {
            let Some(before) = entry.as_ref().and_then(|entry| entry.row.clone()) else { continue };
            if !confirmed && self.get(id).is_some_and(|after| unchanged(&before, after)) {
                self.restore(id, entry);
            } else {
                changes.push(Change { before, until });
            }
        }
        self.message += 1;
        changes
    }

    /// The row, which the message that is over had changed, was noted then.
    pub(crate) fn amend(&mut self, id: Id<R>, amend: impl FnOnce(&mut R)) {
        if let Some(row) = self.entries.get_mut(&id).and_then(|entry| entry.row.as_mut()) {
            amend(row);
        }
    }

    /// What the database does not have yet, as far as it is picked, in order of primary key: all processes lock rows in
    /// one order.
    fn behind<'a, T>(&'a self, pick: impl Fn(&'a Entry<R>) -> Option<T>) -> Vec<(Id<R>, T)> {
        let picked = |id: &Id<R>| Some((*id, pick(self.entries.get(id)?)?));
        let mut behind: Vec<_> = self.dirty.iter().filter_map(picked).collect();
        behind.sort_unstable_by_key(|(id, _)| *id);
        behind.dedup_by_key(|(id, _)| *id);
        behind
    }

    /// Rows that the batch creates.
    fn new_rows(&self) -> Vec<&R> {
        let new = self.behind(|entry| match (&entry.row, &entry.stored) {
            (Some(row), Stored::Nothing) => Some(row),
            _ => None,
        });
        new.into_iter().map(|(_, row)| row).collect()
    }

    /// What other processes could call the rows that the batch creates.
    pub(crate) fn add_shared_names(&self, names: &mut Vec<String>) {
        if R::Indexes::SHARED {
            names.extend(self.new_rows().into_iter().flat_map(R::Indexes::shared_names));
        }
    }

    /// Refuses to create rows that another process has created since they were looked up.
    pub(crate) fn check_shared(&self, connection: &mut PgConnection) -> Result<(), SessionError> {
        if !R::Indexes::SHARED {
            return Ok(());
        }
        let new = self.new_rows();
        let stored = self.indexes.stored_meanwhile(connection, &new)?;
        if stored.iter().all(|row| self.knows(row.id())) {
            Ok(())
        } else {
            Err(SessionError::ChangedMeanwhile { table: R::TABLE })
        }
    }

    /// Deletes in the database what memory deleted. It is called before the other changes and, `after_changes`, when
    /// those have been written: each table has its turn in one of the two.
    pub(crate) fn flush_deletions(
        &mut self,
        connection: &mut PgConnection,
        after_changes: bool,
    ) -> Result<(), SessionError> {
        if R::LEFT_BEFORE_DELETED != after_changes {
            return Ok(());
        }
        let gone = self.behind(|entry| match (&entry.row, &entry.stored) {
            (None, Stored::Former(version)) => Some(version),
            _ => None,
        });
        if gone.is_empty() { Ok(()) } else { all_of::<R>(gone.len(), R::delete(connection, &gone)?) }
    }

    /// Writes new and changed rows.
    pub(crate) fn flush_rows(
        &mut self,
        connection: &mut PgConnection,
        buffer: &mut Vec<u8>,
    ) -> Result<(), SessionError> {
        if self.dirty.is_empty() {
            return Ok(());
        }
        let changed = self.behind(|entry| match (&entry.row, &entry.stored) {
            (Some(row), Stored::Former(version)) => Some((row, version)),
            _ => None,
        });
        if !changed.is_empty() {
            let changed: Vec<_> = changed.into_iter().map(|(_, change)| change).collect();
            all_of::<R>(changed.len(), R::update(connection, &changed)?)?;
        }
        let new = self.new_rows();
        if !new.is_empty() {
            copy_stream(&new, buffer);
            R::insert(connection, buffer)?;
        }
        Ok(())
    }

    /// The database now has everything that memory has.
    pub(crate) fn mark_written(&mut self) {
        for id in std::mem::take(&mut self.dirty) {
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            if entry.row.is_some() {
                entry.stored = Stored::Same;
            } else {
                self.entries.remove(&id);
            }
        }
    }

    /// Drops the rows, because other processes may change them. Rows of a type table stay if `keep` says so.
    pub(crate) fn forget(&mut self, keep: bool) {
        let keep = keep && R::TYPE_TABLE;
        if !keep {
            self.entries.clear();
            self.dirty.clear();
        }
        self.journal.clear();
        self.indexes.forget(keep);
    }

    pub(crate) fn is_changed(&self) -> bool {
        !self.dirty.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// Rows of which the stored version is no longer the one that was read were left out: another process changed or deleted
/// them meanwhile.
fn all_of<R: Row>(expected: usize, written: usize) -> Result<(), SessionError> {
    if written == expected { Ok(()) } else { Err(SessionError::ChangedMeanwhile { table: R::TABLE }) }
}

impl<R> IndexSet<R> for () {
    fn add(&mut self, _: &R) {}
    fn remove(&mut self, _: &R) {}
    fn forget(&mut self, _: bool) {}
    fn shared_names(_: &R) -> Vec<String> {
        Vec::new()
    }
    fn stored_meanwhile(&self, _: &mut PgConnection, _: &[&R]) -> QueryResult<Vec<R>> {
        Ok(Vec::new())
    }
}
