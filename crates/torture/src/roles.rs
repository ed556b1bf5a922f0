//! The accounts that the daemons work under: no superusers, so that rights can be taken away and connections be denied.

use emap_local_services::postgres;

/// Account of the daemons.
pub(crate) const DAEMON: &str = "emap_daemon";
/// Account of the connector.
pub(crate) const CONNECTOR: &str = "emap_connector";
/// Their password, which is to stand nowhere.
pub(crate) const PASSWORD: &str = "ZQXSECRET";

/// Creates the accounts.
///
/// # Errors
/// The server's answer.
pub(crate) fn create(server: &postgres::Server) -> anyhow::Result<()> {
    for role in [DAEMON, CONNECTOR] {
        server.query("postgres", &format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"))?;
    }
    Ok(())
}

/// SQL: the reader may read the message store, and the connector may append to it.
pub(crate) fn rights_on_store() -> String {
    format!(
        "GRANT USAGE ON SCHEMA ids TO {DAEMON}; GRANT SELECT ON ids.tbl_ids_master TO {DAEMON}; \
         GRANT USAGE, CREATE ON SCHEMA ids TO {CONNECTOR}; GRANT ALL ON ALL TABLES IN SCHEMA ids TO {CONNECTOR}"
    )
}

/// SQL: these daemons create the schema and own its tables. Even an owner can lose a right.
pub(crate) fn owns(role: &str, database: &str) -> String {
    format!("ALTER DATABASE {database} OWNER TO {role}")
}
