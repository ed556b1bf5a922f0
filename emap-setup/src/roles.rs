//! `emap roles`: roles of least privilege, as SQL or set at once.

use std::process::ExitCode;

use diesel::connection::SimpleConnection;
use emap_core::CoreSettings;
use emap_ids_reader::ReaderSettings;
use emap_postgres::quote_identifier;
use emap_service::{DatabaseSettings, program::ConfigFile};
use emap_star::Tables;

use crate::output::line;

const STAR: &str = include_str!("../../sql/roles/star.sql");
const STORE: &str = include_str!("../../sql/roles/store.sql");
const RIGHTS: &str = include_str!("../../sql/roles/rights.sql");

/// Where the script of the star database wants the words of rights.
const PLACE_OF_RIGHTS: &str = "-- :rights\n";

/// Arguments of `emap roles`; the database and its schema come from the settings of `core run`, with `--store` from those
/// of `ids-reader run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    names: Names,
    /// The reader's rights in the message store, instead of all roles of the star database.
    #[arg(long)]
    store: bool,
    /// Run the SQL instead of printing it, as the user of the settings.
    #[arg(long)]
    apply: bool,
}

/// What the roles are called.
#[derive(Debug, Clone, clap::Args)]
struct Names {
    /// Owns the schema and migrates it.
    #[arg(long, value_name = "NAME", default_value = "emap_owner")]
    owner: String,
    /// `core run` and `emap replay`.
    #[arg(long, value_name = "NAME", default_value = "emap_core")]
    core: String,
    /// `ids-reader run`.
    #[arg(long, value_name = "NAME", default_value = "emap_reader")]
    reader: String,
    /// Those who evaluate the data: a group without a login of its own.
    #[arg(long, value_name = "NAME", default_value = "emap_analyst")]
    analyst: String,
    /// A monitoring system: counts and times.
    #[arg(long, value_name = "NAME", default_value = "emap_monitor")]
    monitor: String,
    /// `emap retention`.
    #[arg(long, value_name = "NAME", default_value = "emap_retention")]
    retention: String,
}

/// Prints or runs the SQL.
///
/// # Errors
/// A setting is wrong, or the database refuses; then nothing is changed.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let (database, sql) = if args.store {
        let database = DatabaseSettings::ids(&args.config.load(ReaderSettings::GROUPS)?)?;
        let sql = filled(STORE, &[("schema", &database.schema), ("reader", &args.names.reader)]);
        (database, sql)
    } else {
        let database = DatabaseSettings::uds(&args.config.load(CoreSettings::GROUPS)?)?;
        let sql = args.names.star(&database.schema);
        (database, sql)
    };
    if args.apply {
        let mut connection = database.config().connect()?;
        connection.batch_execute("SET client_min_messages TO warning")?;
        connection.batch_execute(&sql)?;
        line("roles and rights are set");
    } else {
        line(sql);
    }
    Ok(ExitCode::SUCCESS)
}

impl Names {
    fn star(&self, schema: &str) -> String {
        let tables = format!("{{{}}}", Tables::NAMES.join(","));
        let script = filled(
            STAR,
            &[
                ("schema", schema),
                ("quoted_schema", &quote_identifier(schema)),
                ("tables", &tables),
                ("owner", &self.owner),
                ("quoted_owner", &quote_identifier(&self.owner)),
                ("core", &self.core),
                ("reader", &self.reader),
                ("analyst", &self.analyst),
                ("monitor", &self.monitor),
                ("retention", &self.retention),
            ],
        );
        script.replacen(PLACE_OF_RIGHTS, RIGHTS, 1)
    }
}

/// The script with its variables, as psql writes them: `:"name"` is an identifier, `:'name'` a text. Other than in psql
/// they stand in blocks as well.
fn filled(script: &str, values: &[(&str, &str)]) -> String {
    let mut sql = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(place) = rest.find(':') {
        let (before, from) = rest.split_at(place);
        sql.push_str(before);
        if let Some((text, after)) = values.iter().find_map(|(name, value)| variable(from, name, value)) {
            sql.push_str(&text);
            rest = after;
        } else {
            sql.push(':');
            rest = &from[1..];
        }
    }
    sql + rest
}

/// The value if the text begins with this variable, and what follows it.
fn variable<'s>(text: &'s str, name: &str, value: &str) -> Option<(String, &'s str)> {
    if let Some(after) = text.strip_prefix(&format!(":\"{name}\"")) {
        return Some((quote_identifier(value), after));
    }
    let after = text.strip_prefix(&format!(":'{name}'"))?;
    Some((format!("'{}'", value.replace('\'', "''")), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_quoted_and_types_are_left_alone() {
        let script = "grant x on schema :\"schema\" to :'reader'::regrole; select '1'::text, 12:30";
        assert_eq!(
            filled(script, &[("schema", "Star \"A\""), ("reader", "o'hara")]),
            "grant x on schema \"Star \"\"A\"\"\" to 'o''hara'::regrole; select '1'::text, 12:30"
        );
    }

    #[test]
    fn no_variable_is_left_over() {
        let names = Names {
            owner: "a".to_owned(),
            core: "b".to_owned(),
            reader: "c".to_owned(),
            analyst: "d".to_owned(),
            monitor: "e".to_owned(),
            retention: "f".to_owned(),
        };
        let sql = names.star("star");
        assert!(!sql.contains(":\"") && !sql.contains(":'"), "{sql}");
        assert!(sql.contains("pg_temp.set_rights(tab regclass)"));
    }
}
