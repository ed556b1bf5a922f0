//! A star schema in which messages happen, in memory or on PostgreSQL, and what is in its tables afterwards.

use std::{collections::HashMap, sync::Arc};

use emap_core::{Engine, Incoming, Outcome, Report, Rules};
use emap_interchange::Message;
use emap_star::{Holds, Row, Session, Tables, Value, for_each_table, rows::*};
use emap_test_support::{
    database::{self, Database},
    faults::ledger::history,
};

use crate::versions::Versions;

/// Messages and the rows they lead to.
pub(crate) struct World {
    engine: Engine,
    database: Option<Database>,
}

impl World {
    pub(crate) fn in_memory() -> Self {
        Self { engine: Engine::new(Session::in_memory(), rules()), database: None }
    }

    pub(crate) fn on_postgres() -> Self {
        let database = database::fresh();
        let engine = Engine::new(session(&database), rules());
        Self { engine, database: Some(database) }
    }

    /// A schema that other software filled: these statements run before the first message.
    pub(crate) fn on_postgres_with(sql: &str) -> Self {
        let world = Self::on_postgres();
        world.database.iter().for_each(|database| database.execute(sql));
        world
    }

    /// The database knows nothing yet; the messages arrive one by one and are all applied.
    pub(crate) fn after(messages: impl IntoIterator<Item = Message>) -> Self {
        let mut world = Self::in_memory();
        for message in messages {
            let report = world.report(&message);
            assert_eq!(report.outcome, Outcome::Success, "{:?}", report.reason);
        }
        world
    }

    /// What the messages lead to in memory, one by one; and the same on PostgreSQL, in one batch and one by one.
    pub(crate) fn everywhere(messages: &[Message]) -> Self {
        let mut memory = Self::in_memory();
        let outcomes = memory.receive(messages.to_vec());
        let mut together = Self::on_postgres();
        assert_eq!(together.receive_together(messages.to_vec()), outcomes);
        let mut one_by_one = Self::on_postgres();
        assert_eq!(one_by_one.receive(messages.to_vec()), outcomes);
        for other in [together, one_by_one] {
            assert_eq!(other.content_and_log(), memory.content_and_log());
            other.assert_history();
        }
        memory.assert_history();
        memory
    }

    /// Each message arrives alone; gives the outcomes.
    pub(crate) fn receive(&mut self, messages: impl IntoIterator<Item = Message>) -> Vec<Outcome> {
        messages.into_iter().map(|message| self.report(&message).outcome).collect()
    }

    /// One message arrives.
    pub(crate) fn report(&mut self, message: &Message) -> Report {
        self.deliver(&[incoming(message)]).remove(0)
    }

    /// All messages arrive in one batch.
    pub(crate) fn receive_together(&mut self, messages: impl IntoIterator<Item = Message>) -> Vec<Outcome> {
        let batch: Vec<_> = messages.into_iter().map(|message| incoming(&message)).collect();
        self.deliver(&batch).into_iter().map(|report| report.outcome).collect()
    }

    /// A batch of bodies as the broker delivers them.
    pub(crate) fn deliver(&mut self, batch: &[Incoming]) -> Vec<Report> {
        self.engine.process(batch).unwrap()
    }

    /// The rows of a query to the database, as texts; none in memory.
    pub(crate) fn ask(&self, query: &str) -> Vec<String> {
        self.database.iter().flat_map(|database| database.rows(query)).collect()
    }

    /// Another program's session with the same database.
    pub(crate) fn other_session(&self) -> Session {
        session(self.database.as_ref().unwrap())
    }

    /// What is wrong with the history in the database.
    pub(crate) fn flaws(&self) -> Vec<history::Finding> {
        let database = self.database.as_ref().unwrap();
        history::flaws(&mut database.connection(), database.schema()).unwrap()
    }

    /// Another core at the same database.
    pub(crate) fn other_engine(&self) -> Engine {
        Engine::new(self.other_session(), rules())
    }

    pub(crate) fn statements(&self) -> u64 {
        self.engine.session().statements()
    }

    /// All rows of a table, the oldest first.
    pub(crate) fn rows<R: Row>(&self) -> Vec<R>
    where
        Tables: Holds<R>,
    {
        if let Some(database) = &self.database {
            return database.all(&key_of(R::TABLE));
        }
        let mut rows: Vec<R> = self.engine.session().rows().cloned().collect();
        rows.sort_by_key(Row::id);
        rows
    }

    /// The only row of a table.
    pub(crate) fn only<R: Row>(&self) -> R
    where
        Tables: Holds<R>,
    {
        let mut rows = self.rows();
        assert_eq!(rows.len(), 1, "exactly one row of {} expected: {rows:?}", R::TABLE);
        rows.remove(0)
    }

    /// How many rows a table has.
    pub(crate) fn count<R: Row>(&self) -> usize
    where
        Tables: Holds<R>,
    {
        self.rows::<R>().len()
    }

    /// What patients' data and rejects say, without what differs from run to run: primary keys and the wall clock.
    pub(crate) fn content(&self) -> Vec<String> {
        let mut content = self.content_and_log();
        content.retain(|line| !line.starts_with(EtlPerMessageLogging::TABLE));
        content
    }

    /// The same with a line for each delivery.
    pub(crate) fn content_and_log(&self) -> Vec<String> {
        let mut content = Content::default();
        macro_rules! add {
            ($($_table:ident: $row:ident $(=> $_twins:ident: $twin:ident)?,)*) => {
                $(content.add(self.rows::<$row>()); $(content.add(self.rows::<$twin>());)?)*
            };
        }
        for_each_table!(add);
        content.lines.sort();
        content.lines
    }

    /// Former versions follow each other: one for each change, each ending where the next begins.
    pub(crate) fn assert_history(&self) {
        macro_rules! check {
            ($($_table:ident: $row:ident $(=> $_twins:ident: $twin:ident)?,)*) => {
                $($(Versions::of(&self.rows::<$row>(), &self.rows::<$twin>()).assert_contiguous();)?)*
            };
        }
        for_each_table!(check);
    }
}

/// All features are on.
fn rules() -> Rules {
    Rules { forms: true, ..Rules::default() }
}

fn session(database: &Database) -> Session {
    let connection = emap_star::connect(&database.url(), database.schema()).unwrap();
    Session::on_database(connection).unwrap()
}

/// Name of a table's primary key.
fn key_of(table: &str) -> String {
    if table == EtlPerMessageLogging::TABLE { "id".to_owned() } else { format!("{table}_id") }
}

/// A message as the broker delivers it.
pub(crate) fn incoming(message: &Message) -> Incoming {
    Incoming::decode(Arc::from("hl7Queue"), message.to_json())
}

/// Rows as texts; a link is what the other row says.
#[derive(Default)]
struct Content {
    lines: Vec<String>,
    known: HashMap<i64, String>,
}

/// Columns with times of the wall clock.
const CLOCK: [&str; 6] = [
    "stored_from",
    "stored_until",
    "rejected_at",
    "processing_start_time",
    "processing_end_time",
    "process_message_duration",
];

impl Content {
    fn add<R: Row>(&mut self, rows: Vec<R>) {
        for row in rows {
            let mut line = format!("{}:", R::TABLE);
            row.each_column(|column, value| {
                if CLOCK.contains(&column) {
                    return;
                }
                let text = match value {
                    Value::Integer(id) if column.ends_with("_id") && column != "internal_id" => {
                        self.known.get(&id).map_or("gone".to_owned(), |row| format!("<{row}>"))
                    }
                    value => value.to_string(),
                };
                line.extend([" ", column, "=", &text]);
            });
            self.known.insert(row.id().number(), line.clone());
            self.lines.push(line);
        }
    }
}
