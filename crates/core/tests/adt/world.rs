//! A star schema in which messages happen, in memory or on PostgreSQL, and what is in its tables afterwards.

use std::sync::Arc;

use diesel::{PgConnection, RunQueryDsl};
use emap_core::{Engine, Incoming, Outcome, Report, Rules};
use emap_interchange::Message;
use emap_star::{Instant, Session, rows::*};
use emap_test_support::database::{self, Database};

use crate::versions::assert_contiguous;

/// Messages and the rows they lead to.
pub(crate) struct World {
    engine: Engine,
    database: Option<Database>,
}

/// Every row of the tables that patient messages touch.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) mrns: Vec<Mrn>,
    pub(crate) lives: Vec<MrnToLive>,
    pub(crate) live_audits: Vec<MrnToLiveAudit>,
    pub(crate) demographics: Vec<CoreDemographic>,
    pub(crate) demographic_audits: Vec<CoreDemographicAudit>,
    pub(crate) visits: Vec<HospitalVisit>,
    pub(crate) visit_audits: Vec<HospitalVisitAudit>,
    pub(crate) locations: Vec<Location>,
    pub(crate) events: Vec<LocationEvent>,
    pub(crate) stays: Vec<LocationVisit>,
    pub(crate) stay_audits: Vec<LocationVisitAudit>,
    pub(crate) plans: Vec<PlannedMovement>,
    pub(crate) plan_audits: Vec<PlannedMovementAudit>,
    pub(crate) log: Vec<EtlPerMessageLogging>,
    pub(crate) rejects: Vec<EtlMessageReject>,
}

impl World {
    pub(crate) fn in_memory() -> Self {
        Self { engine: Engine::new(Session::in_memory(), Rules::default()), database: None }
    }

    pub(crate) fn on_postgres() -> Self {
        let database = database::fresh();
        let connection = emap_star::connect(&database.url(), database.schema()).unwrap();
        let engine = Engine::new(Session::on_database(connection).unwrap(), Rules::default());
        Self { engine, database: Some(database) }
    }

    /// A schema that other software filled: these statements run before the first message.
    pub(crate) fn on_postgres_with(sql: &str) -> Self {
        let world = Self::on_postgres();
        world.database.iter().for_each(|database| database.execute(sql));
        world
    }

    /// The database knows nothing yet; the messages arrive one by one.
    pub(crate) fn after(messages: impl IntoIterator<Item = Message>) -> Self {
        let mut world = Self::in_memory();
        world.receive(messages);
        world
    }

    /// The rows after messages that arrive one by one in memory, and all in one batch on PostgreSQL: the same, with
    /// former versions that follow each other.
    pub(crate) fn everywhere(messages: &[Message]) -> Rows {
        let memory = Self::after(messages.to_vec()).rows();
        let mut database = Self::on_postgres();
        database.receive_together(messages.to_vec());
        let stored = database.rows();
        assert_eq!(memory.content(), stored.content());
        assert_contiguous(&memory);
        assert_contiguous(&stored);
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
        let database = self.database.as_ref().unwrap();
        let connection = emap_star::connect(&database.url(), database.schema()).unwrap();
        Session::on_database(connection).unwrap()
    }

    pub(crate) fn statements(&self) -> u64 {
        self.engine.session().statements()
    }

    pub(crate) fn rows(&self) -> Rows {
        match &self.database {
            Some(database) => stored_rows(&mut database.connection()),
            None => self.remembered_rows(),
        }
    }

    fn remembered_rows(&self) -> Rows {
        let session = self.engine.session();
        Rows {
            mrns: session.rows().cloned().collect(),
            lives: session.rows().cloned().collect(),
            live_audits: session.rows().cloned().collect(),
            demographics: session.rows().cloned().collect(),
            demographic_audits: session.rows().cloned().collect(),
            visits: session.rows().cloned().collect(),
            visit_audits: session.rows().cloned().collect(),
            locations: session.rows().cloned().collect(),
            events: session.rows().cloned().collect(),
            stays: session.rows().cloned().collect(),
            stay_audits: session.rows().cloned().collect(),
            plans: session.rows().cloned().collect(),
            plan_audits: session.rows().cloned().collect(),
            log: session.rows().cloned().collect(),
            rejects: session.rows().cloned().collect(),
        }
        .in_order()
    }
}

fn stored_rows(connection: &mut PgConnection) -> Rows {
    Rows {
        mrns: mrn_rows::table.load(connection).unwrap(),
        lives: mrn_to_live::table.load(connection).unwrap(),
        live_audits: mrn_to_live_audit::table.load(connection).unwrap(),
        demographics: core_demographic::table.load(connection).unwrap(),
        demographic_audits: core_demographic_audit::table.load(connection).unwrap(),
        visits: hospital_visit::table.load(connection).unwrap(),
        visit_audits: hospital_visit_audit::table.load(connection).unwrap(),
        locations: location::table.load(connection).unwrap(),
        events: location_event::table.load(connection).unwrap(),
        stays: location_visit::table.load(connection).unwrap(),
        stay_audits: location_visit_audit::table.load(connection).unwrap(),
        plans: planned_movement::table.load(connection).unwrap(),
        plan_audits: planned_movement_audit::table.load(connection).unwrap(),
        log: etl_per_message_logging::table.load(connection).unwrap(),
        rejects: etl_message_reject::table.load(connection).unwrap(),
    }
    .in_order()
}

pub(crate) fn incoming(message: &Message) -> Incoming {
    Incoming::decode(Arc::from("hl7Queue"), message.to_json())
}

impl Rows {
    fn in_order(mut self) -> Self {
        self.mrns.sort_by_key(|row| row.mrn_id);
        self.lives.sort_by_key(|row| row.mrn_to_live_id);
        self.live_audits.sort_by_key(|row| row.mrn_to_live_audit_id);
        self.demographics.sort_by_key(|row| row.core_demographic_id);
        self.demographic_audits.sort_by_key(|row| row.core_demographic_audit_id);
        self.visits.sort_by_key(|row| row.hospital_visit_id);
        self.visit_audits.sort_by_key(|row| row.hospital_visit_audit_id);
        self.locations.sort_by_key(|row| row.location_id);
        self.events.sort_by_key(|row| row.location_event_id);
        self.stays.sort_by_key(|row| (row.hospital_visit_id, row.admission_datetime, row.discharge_datetime));
        self.stay_audits.sort_by_key(|row| row.location_visit_audit_id);
        self.plans.sort_by_key(|row| row.planned_movement_id);
        self.plan_audits.sort_by_key(|row| row.planned_movement_audit_id);
        self.log.sort_by_key(|row| row.id);
        self.rejects.sort_by_key(|row| row.etl_message_reject_id);
        self
    }

    /// The only visit.
    pub(crate) fn visit(&self) -> &HospitalVisit {
        assert_eq!(self.visits.len(), 1, "exactly one visit expected");
        &self.visits[0]
    }

    /// The only patient's demographics.
    pub(crate) fn patient(&self) -> &CoreDemographic {
        assert_eq!(self.demographics.len(), 1, "exactly one patient expected");
        &self.demographics[0]
    }

    /// The hospital number that a hospital number leads to.
    pub(crate) fn live(&self, mrn: &str) -> &str {
        let mrn_id = self.mrn_id(mrn);
        self.number(self.lives.iter().find(|live| live.mrn_id == mrn_id).unwrap().live_mrn_id)
    }

    /// The identifier row with a hospital number.
    pub(crate) fn mrn_id(&self, mrn: &str) -> i64 {
        self.mrns.iter().find(|row| row.mrn.as_deref() == Some(mrn)).unwrap().mrn_id
    }

    /// The hospital number of an identifier row, or its NHS number if it has none.
    pub(crate) fn number(&self, mrn_id: i64) -> &str {
        let row = self.mrns.iter().find(|row| row.mrn_id == mrn_id).unwrap();
        row.mrn.as_deref().or(row.nhs_number.as_deref()).unwrap()
    }

    /// The stays, as `place begin–end`; a `*` marks an inferred time.
    pub(crate) fn journey(&self) -> Vec<String> {
        self.stays
            .iter()
            .map(|stay| {
                let begin =
                    stay.admission_datetime.map_or("?".to_owned(), |at| at.format("%H:%M:%S").to_string());
                let end =
                    stay.discharge_datetime.map_or("open".to_owned(), |at| at.format("%H:%M:%S").to_string());
                let star = |inferred: bool| if inferred { "*" } else { "" };
                format!(
                    "{} {begin}{}–{end}{}",
                    self.place(stay.location_id),
                    star(stay.inferred_admission),
                    star(stay.inferred_discharge)
                )
            })
            .collect()
    }

    /// The planned movements, as `kind place made–called off`; `?` is a time that is not known.
    pub(crate) fn planned(&self) -> Vec<String> {
        let clock = |time: Option<Instant>| time.map_or("?".to_owned(), |at| at.format("%H:%M").to_string());
        self.plans
            .iter()
            .map(|plan| {
                let place = plan.location_id.map_or("nowhere", |id| self.place(id));
                let kind = plan.event_type.as_deref().unwrap_or("?");
                let off = match (plan.cancelled, plan.cancelled_datetime) {
                    (Some(false), None) => "open".to_owned(),
                    (Some(true), at) => clock(at),
                    inconsistent => panic!("{inconsistent:?}"),
                };
                format!("{kind} {place} {}–{off}", clock(plan.event_datetime))
            })
            .collect()
    }

    fn place(&self, location_id: i64) -> &str {
        &self.locations.iter().find(|row| row.location_id == location_id).unwrap().location_string
    }

    fn mrn(&self, mrn_id: i64) -> String {
        let row = self.mrns.iter().find(|row| row.mrn_id == mrn_id).unwrap();
        format!("{:?}/{:?}", row.mrn, row.nhs_number)
    }

    fn encounter(&self, hospital_visit_id: i64) -> &str {
        &self.visits.iter().find(|row| row.hospital_visit_id == hospital_visit_id).unwrap().encounter
    }

    /// The content of all tables without what differs from run to run: primary keys and the wall clock.
    pub(crate) fn content(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = |table: &str, text: String| lines.push(format!("{table}: {text}"));
        for row in &self.mrns {
            line("mrn", format!("{} {:?} {}", self.mrn(row.mrn_id), row.source_system, row.research_opt_out));
        }
        for row in &self.lives {
            line(
                "live",
                format!("{} → {} {}", self.mrn(row.mrn_id), self.mrn(row.live_mrn_id), row.valid_from),
            );
        }
        for row in &self.demographics {
            let known = CoreDemographic {
                core_demographic_id: 0,
                mrn_id: 0,
                stored_from: row.valid_from,
                ..row.clone()
            };
            line("demographic", format!("{} {known:?}", self.mrn(row.mrn_id)));
        }
        for row in &self.demographic_audits {
            line(
                "demographic audit",
                format!("{:?} {:?} until {:?}", row.lastname, row.valid_from, row.valid_until),
            );
        }
        for row in &self.visits {
            let known =
                HospitalVisit { hospital_visit_id: 0, mrn_id: 0, stored_from: row.valid_from, ..row.clone() };
            line("visit", format!("{} {known:?}", self.mrn(row.mrn_id)));
        }
        for row in &self.visit_audits {
            line(
                "visit audit",
                format!(
                    "{} {:?} {:?} {:?} {:?} until {:?}",
                    row.encounter,
                    row.presentation_datetime,
                    row.admission_datetime,
                    row.discharge_datetime,
                    row.valid_from,
                    row.valid_until
                ),
            );
        }
        for row in &self.locations {
            line("location", row.location_string.clone());
        }
        for row in &self.events {
            line(
                "event",
                format!(
                    "{} {} {} from {:?} at {} recorded {:?} {:?}",
                    self.encounter(row.hospital_visit_id),
                    row.event_type,
                    self.place(row.location_id),
                    row.previous_location_id.map(|id| self.place(id)),
                    row.event_datetime,
                    row.recorded_datetime,
                    row.source_id
                ),
            );
        }
        for (row, journey) in self.stays.iter().zip(self.journey()) {
            line(
                "stay",
                format!("{} {journey} since {}", self.encounter(row.hospital_visit_id), row.valid_from),
            );
        }
        for row in &self.stay_audits {
            line(
                "stay audit",
                format!(
                    "{} {:?}–{:?} {} until {:?}",
                    self.place(row.location_id),
                    row.admission_datetime,
                    row.discharge_datetime,
                    row.valid_from,
                    row.valid_until
                ),
            );
        }
        for (row, plan) in self.plans.iter().zip(self.planned()) {
            line(
                "plan",
                format!("{} {plan} since {}", self.encounter(row.hospital_visit_id), row.valid_from),
            );
        }
        for row in &self.plan_audits {
            let (made, off) = (row.event_datetime, row.cancelled_datetime);
            line("plan audit", format!("{made:?}–{off:?} {} until {:?}", row.valid_from, row.valid_until));
        }
        for row in &self.log {
            line(
                "log",
                format!("{:?} {:?} {:?} {:?}", row.source_id, row.message_type, row.error, row.message),
            );
        }
        for row in &self.rejects {
            line("reject", format!("{:?} {:?} {}", row.source_id, row.message_type, row.reason));
        }
        lines.sort();
        lines
    }
}
