//! The sequence that primary keys come from: one for all tables of a schema.
//!
//! Schemas of different age have different ones. A value of `hibernate_sequence` is one key. A value of
//! `emap_id_sequence` stands for fifty: the value itself and the 49 keys before it. Both must never be used in one schema
//! at a time, so the younger one is used wherever a schema has it.

use diesel::{
    OptionalExtension, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};

/// A sequence that primary keys may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sequence {
    /// `hibernate_sequence`, key by key.
    #[default]
    Hibernate,
    /// `emap_id_sequence`, in blocks of fifty.
    Emap,
}

/// Why no key may be taken from a sequence.
#[derive(Debug, thiserror::Error)]
pub enum SequenceError {
    /// The next keys are in use.
    #[error(
        "emap_id_sequence gives {next} next, but there are keys up to {largest}: stop all writers and run \
         `core align-sequences`"
    )]
    Behind {
        /// Its next value.
        next: i64,
        /// The largest key in use.
        largest: i64,
    },
    /// Writers would not agree which keys a value stands for.
    #[error("emap_id_sequence grows by {0}, not by 50: create it anew, then run `core align-sequences`")]
    Increment(i64),
    /// The database refused, or is lost.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What a sequence was brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aligned {
    /// The largest key in use; 0 if there is none.
    pub largest: i64,
    /// The next value that the sequence gives.
    pub next: i64,
    /// It was beyond the keys in use already, and was left alone.
    pub was_ahead: bool,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = BigInt)]
    next: i64,
    #[diesel(sql_type = BigInt)]
    increment: i64,
}

#[derive(QueryableByName)]
struct Query {
    #[diesel(sql_type = Nullable<Text>)]
    query: Option<String>,
}

/// Makes the query for the largest key: of every table whose key is called after it, and of the effect log.
const KEYS: &str = "
    SELECT string_agg(format('SELECT max(%I) AS key FROM %s', a.attname, c.oid::regclass), ' UNION ALL ') AS query
    FROM pg_class c
    JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] AND a.atttypid = 'bigint'::regtype
    WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
      AND (a.attname = c.relname || '_id' OR c.relname = 'etl_per_message_logging')";

impl Sequence {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hibernate => "hibernate_sequence",
            Self::Emap => "emap_id_sequence",
        }
    }

    /// The one with a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Hibernate, Self::Emap].into_iter().find(|sequence| sequence.name() == name)
    }

    /// Keys that one value stands for.
    pub(crate) fn keys(self) -> i64 {
        match self {
            Self::Hibernate => 1,
            Self::Emap => 50,
        }
    }

    /// The one that the schema of the search path uses. A sequence of that name in another schema does not count.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub fn in_use(connection: &mut PgConnection) -> Result<Self, diesel::result::Error> {
        Ok(match Self::Emap.state(connection)? {
            Some(_) => Self::Emap,
            None => Self::Hibernate,
        })
    }

    fn state(self, connection: &mut PgConnection) -> Result<Option<State>, diesel::result::Error> {
        let state = "
            SELECT coalesce(last_value + increment_by, start_value) AS next, increment_by AS increment
            FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = $1";
        sql_query(state).bind::<Text, _>(self.name()).get_result(connection).optional()
    }
}

/// Makes sure that the keys that come next are in no row. A schema without rows uses what is wished for; `hibernate_sequence`
/// is moved on by the steps of the schema.
///
/// # Errors
/// When the next keys are in use, or the sequence cannot be read or made.
pub fn prepare(connection: &mut PgConnection, wished: Sequence) -> Result<Sequence, SequenceError> {
    let Some(state) = Sequence::Emap.state(connection)? else {
        if wished == Sequence::Emap && largest_key(connection)? == 0 {
            create(connection, Sequence::Emap)?;
            return Ok(Sequence::Emap);
        }
        return Ok(Sequence::Hibernate);
    };
    if state.increment != Sequence::Emap.keys() {
        return Err(SequenceError::Increment(state.increment));
    }
    let largest = largest_key(connection)?;
    if largest > 0 && state.next < largest + Sequence::Emap.keys() {
        return Err(SequenceError::Behind { next: state.next, largest });
    }
    Ok(Sequence::Emap)
}

/// Brings a sequence beyond every key of the schema of the search path, and creates it if there is none. All programs that
/// write there have to be stopped. It never goes back.
///
/// # Errors
/// When the database refuses or is lost.
pub fn align(connection: &mut PgConnection, sequence: Sequence) -> Result<Aligned, SequenceError> {
    let largest = largest_key(connection)?;
    create(connection, sequence)?;
    let state = sequence.state(connection)?.ok_or(diesel::result::Error::NotFound)?;
    if sequence == Sequence::Emap && state.increment != sequence.keys() {
        return Err(SequenceError::Increment(state.increment));
    }
    if largest == 0 || state.next >= largest + Sequence::Emap.keys() {
        return Ok(Aligned { largest, next: state.next, was_ahead: true });
    }
    let block = Sequence::Emap.keys();
    let next = (largest + block - 1) / block * block + block + 1;
    sql_query("SELECT setval(format('%I.%I', current_schema(), $1)::regclass, $2) AS number")
        .bind::<Text, _>(sequence.name())
        .bind::<BigInt, _>(next - state.increment)
        .get_result::<Number>(connection)?;
    Ok(Aligned { largest, next, was_ahead: false })
}

/// The largest key of any table; 0 if there is no row.
fn largest_key(connection: &mut PgConnection) -> Result<i64, diesel::result::Error> {
    let Some(query) = sql_query(KEYS).get_result::<Query>(connection)?.query else { return Ok(0) };
    let largest: Number =
        sql_query(format!("SELECT max(key) AS number FROM ({query}) AS keys")).get_result(connection)?;
    Ok(largest.number.unwrap_or(0))
}

/// Creates a sequence unless it is there, for the role of core to use.
fn create(connection: &mut PgConnection, sequence: Sequence) -> Result<(), diesel::result::Error> {
    let (name, keys) = (sequence.name(), sequence.keys());
    connection.batch_execute(&format!(
        "DO $create$
         DECLARE
             role text;
         BEGIN
             EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I.{name} START 1 INCREMENT {keys}', current_schema());
             IF EXISTS (SELECT FROM pg_class WHERE relname = '__emap_role'
                        AND relnamespace = quote_ident(current_schema())::regnamespace) THEN
                 FOR role IN SELECT r.name FROM __emap_role r JOIN pg_roles p ON p.rolname = r.name WHERE r.kind = 'core'
                 LOOP
                     EXECUTE format('GRANT USAGE ON SEQUENCE %I.{name} TO %I', current_schema(), role);
                 END LOOP;
             END IF;
         END
         $create$"
    ))
}
