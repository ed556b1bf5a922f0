//! All tables of a session, in the order in which their rows may be written.

#![allow(clippy::wildcard_imports, reason = "every row of the schema is meant")]

use diesel::PgConnection;

use crate::{
    error::SessionError,
    id::Id,
    ids::Ids,
    inspect::Inspect,
    row::{Audited, Row},
    rows::*,
    table::{Change, Table},
    value::{Instant, just_after},
};

/// A session holds rows of type `R`.
pub trait Holds<R: Row> {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "only `Session` opens its tables")]
    fn table(&self) -> &Table<R>;
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "only `Session` opens its tables")]
    fn table_mut(&mut self) -> &mut Table<R>;
}

/// `field: Row` or `field: Row => audit_field: Twin`, parents before those that refer to them.
macro_rules! tables {
    ($($field:ident: $row:ident $(=> $audit:ident: $twin:ident)?,)*) => {
        /// Rows in memory, table by table.
        #[derive(Debug, Default)]
        pub struct Tables {
            $($field: Table<$row>, $($audit: Table<$twin>,)?)*
        }

        $(
            tables!(@holds $field: $row);
            $(tables!(@holds $audit: $twin);)?
        )*

        /// What people know a row of the table of this name by ([`Row::KNOWN_BY`]), for those who compare or show
        /// what is stored. Empty for audit twins and for tables of other programs.
        pub fn known_by(table: &str) -> &'static [&'static [&'static str]] {
            $(tables!(@known_by table, $row);)*
            &[]
        }

        impl Tables {
            /// Names of all tables.
            pub const NAMES: &[&str] = &[$(<$row as Row>::TABLE, $(<$twin as Row>::TABLE,)?)*];

            /// Undoes, in every table, what the present message did.
            pub(crate) fn undo_message(&mut self) {
                $(self.$field.undo_message(); $(self.$audit.undo_message();)?)*
            }

            /// Keeps what the present message did, and the former versions of what it changed.
            pub(crate) fn close_message(
                &mut self,
                ids: &mut Ids,
                mut connection: Option<&mut PgConnection>,
                stored_until: Instant,
            ) -> Result<(), SessionError> {
                $(tables!(@close self, ids, connection, stored_until, $field $(=> $audit)?);)*
                Ok(())
            }

            /// What other processes could call rows that the batch creates and no lock covers.
            pub(crate) fn shared_names(&self) -> Vec<String> {
                let mut names = Vec::new();
                $(self.$field.add_shared_names(&mut names);)*
                names
            }

            /// Refuses to create rows that another process has created since they were looked up.
            pub(crate) fn check_shared(&self, connection: &mut PgConnection) -> Result<(), SessionError> {
                $(self.$field.check_shared(connection)?;)*
                Ok(())
            }

            /// Brings the database to what memory holds: deletions first and children before parents, then table by
            /// table changes and new rows, parents before children, then audit rows, then what has been left by those
            /// that referred to it.
            pub(crate) fn flush(
                &mut self,
                connection: &mut PgConnection,
                buffer: &mut Vec<u8>,
            ) -> Result<(), SessionError> {
                tables!(@deletions self, connection, false, [$($field)*]);
                $(self.$field.flush_rows(connection, buffer)?;)*
                $($(self.$audit.flush_rows(connection, buffer)?;)?)*
                tables!(@deletions self, connection, true, [$($field)*]);
                Ok(())
            }

            /// The database now has everything that memory has.
            pub(crate) fn mark_written(&mut self) {
                $(self.$field.mark_written(); $(self.$audit.mark_written();)?)*
            }

            /// Shows the tables but the audit twins, parents before those that refer to them.
            pub(crate) fn inspect(&self, inspector: &mut impl Inspect) {
                $(inspector.table(self.$field.rows());)*
            }

            /// Drops all rows; those of type tables stay if `keep_types` says so.
            pub(crate) fn forget(&mut self, keep_types: bool) {
                $(self.$field.forget(keep_types); $(self.$audit.forget(keep_types);)?)*
            }

            /// The batch changed rows, or at least tried to.
            pub(crate) fn is_changed(&self) -> bool {
                false $(|| self.$field.is_changed())*
            }

            /// Rows held in memory.
            pub(crate) fn len(&self) -> usize {
                0 $(+ self.$field.len() $(+ self.$audit.len())?)*
            }
        }
    };
    (@known_by $name:ident, $row:ident) => {
        if $name == <$row as Row>::TABLE {
            return <$row as Row>::KNOWN_BY;
        }
    };
    (@holds $field:ident: $row:ident) => {
        impl Holds<$row> for Tables {
            #[expect(private_interfaces, reason = "only `Session` opens its tables")]
            fn table(&self) -> &Table<$row> {
                &self.$field
            }
            #[expect(private_interfaces, reason = "only `Session` opens its tables")]
            fn table_mut(&mut self) -> &mut Table<$row> {
                &mut self.$field
            }
        }
    };
    (@close $self:ident, $ids:ident, $connection:ident, $until:ident, $field:ident) => {
        $self.$field.close_message(|_, _| false);
    };
    (@close $self:ident, $ids:ident, $connection:ident, $until:ident, $field:ident => $audit:ident) => {
        for change in $self.$field.close_message(same_values) {
            let noted = noted(&change.before, $until);
            $self.$field.amend(change.before.id(), |row| row.stamp(row.valid_from(), noted));
            let twin = former_version(&change, Id::new($ids.next($connection.as_deref_mut())?), noted);
            $self.$audit.put(twin, None)?;
        }
        $self.$audit.close_message(|_, _| false);
    };
    (@deletions $self:ident, $connection:ident, $left:literal, [$first:ident $($rest:ident)*]) => {
        tables!(@deletions $self, $connection, $left, [$($rest)*]);
        $self.$first.flush_deletions($connection, $left)?;
    };
    (@deletions $self:ident, $connection:ident, $left:literal, []) => {};
}

for_each_table!(tables);

/// The rows differ at most in when they were noted.
fn same_values<R: Audited>(before: &R, after: &R) -> bool {
    let mut after = after.clone();
    after.stamp(before.valid_from(), before.stored_from());
    after == *before
}

/// When the database learnt that these values no longer hold: when the message was processed, but later than it learnt
/// of the values themselves. Clocks step back, and those of two processes differ.
fn noted<R: Audited>(before: &R, at: Instant) -> Instant {
    at.max(just_after(before.stored_from()))
}

fn former_version<R: Audited>(change: &Change<R>, twin_id: Id<R::Twin>, stored_until: Instant) -> R::Twin {
    let valid_until = change.until.unwrap_or(stored_until);
    change.before.to_twin(twin_id, valid_until, stored_until)
}
