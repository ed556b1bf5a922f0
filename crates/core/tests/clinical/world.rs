//! A star schema in which messages happen, in memory or on PostgreSQL, and what is in its tables afterwards.

use std::{collections::HashMap, sync::Arc};

use emap_core::{Engine, Incoming, Outcome, Report, Rules};
use emap_interchange::Message;
use emap_star::{Holds, Row, Session, Tables, Value, rows::*};
use emap_test_support::database::{self, Database};

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
        let connection = emap_star::connect(&database.url(), database.schema()).unwrap();
        let engine = Engine::new(Session::on_database(connection).unwrap(), rules());
        Self { engine, database: Some(database) }
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

    pub(crate) fn statements(&self) -> u64 {
        self.engine.session().statements()
    }

    /// All rows of a table, the oldest first.
    pub(crate) fn rows<R: Row>(&self) -> Vec<R>
    where
        Tables: Holds<R>,
    {
        let mut rows: Vec<R> = match &self.database {
            Some(database) => {
                let ids = database.rows(&format!("SELECT {0}_id FROM {0}", R::TABLE));
                let ids: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
                R::load(&mut database.connection(), &ids).unwrap()
            }
            None => self.engine.session().rows().cloned().collect(),
        };
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

    /// The content of all tables that clinical messages touch, without what differs from run to run: primary keys and
    /// the wall clock.
    pub(crate) fn content(&self) -> Vec<String> {
        let mut content = Content::default();
        macro_rules! tables {
            ($($row:ident)*) => { $(content.add(self.rows::<$row>());)* };
        }
        // Parents before those that refer to them.
        tables! {
            Mrn MrnToLive MrnToLiveAudit HospitalVisit HospitalVisitAudit
            VisitObservationType VisitObservationTypeAudit VisitObservation VisitObservationAudit
            LabBattery LabBatteryAudit LabTestDefinition LabTestDefinitionAudit LabBatteryElement
            LabSample LabSampleAudit LabOrder LabOrderAudit LabResult LabResultAudit
            LabIsolate LabIsolateAudit LabSensitivity LabSensitivityAudit
            ConditionType ConditionTypeAudit PatientCondition PatientConditionAudit ConditionVisit
            AllergenReaction AllergenReactionAudit
            ConsultationType ConsultationTypeAudit ConsultationRequest ConsultationRequestAudit
            AdvanceDecisionType AdvanceDecision AdvanceDecisionAudit
            Question RequestAnswer RequestAnswerAudit
            FormDefinition FormDefinitionAudit FormQuestion FormQuestionAudit
            Form FormAudit FormAnswer FormAnswerAudit
            Department DepartmentState Room RoomState Bed BedState BedFacility Location
            EtlMessageReject
        }
        content.lines.sort();
        content.lines
    }
}

/// All features are on.
fn rules() -> Rules {
    Rules { forms: true, ..Rules::default() }
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

impl Content {
    fn add<R: Row>(&mut self, rows: Vec<R>) {
        for row in rows {
            let mut line = format!("{}:", R::TABLE);
            row.each_column(|column, value| {
                if matches!(column, "stored_from" | "stored_until" | "rejected_at") {
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
            self.known.insert(row.id(), line.clone());
            self.lines.push(line);
        }
    }
}

/// The messages lead to the same tables in memory, one by one, and on PostgreSQL, in one batch and one by one.
pub(crate) fn assert_same_everywhere(messages: &[Message]) {
    let mut memory = World::in_memory();
    let outcomes = memory.receive(messages.to_vec());
    let mut together = World::on_postgres();
    assert_eq!(together.receive_together(messages.to_vec()), outcomes);
    assert_eq!(together.content(), memory.content());
    let mut one_by_one = World::on_postgres();
    assert_eq!(one_by_one.receive(messages.to_vec()), outcomes);
    assert_eq!(one_by_one.content(), memory.content());
}
