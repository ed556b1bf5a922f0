//! `lookups!`: the look-ups of one table.

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
            const SHARED: bool = $(<$lookup as $crate::index::Lookup>::SHARED)||*;

            fn add(&mut self, row: &$row) {
                $(self.$name.add(row);)*
            }
            fn remove(&mut self, row: &$row) {
                $(self.$name.remove(row);)*
            }
            fn forget(&mut self, keep_found: bool) {
                $(self.$name.forget(keep_found);)*
            }
            fn shared_names(row: &$row) -> Vec<String> {
                [$($crate::index::Index::<$lookup>::shared_name(row)),*].into_iter().flatten().collect()
            }
            fn stored_meanwhile(
                &self,
                connection: &mut diesel::PgConnection,
                rows: &[&$row],
            ) -> diesel::QueryResult<Vec<$row>> {
                let mut found = Vec::new();
                $(found.extend(self.$name.stored_meanwhile(connection, rows)?);)*
                Ok(found)
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $lookup;

            $crate::star_table::lookups::lookup! {
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

            $crate::star_table::lookups::in_index!($row, $indexes, $unique, $column);
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

            $crate::star_table::lookups::in_index!($row, $indexes, $unique, $key);
        }
    };
}

/// Where a look-up's index stands among those of its table.
macro_rules! in_index {
    ($row:ident, $indexes:ident, $unique:ident, $name:ident) => {
        type Row = $row;
        const UNIQUE: bool = $crate::star_table::lookups::is_unique!($unique);
        const SHARED: bool = $crate::star_table::lookups::is_shared!($unique);

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
    (shared_unique) => {
        true
    };
    ($many:ident) => {
        false
    };
}

/// No lock on patients, visits or departments covers rows with `shared_…` look-ups.
macro_rules! is_shared {
    (shared_unique) => {
        true
    };
    (shared_many) => {
        true
    };
    (unique) => {
        false
    };
    (many) => {
        false
    };
}

pub(crate) use {in_index, is_shared, is_unique, lookup, lookups};
