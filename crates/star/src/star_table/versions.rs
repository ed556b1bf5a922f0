//! What distinguishes one stored version of a row from another: `stored_from` where each version has a later one, else all
//! columns.

/// Type of what distinguishes versions.
macro_rules! version_type {
    (stored_from) => {
        $crate::value::Instant
    };
    (all_columns) => {
        Self
    };
    // Audit rows never change.
    (written_once) => {
        ()
    };
}

/// What distinguishes this version of a row from others.
macro_rules! version_of {
    (stored_from, $row:ident) => {
        $row.stored_from
    };
    (all_columns, $row:ident) => {
        $row.clone()
    };
    (written_once, $row:ident) => {
        ()
    };
}

/// The columns that are compared.
macro_rules! version_columns {
    (stored_from, $($column:ident),*) => {
        &["stored_from"]
    };
    (all_columns, $($column:ident),*) => {
        &[$(stringify!($column)),*]
    };
    (written_once, $($column:ident),*) => {
        &[]
    };
}

/// Appends the columns that are compared to a query, an array each.
macro_rules! bind_versions {
    (stored_from, $query:ident, $versions:ident, $($column:ident => ($($sql:tt)+)),*) => {
        $query.bind::<Array<Timestamptz>, _>($versions.collect::<Vec<_>>())
    };
    (all_columns, $query:ident, $versions:ident, $($column:ident => ($($sql:tt)+)),*) => {
        $query$(.bind::<Array<$($sql)+>, _>(
            $versions.clone().map(|version| &version.$column).collect::<Vec<_>>()))*
    };
    (written_once, $query:ident, $versions:ident, $($column:ident => ($($sql:tt)+)),*) => {{
        let _ = $versions;
        $query
    }};
}

pub(crate) use {bind_versions, version_columns, version_of, version_type};
