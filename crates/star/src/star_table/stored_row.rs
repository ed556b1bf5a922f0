//! `stored_row!`: one table as it is stored, twin or not: its diesel schema, its row, how rows are read and written.

/// One stored table as it is, twin or not.
macro_rules! stored_row {
    (
        $(#[$doc:meta])*
        $row:ident($id:ident), $table:ident $(= $sql_name:literal)?, $key:ident,
        versions $versions:ident,
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
            const TABLE: &'static str = $crate::star_table::stored_row::table_name!($table $($sql_name)?);
            $($marks)*
            type Indexes = $crate::star_table::stored_row::index_type!($($indexes)?);
            type Version = $crate::star_table::versions::version_type!($versions);

            fn id(&self) -> $id {
                self.$key
            }

            fn version(&self) -> Self::Version {
                $crate::star_table::versions::version_of!($versions, self)
            }

            fn each_column(&self, mut see: impl FnMut(&'static str, $crate::value::Value<'_>)) {
                use $crate::value::ShownColumn;
                $(see($crate::flush::in_sql(stringify!($column)), self.$column.value());)*
            }

            fn check(&self) -> Result<(), $crate::error::SessionError> {
                $($crate::star_table::stored_row::check_text!(self, <Self as $crate::row::Row>::TABLE, $column, $($sql)+);)*
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

            fn update(
                connection: &mut diesel::PgConnection,
                rows: &[(&Self, &Self::Version)],
            ) -> diesel::QueryResult<usize> {
                use diesel::{RunQueryDsl, sql_types::*};
                static STATEMENT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    $crate::flush::update_statement(
                        <$row as $crate::row::Row>::TABLE, stringify!($key), &[$(stringify!($column)),*],
                        $crate::star_table::versions::version_columns!($versions, $($column),*))
                });
                let query = diesel::sql_query(STATEMENT.as_str())
                    .into_boxed::<diesel::pg::Pg>()
                    .bind::<Array<BigInt>, _>(rows.iter().map(|(row, _)| row.$key).collect::<Vec<_>>())
                    $(.bind::<Array<$($sql)+>, _>(rows.iter().map(|(row, _)| &row.$column).collect::<Vec<_>>()))*;
                let versions = rows.iter().map(|(_, version)| *version);
                $crate::star_table::versions::bind_versions!(
                    $versions, query, versions, $($column => ($($sql)+)),*).execute(connection)
            }

            fn delete(
                connection: &mut diesel::PgConnection,
                rows: &[($id, &Self::Version)],
            ) -> diesel::QueryResult<usize> {
                use diesel::{RunQueryDsl, sql_types::*};
                static STATEMENT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    $crate::flush::delete_statement(
                        <$row as $crate::row::Row>::TABLE, stringify!($key),
                        $crate::star_table::versions::version_columns!($versions, $($column),*))
                });
                let query = diesel::sql_query(STATEMENT.as_str())
                    .into_boxed::<diesel::pg::Pg>()
                    .bind::<Array<BigInt>, _>(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>());
                let versions = rows.iter().map(|(_, version)| *version);
                $crate::star_table::versions::bind_versions!(
                    $versions, query, versions, $($column => ($($sql)+)),*).execute(connection)
            }
        }

        $($crate::star_table::lookups::lookups! { $row, $table, $indexes, $($lookups)* })?
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

pub(crate) use {check_text, index_type, stored_row, table_name};
