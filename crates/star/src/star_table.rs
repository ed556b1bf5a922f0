//! `star_table!`: one declaration gives a table's diesel schema, its row, its audit twin and its look-ups.

pub(crate) mod lookups;
pub(crate) mod stored_row;
pub(crate) mod versions;

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
/// A look-up finds at most one row (`unique`) or any number (`many`). `shared_unique` and `shared_many` are those of rows
/// that any process may create or look up, whatever patients, visits and departments it has locked; see `shared.rs`.
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
        $crate::star_table::stored_row::stored_row! {
            $(#[$doc])*
            $row($id), $table, $key,
            versions all_columns,
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
        $crate::star_table::stored_row::stored_row! {
            $(#[$doc])*
            $row($id), $table, $key,
            versions stored_from,
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

        $crate::star_table::stored_row::stored_row! {
            #[doc = concat!("A former version of a row of `", stringify!($table), "`.")]
            $twin($twin_id), $twin_table, $twin_key,
            versions written_once,
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
        $crate::star_table::stored_row::stored_row! {
            $(#[$doc])*
            $row($id), $table $(= $sql_name)?, $key,
            versions all_columns,
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

pub(crate) use {audited_table, constructor, deleted, former_key, known_by, plain_table, star_table};
