//! Advisory locks of PostgreSQL as its list of locks shows them.

/// The condition, on `pg_locks AS locks`, that a session of this database holds the lock with a key of 64 bits. `key`
/// is an expression of SQL.
pub fn is_held(key: &str) -> String {
    format!(
        "locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
         AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND (locks.classid::int8 << 32) | locks.objid::int8 = {key}"
    )
}
