//! A COPY that fails before the server reads any data is answered twice.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use diesel::{
    ExecuteCopyFromDsl, PgConnection, QueryResult, RunQueryDsl, connection::SimpleConnection, dsl::sql,
    sql_types::Integer,
};
use emap_local_services::postgres;
use emap_postgres::{Config, ErrorClass, get_in_step};

use self::tables::note;

mod tables {
    #![allow(missing_docs, reason = "two words that say all")]

    diesel::table! {
        note (text) {
            text -> Text,
        }
    }
}

/// A table that a trigger closes.
fn connect() -> PgConnection {
    let name = format!("in_step_{}", std::process::id());
    postgres::shared().create_database(&name).unwrap();
    let url = postgres::shared().database_url(&name);
    let mut connection = Config::from_url(&url).unwrap().connect().unwrap();
    connection
        .batch_execute(
            "CREATE TABLE note (text text);
             CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               RAISE EXCEPTION 'the disk is broken' USING ERRCODE = '58030'; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON note FOR EACH STATEMENT EXECUTE FUNCTION refuse()",
        )
        .unwrap();
    connection
}

fn copy(connection: &mut PgConnection) -> QueryResult<usize> {
    diesel::copy_from(note::table)
        .from_raw_data(note::table, |data| -> QueryResult<()> {
            let written = data.write_all(b"a\nb\n");
            written.map_err(|error| diesel::result::Error::SerializationError(error.into()))
        })
        .execute(connection)
}

/// Without getting in step, one of the first ten statements has the answer of another.
#[test]
fn after_a_failed_copy_every_statement_gets_its_own_answer() {
    let mut connection = connect();
    for number in 0..300 {
        connection.batch_execute("BEGIN").unwrap();
        let error = copy(&mut connection).unwrap_err();
        assert_ne!(ErrorClass::of(&error), ErrorClass::Lost);
        get_in_step(&mut connection);
        connection.batch_execute("ROLLBACK").unwrap();
        let own = diesel::select(sql::<Integer>(&number.to_string())).get_result::<i32>(&mut connection);
        assert_eq!(own, Ok(number));
    }
}
