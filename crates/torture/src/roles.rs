//! The accounts that the daemons work under: no superusers, so that rights can be taken away and connections be denied.

use emap_local_services::postgres;

/// Account of the daemons.
pub(crate) const DAEMON: &str = "emap_daemon";
/// Its password, which is to stand nowhere.
pub(crate) const PASSWORD: &str = "ZQXSECRET";

/// Creates the account.
///
/// # Errors
/// The server's answer.
pub(crate) fn create(server: &postgres::Server) -> anyhow::Result<()> {
    server.query("postgres", &format!("CREATE ROLE {DAEMON} LOGIN PASSWORD '{PASSWORD}'"))?;
    Ok(())
}

/// SQL: the reader may read the message store.
pub(crate) fn rights_on_store() -> String {
    format!("GRANT USAGE ON SCHEMA ids TO {DAEMON}; GRANT SELECT ON ids.tbl_ids_master TO {DAEMON}")
}

/// SQL: the daemons create the schema and own its tables. Even an owner can lose a right.
pub(crate) fn rights_on_star(database: &str) -> String {
    format!("ALTER DATABASE {database} OWNER TO {DAEMON}")
}
