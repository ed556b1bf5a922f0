//! `star_table!`: one declaration gives a table's diesel schema, its row, its audit twin and its look-ups.

/// Declares a table of the star schema.
///
/// ```text
/// star_table! {
///     /// What a row is.
///     HospitalVisit: audited,
///     known_by [encounter],
///     columns {
///         /// What the column means.
///         encounter: String => (Varchar),
///     }
///     lookups {
///         /// The visit with an encounter number.
///         unique VisitByEncounter: encounter => String,
///         /// Visits of a kind at a time; the key is a struct of its own.
///         many VisitByKind: VisitKind { patient_class: String, presented: DateTime<Utc> },
///     }
/// }
/// ```
///
/// The names follow from that of the row: table `hospital_visit` with the key `hospital_visit_id` of the type
/// `HospitalVisitId`, its indexes in memory `HospitalVisitIndexes`, and for the twin `HospitalVisitAudit`,
/// `HospitalVisitAuditId`, `hospital_visit_audit`, `hospital_visit_audit_id` and `HospitalVisitAuditIndexes`. A table
/// that has another name states it together with its key: `Row(table, key)`, or `Row(module = "table", key)` where a
/// column has the table's name, which diesel does not allow for the module of the table.
///
/// Kinds: `audited` adds `valid_from` and `stored_from` to the row and gives it a twin; `audited_or_of_none` is the same
/// with a twin that also holds versions of rows that never existed (`twin_lookups { … }` after the look-ups are those of
/// the twin); `state` adds `valid_from`, `stored_from`, `valid_until`, `stored_until`; `plain` adds nothing;
/// `type_table` is `plain` with rows that are kept in memory from batch to batch.
///
/// `known_by [column, …] or [column, …]` names what a row is known by whatever its primary key ([`Row::KNOWN_BY`]);
/// `deleted last` delays deletions ([`Row::LEFT_BEFORE_DELETED`]). What is deleted together with a row stands in
/// `dependents.rs`: it goes across all files of rows, which must not refer to each other in a circle.
///
/// [`Row::KNOWN_BY`]: crate::row::Row::KNOWN_BY
/// [`Row::LEFT_BEFORE_DELETED`]: crate::row::Row::LEFT_BEFORE_DELETED
macro_rules! star_table {
    (
        $(#[$($doc:tt)*])*
        $row:ident : $kind:ident, $($declared:tt)*
    ) => {
        pastey::paste! {
            $crate::star_table::star_table! {
                @kind $kind
                [$(#[$($doc)*])* $row([<$row Id>]), [<$row:snake>], [<$row:snake _id>], [<$row Indexes>]]
                [[<$row Audit>]([<$row AuditId>]), [<$row:snake _audit>], [<$row:snake _audit_id>], [<$row AuditIndexes>]]
                $($declared)*
            }
        }
    };
    (
        $(#[$($doc:tt)*])*
        $row:ident($table:ident $(= $sql_name:literal)?, $key:ident): $kind:ident, $($declared:tt)*
    ) => {
        pastey::paste! {
            $crate::star_table::star_table! {
                @kind $kind
                [$(#[$($doc)*])* $row([<$row Id>]), $table $(= $sql_name)?, $key, [<$row Indexes>]]
                []
                $($declared)*
            }
        }
    };
    (@kind audited $names:tt $twin_names:tt $($declared:tt)*) => {
        $crate::star_table::audited_table! { [BigInt] $names $twin_names $($declared)* }
    };
    (@kind audited_or_of_none $names:tt $twin_names:tt $($declared:tt)*) => {
        $crate::star_table::audited_table! { [Nullable<BigInt>] $names $twin_names $($declared)* }
    };
    (
        @kind state
        [$(#[$doc:meta])* $row:ident($id:ident), $table:ident, $key:ident, $indexes:ident] $no_twin:tt
        $(known_by $([$($known:ident),+])or+,)?
        columns { $($(#[$cdoc:meta])* $column:ident : $rust:ty => ($($sql:tt)+),)* }
        $(lookups { $($lookups:tt)* })?
    ) => {
        $crate::star_table::stored_row! {
            $(#[$doc])*
            $row($id), $table, $key,
            marks { $($crate::star_table::known_by! { $row $([$($known)+])+ })? }
            columns {
                /// When the star database learnt of this period.
                stored_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
                /// Hospital time at which this period began.
                valid_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
                /// When the star database learnt of the end of this period; null while it lasts.
                stored_until: Option<chrono::DateTime<chrono::Utc>> => (Nullable<Timestamptz>),
                /// Hospital time at which this period ended; null while it lasts.
                valid_until: Option<chrono::DateTime<chrono::Utc>> => (Nullable<Timestamptz>),
                $($(#[$cdoc])* $column: $rust => ($($sql)+),)*
            }
            $(lookups $indexes { $($lookups)* })?
        }

        $crate::star_table::constructor! {
            $row($id) $key [stored_until: None, valid_until: None,] [] []
            stored_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
            valid_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
            $($column: $rust => ($($sql)+),)*
        }
    };
    (@kind plain $names:tt $no_twin:tt $($declared:tt)*) => {
        $crate::star_table::plain_table! { [] $names $($declared)* }
    };
    (@kind type_table $names:tt $no_twin:tt $($declared:tt)*) => {
        $crate::star_table::plain_table! { [const TYPE_TABLE: bool = true;] $names $($declared)* }
    };
}

/// A table with an audit twin; `$former` is the SQL type of the twin's column that leads to the row.
macro_rules! audited_table {
    (
        [$($former:tt)+]
        [$(#[$doc:meta])* $row:ident($id:ident), $table:ident, $key:ident, $indexes:ident]
        [$twin:ident($twin_id:ident), $twin_table:ident, $twin_key:ident, $twin_indexes:ident]
        $(known_by $([$($known:ident),+])or+,)? $(deleted $when:ident,)?
        columns { $($(#[$cdoc:meta])* $column:ident : $rust:ty => ($($sql:tt)+),)* }
        $(lookups { $($lookups:tt)* })?
        $(twin_lookups { $($twin_lookups:tt)* })?
    ) => {
        $crate::star_table::stored_row! {
            $(#[$doc])*
            $row($id), $table, $key,
            marks {
                $($crate::star_table::known_by! { $row $([$($known)+])+ })?
                $($crate::star_table::deleted! { $when })?
            }
            columns {
                /// When the star database learnt of the present values.
                stored_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
                /// Hospital time from which the present values hold.
                valid_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
                $($(#[$cdoc])* $column: $rust => ($($sql)+),)*
            }
            $(lookups $indexes { $($lookups)* })?
        }

        $crate::star_table::stored_row! {
            #[doc = concat!("A former version of a row of `", stringify!($table), "`.")]
            $twin($twin_id), $twin_table, $twin_key,
            marks {}
            columns {
                /// When the star database learnt of these values.
                stored_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
                /// Hospital time from which these values held.
                valid_from: chrono::DateTime<chrono::Utc> => (Timestamptz),
                /// When the star database learnt that these values no longer hold.
                stored_until: Option<chrono::DateTime<chrono::Utc>> => (Nullable<Timestamptz>),
                /// Hospital time until which these values held.
                valid_until: Option<chrono::DateTime<chrono::Utc>> => (Nullable<Timestamptz>),
                /// Primary key of the row that this is a former version of.
                $key: $crate::star_table::former_key!($id $($former)+) => ($($former)+),
                $($(#[$cdoc])* $column: $rust => ($($sql)+),)*
            }
            $(lookups $twin_indexes { $($twin_lookups)* })?
        }

        $crate::star_table::constructor! {
            $row($id) $key
            [stored_from: chrono::DateTime::UNIX_EPOCH, valid_from: chrono::DateTime::UNIX_EPOCH,]
            [] [] $($column: $rust => ($($sql)+),)*
        }

        impl $crate::row::Audited for $row {
            type Twin = $twin;

            fn valid_from(&self) -> $crate::value::Instant {
                self.valid_from
            }

            fn stored_from(&self) -> $crate::value::Instant {
                self.stored_from
            }

            fn stamp(&mut self, valid_from: $crate::value::Instant, stored_from: $crate::value::Instant) {
                self.valid_from = valid_from;
                self.stored_from = stored_from;
            }

            fn to_twin(
                &self,
                twin_id: $twin_id,
                valid_until: $crate::value::Instant,
                stored_until: $crate::value::Instant,
            ) -> $twin {
                $twin {
                    $twin_key: twin_id,
                    stored_from: self.stored_from,
                    valid_from: self.valid_from,
                    stored_until: Some(stored_until),
                    valid_until: Some(valid_until),
                    $key: self.$key.into(),
                    $($column: self.$column.clone(),)*
                }
            }
        }
    };
}

/// A table without an audit twin; `$marks` are associated constants of its row.
macro_rules! plain_table {
    (
        [$($marks:tt)*]
        [$(#[$doc:meta])* $row:ident($id:ident), $table:ident $(= $sql_name:literal)?, $key:ident, $indexes:ident]
        $(known_by $([$($known:ident),+])or+,)?
        columns { $($(#[$cdoc:meta])* $column:ident : $rust:ty => ($($sql:tt)+),)* }
        $(lookups { $($lookups:tt)* })?
    ) => {
        $crate::star_table::stored_row! {
            $(#[$doc])*
            $row($id), $table $(= $sql_name)?, $key,
            marks { $($marks)* $($crate::star_table::known_by! { $row $([$($known)+])+ })? }
            columns { $($(#[$cdoc])* $column: $rust => ($($sql)+),)* }
            $(lookups $indexes { $($lookups)* })?
        }

        $crate::star_table::constructor! { $row($id) $key [] [] [] $($column: $rust => ($($sql)+),)* }
    };
}

/// The columns that a row is known by; each must be one of the row's.
macro_rules! known_by {
    ($row:ident $([$($column:ident)+])+) => {
        const KNOWN_BY: &'static [&'static [&'static str]] = {
            const _: fn(&$row) = |row| { $($(let _ = &row.$column;)+)+ };
            &[$(&[$($crate::flush::in_sql(stringify!($column))),+]),+]
        };
    };
}

/// When rows of a table are deleted, if not before all other changes.
macro_rules! deleted {
    (last) => {
        const LEFT_BEFORE_DELETED: bool = true;
    };
}

/// Type of the column of an audit twin that leads to the row.
macro_rules! former_key {
    ($id:ident BigInt) => { $id };
    ($id:ident Nullable<BigInt>) => { Option<$id> };
}

/// `Row::new(key, …)`: asks for the columns that must hold something, in the order of their declaration; the others hold
/// nothing yet. Times at which a change is noted are stamped when the row is saved.
macro_rules! constructor {
    ($row:ident($id:ident) $key:ident [$($given:tt)*] [$($param:tt)*] [$($init:tt)*]
     $column:ident : $rust:ty => (Nullable $($sql:tt)+), $($rest:tt)*) => {
        $crate::star_table::constructor! {
            $row($id) $key [$($given)*] [$($param)*] [$($init)* $column: None,] $($rest)*
        }
    };
    ($row:ident($id:ident) $key:ident [$($given:tt)*] [$($param:tt)*] [$($init:tt)*]
     $column:ident : $rust:ty => ($($sql:tt)+), $($rest:tt)*) => {
        $crate::star_table::constructor! {
            $row($id) $key [$($given)*] [$($param)* $column: $rust,] [$($init)* $column,] $($rest)*
        }
    };
    ($row:ident($id:ident) $key:ident [$($given:tt)*] [$($param:tt)*] [$($init:tt)*]) => {
        impl $row {
            /// A row with what it must have; every other column is null.
            #[allow(clippy::too_many_arguments, reason = "a table has as many columns as it needs")]
            pub fn new($key: $id, $($param)*) -> Self {
                Self { $key, $($given)* $($init)* }
            }
        }
    };
}

/// One stored table as it is, twin or not.
macro_rules! stored_row {
    (
        $(#[$doc:meta])*
        $row:ident($id:ident), $table:ident $(= $sql_name:literal)?, $key:ident,
        marks { $($marks:tt)* }
        columns { $($(#[$cdoc:meta])* $column:ident : $rust:ty => ($($sql:tt)+),)* }
        $(lookups $indexes:ident { $($lookups:tt)* })?
    ) => {
        diesel::table! {
            $(#[$doc])*
            $(#[sql_name = $sql_name])?
            $table ($key) {
                /// Primary key.
                $key -> BigInt,
                $($(#[$cdoc])* $column -> $($sql)+,)*
            }
        }

        $(#[$doc])*
        #[derive(Debug, Clone, diesel::Queryable)]
        pub struct $row {
            /// Primary key, from the sequence that all tables share.
            pub $key: $id,
            $($(#[$cdoc])* pub $column: $rust,)*
        }

        /// Column by column; unlike in Rust, NaN equals NaN.
        impl PartialEq for $row {
            fn eq(&self, other: &Self) -> bool {
                use $crate::column::SameColumn;
                self.$key == other.$key $(&& self.$column.is_same(&other.$column))*
            }
        }

        #[doc = concat!("Primary key of a row of `", stringify!($table), "`.")]
        pub type $id = $crate::id::Id<$row>;

        impl $crate::row::Row for $row {
            const TABLE: &'static str = $crate::star_table::table_name!($table $($sql_name)?);
            $($marks)*
            type Indexes = $crate::star_table::index_type!($($indexes)?);

            fn id(&self) -> $id {
                self.$key
            }

            fn each_column(&self, mut see: impl FnMut(&'static str, $crate::value::Value<'_>)) {
                use $crate::value::ShownColumn;
                $(see($crate::flush::in_sql(stringify!($column)), self.$column.value());)*
            }

            fn check(&self) -> Result<(), $crate::error::SessionError> {
                $($crate::star_table::check_text!(self, <Self as $crate::row::Row>::TABLE, $column, $($sql)+);)*
                Ok(())
            }

            fn copy_to(&self, out: &mut Vec<u8>) {
                use $crate::column::CopyColumn;
                $crate::flush::begin_row(out, [stringify!($key), $(stringify!($column)),*].len());
                self.$key.copy_to(out);
                $(self.$column.copy_to(out);)*
            }

            fn load(connection: &mut diesel::PgConnection, ids: &[$id]) -> diesel::QueryResult<Vec<Self>> {
                use diesel::prelude::*;
                $table::table.filter($table::$key.eq_any(ids)).order($table::$key).load(connection)
            }

            fn insert(connection: &mut diesel::PgConnection, copy: &[u8]) -> diesel::QueryResult<usize> {
                use diesel::ExecuteCopyFromDsl;
                diesel::copy_from($table::table)
                    .from_raw_data($table::table, |target| -> diesel::QueryResult<()> {
                        target.write_all(copy).map_err(|e| diesel::result::Error::SerializationError(Box::new(e)))
                    })
                    .with_format(diesel::pg::CopyFormat::Binary)
                    .execute(connection)
                    .inspect_err(|_| emap_postgres::get_in_step(connection))
            }

            fn update(connection: &mut diesel::PgConnection, rows: &[&Self]) -> diesel::QueryResult<usize> {
                use diesel::{RunQueryDsl, sql_types::*};
                static STATEMENT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    $crate::flush::update_statement(
                        <$row as $crate::row::Row>::TABLE, stringify!($key), &[$(stringify!($column)),*])
                });
                diesel::sql_query(STATEMENT.as_str())
                    .into_boxed::<diesel::pg::Pg>()
                    .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.$key).collect::<Vec<_>>())
                    $(.bind::<Array<$($sql)+>, _>(rows.iter().map(|row| &row.$column).collect::<Vec<_>>()))*
                    .execute(connection)
            }

            fn delete(connection: &mut diesel::PgConnection, ids: &[$id]) -> diesel::QueryResult<usize> {
                use diesel::prelude::*;
                diesel::delete($table::table.filter($table::$key.eq_any(ids))).execute(connection)
            }
        }

        $($crate::star_table::lookups! { $row, $table, $indexes, $($lookups)* })?
    };
}

/// The look-ups of one table: a key column each, or a key of several columns.
macro_rules! lookups {
    ($row:ident, $table:ident, $indexes:ident, $(
        $(#[$doc:meta])* $unique:ident $lookup:ident : $name:ident $(=> $key:ty)? $({ $($part:tt)* })?,
    )*) => {
        #[doc = concat!("Indexes of the rows of `", stringify!($table), "` in memory.")]
        #[derive(Debug, Default)]
        #[allow(non_snake_case, missing_docs, clippy::struct_field_names)]
        pub struct $indexes { $(pub(crate) $name: $crate::index::Index<$lookup>,)* }

        impl $crate::row::IndexSet<$row> for $indexes {
            fn add(&mut self, row: &$row) {
                $(self.$name.add(row);)*
            }
            fn remove(&mut self, row: &$row) {
                $(self.$name.remove(row);)*
            }
            fn forget(&mut self, keep_found: bool) {
                $(self.$name.forget(keep_found);)*
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $lookup;

            $crate::star_table::lookup! {
                $row, $table, $indexes, $unique, $lookup, $name $(=> $key)? $({ $($part)* })?
            }
        )*
    };
}

/// One look-up; the index in memory goes by the name of the column or of the key.
macro_rules! lookup {
    ($row:ident, $table:ident, $indexes:ident, $unique:ident, $lookup:ident, $column:ident => $key:ty) => {
        impl $crate::index::Lookup for $lookup {
            type Key = $key;
            const COLUMN: &'static str = stringify!($column);

            fn key(row: &$row) -> Option<$key> {
                $crate::column::KeyColumn::key(&row.$column)
            }

            fn load(connection: &mut diesel::PgConnection, keys: &[$key]) -> diesel::QueryResult<Vec<$row>> {
                use diesel::prelude::*;
                $table::table.filter($table::$column.eq_any(keys)).load(connection)
            }

            fn check(key: &$key) -> Result<(), $crate::error::SessionError> {
                $crate::flush::check_key(<$row as $crate::row::Row>::TABLE, stringify!($column), key)
            }

            $crate::star_table::in_index!($row, $indexes, $unique, $column);
        }
    };
    (
        $row:ident, $table:ident, $indexes:ident, $unique:ident, $lookup:ident,
        $key:ident { $first:ident : $first_type:ty, $($column:ident : $type:ty),+ $(,)? }
    ) => {
        #[doc = concat!("What [`", stringify!($lookup), "`] asks with.")]
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub struct $key {
            pub $first: $first_type,
            $(pub $column: $type,)+
        }

        impl $crate::index::Lookup for $lookup {
            type Key = $key;
            const COLUMN: &'static str = stringify!($first);

            fn key(row: &$row) -> Option<$key> {
                use $crate::column::KeyColumn;
                Some($key { $first: row.$first.key()?, $($column: row.$column.key()?,)+ })
            }

            fn load(connection: &mut diesel::PgConnection, keys: &[$key]) -> diesel::QueryResult<Vec<$row>> {
                use $crate::column::KeyColumn;
                use diesel::{dsl::sql, prelude::*, sql_types::{Array, Bool}};
                let columns = concat!("(", stringify!($first), $(", ", stringify!($column),)+ ")");
                let is_wanted = sql::<Bool>(columns)
                    .sql(" IN (SELECT * FROM unnest(")
                    .bind::<Array<<$first_type as KeyColumn>::Sql>, _>(
                        keys.iter().map(|key| key.$first.clone()).collect::<Vec<_>>())
                    $(.sql(", ").bind::<Array<<$type as KeyColumn>::Sql>, _>(
                        keys.iter().map(|key| key.$column.clone()).collect::<Vec<_>>()))+
                    .sql("))");
                $table::table.filter(is_wanted).load(connection)
            }

            fn check(key: &$key) -> Result<(), $crate::error::SessionError> {
                use $crate::{flush::check_key, row::Row};
                check_key(<$row>::TABLE, stringify!($first), &key.$first)?;
                $(check_key(<$row>::TABLE, stringify!($column), &key.$column)?;)+
                Ok(())
            }

            $crate::star_table::in_index!($row, $indexes, $unique, $key);
        }
    };
}

/// Where a look-up's index stands among those of its table.
macro_rules! in_index {
    ($row:ident, $indexes:ident, $unique:ident, $name:ident) => {
        type Row = $row;
        const UNIQUE: bool = $crate::star_table::is_unique!($unique);

        fn index(indexes: &$indexes) -> &$crate::index::Index<Self> {
            &indexes.$name
        }

        fn index_mut(indexes: &mut $indexes) -> &mut $crate::index::Index<Self> {
            &mut indexes.$name
        }
    };
}

/// `unique` look-ups find at most one row, `many` look-ups any number.
macro_rules! is_unique {
    (unique) => {
        true
    };
    (many) => {
        false
    };
}

/// A table whose column has its name goes by another name in Rust.
macro_rules! table_name {
    ($table:ident) => {
        stringify!($table)
    };
    ($table:ident $sql_name:literal) => {
        $sql_name
    };
}

/// The index set's type; tables without look-ups have the empty set.
macro_rules! index_type {
    () => {
        ()
    };
    ($indexes:ident) => {
        $indexes
    };
}

/// `Varchar` columns take 255 characters, `Text` columns any number; neither takes U+0000.
macro_rules! check_text {
    ($self:ident, $table:expr, $column:ident, Varchar) => {
        $crate::flush::check_text($table, stringify!($column), &$self.$column, Some(255))?
    };
    ($self:ident, $table:expr, $column:ident, Nullable<Varchar>) => {
        $crate::flush::check_text($table, stringify!($column), &$self.$column, Some(255))?
    };
    ($self:ident, $table:expr, $column:ident, Text) => {
        $crate::flush::check_text($table, stringify!($column), &$self.$column, None)?
    };
    ($self:ident, $table:expr, $column:ident, Nullable<Text>) => {
        $crate::flush::check_text($table, stringify!($column), &$self.$column, None)?
    };
    ($($other:tt)*) => {};
}

pub(crate) use {
    audited_table, check_text, constructor, deleted, former_key, in_index, index_type, is_unique, known_by,
    lookup, lookups, plain_table, star_table, stored_row, table_name,
};
