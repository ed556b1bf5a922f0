//! A message store, progress tables and an in-process broker of one test's own.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use emap_ids::{IdsStore, NewRow, Progress, ProgressStore};
use emap_ids_reader::{
    ReaderSettings,
    run::{RunError, RunSummary, run},
};
use emap_interchange::{Message, queues};
use emap_local_services::postgres;
use emap_queue::{BatchLimit, Consumer, ConsumerSettings, Transport, transport::in_process::Broker};
use emap_service::{CancellationToken, Health, Runtime, health::State};
use emap_test_support::faults::postgres::Proxy;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) store: IdsStore,
    pub(crate) broker: Broker,
    pub(crate) settings: ReaderSettings,
}

impl Site {
    /// An empty store in a new database of the server that all tests share.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("reader_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        postgres::shared().create_database(&name).unwrap();
        Self::at(postgres::shared().database_url(&name))
    }

    pub(crate) fn at(url: String) -> Self {
        emap_ids::migrate(&url, "ids").unwrap();
        let store = IdsStore::connect(&url, "ids").unwrap();
        let mut settings = ReaderSettings::between((&url, "ids"), (&url, "star")).unwrap();
        settings.poll = Duration::from_millis(10);
        settings.save_interval = Duration::from_millis(20);
        settings.publishing.retry_initial = Duration::from_millis(10);
        settings.publishing.retry_maximum = Duration::from_millis(100);
        settings.stop_when_drained = true;
        Self { url, store, broker: Broker::new(), settings }
    }

    /// Stores admissions, one a minute from the given time, and returns their numbers.
    pub(crate) fn admissions(&mut self, count: u32, from: &str) -> Vec<i64> {
        let rows: Vec<NewRow> = (0..count)
            .map(|minute| {
                let at = instant(from) + chrono::TimeDelta::minutes(minute.into());
                row(&admission(minute), at)
            })
            .collect();
        self.store.append_batch(&rows).unwrap()
    }

    /// Stores an admission under this number, whatever is there already.
    pub(crate) fn store_as(&mut self, unid: i64, at: DateTime<Utc>) {
        let number = u32::try_from(unid % 1_000_000).unwrap();
        self.store.append(&NewRow { unid: Some(unid), ..row(&admission(number), at) }).unwrap();
    }

    /// Gaps that are on record, by their first and last numbers.
    pub(crate) fn gaps(&self) -> Vec<(i64, i64)> {
        let text = self.answer("SELECT first_unid, last_unid FROM star.etl_ids_gap ORDER BY 1");
        let number = |text: Option<&str>| text.unwrap().trim().parse().unwrap();
        text.lines()
            .map(|line| {
                let mut columns = line.split('|');
                (number(columns.next()), number(columns.next()))
            })
            .collect()
    }

    pub(crate) fn transport(&self) -> Transport {
        Transport::InProcess(self.broker.clone())
    }

    pub(crate) async fn run(&self) -> Result<RunSummary, RunError> {
        run(self.settings.clone(), Runtime::new(self.transport()), |_| {}).await
    }

    pub(crate) fn depth(&self) -> usize {
        self.broker.depth(queues::HL7_QUEUE)
    }

    pub(crate) fn progress_store(&self) -> ProgressStore {
        ProgressStore::connect(&self.url, "star").unwrap()
    }

    pub(crate) fn progress(&self) -> Option<Progress> {
        self.progress_store().load().unwrap()
    }

    /// Runs SQL in the database of the store and the progress tables.
    pub(crate) fn sql(&self, sql: &str) {
        self.answer(sql);
    }

    fn answer(&self, sql: &str) -> String {
        postgres::shared().query(self.database(), sql).unwrap()
    }

    /// The URL of its database behind a proxy.
    pub(crate) fn url_through(&self, proxy: &Proxy) -> String {
        let (user, _) = self.url.trim_start_matches("postgresql://").split_once('@').unwrap();
        format!("postgresql://{user}@127.0.0.1:{}/{}", proxy.port(), self.database())
    }

    /// Sessions whose statement waits for a lock.
    pub(crate) fn waiting_for_locks(&self) -> usize {
        let query = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.answer(query).trim().parse().unwrap()
    }

    /// Name of the database.
    pub(crate) fn database(&self) -> &str {
        self.url.rsplit_once('/').unwrap().1
    }

    /// Runs a reader until it is cancelled or done.
    pub(crate) fn start(&self) -> Running {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let runtime = Runtime { transport: self.transport(), cancel: cancel.clone(), health: health.clone() };
        let task = tokio::spawn(run(self.settings.clone(), runtime, |_| {}));
        Running { health, cancel, task }
    }

    /// Waits until the saved position is this row.
    pub(crate) async fn until_saved(&self, unid: i64) {
        until("progress", || self.progress().is_some_and(|progress| progress.unid == unid)).await;
    }

    /// Reasons of all open rejects by row.
    pub(crate) fn rejects(&self) -> BTreeMap<i64, String> {
        let open = self.progress_store().open_rejects(i64::MIN, 1000).unwrap();
        open.into_iter().map(|reject| (reject.unid, reject.reason)).collect()
    }

    /// Takes this many messages off the queue and returns the rows they came from.
    pub(crate) async fn take(&self, count: usize) -> Vec<i64> {
        take(self.transport(), count).await
    }
}

/// A reader at work.
pub(crate) struct Running {
    pub(crate) health: Health,
    pub(crate) cancel: CancellationToken,
    pub(crate) task: tokio::task::JoinHandle<Result<RunSummary, RunError>>,
}

impl Running {
    /// What a component says is wrong; `None`: nothing.
    pub(crate) fn reason(&self, component: &str) -> Option<String> {
        match self.health.snapshot().remove(component) {
            Some(State::Down(reason)) => Some(reason),
            _ => None,
        }
    }

    /// Asks it to end, and waits for that.
    pub(crate) async fn stop(self) -> RunSummary {
        self.cancel.cancel();
        self.ended().await
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> RunSummary {
        tokio::time::timeout(PATIENCE, self.task).await.expect("it ends").unwrap().unwrap()
    }
}

/// Takes messages off the HL7 queue until there are `count`, and returns the rows they came from.
pub(crate) async fn take(transport: Transport, count: usize) -> Vec<i64> {
    let mut rows = Vec::new();
    take_while(transport, |taken| {
        rows.extend(taken);
        count - rows.len()
    })
    .await;
    rows
}

/// Takes batches of messages off the HL7 queue, at most as many as the function wants next, until that is 0.
pub(crate) async fn take_while(transport: Transport, mut want: impl FnMut(Vec<i64>) -> usize) {
    let settings = ConsumerSettings::of(vec![queues::HL7_QUEUE.to_owned()]);
    let mut consumer = Consumer::start(transport, settings);
    let mut wanted = want(Vec::new());
    while wanted > 0 {
        let batch = tokio::time::timeout(
            PATIENCE,
            consumer.next_batch(BatchLimit::messages(wanted), Duration::from_millis(5)),
        );
        let Ok(batch) = batch.await else { panic!("no message for a minute, {wanted} wanted") };
        let batch = batch.unwrap();
        let rows = batch.deliveries.iter().map(|delivery| {
            let message = Message::from_json(&delivery.body).unwrap();
            message.source_message_id.unwrap().parse().unwrap()
        });
        wanted = want(rows.collect());
        consumer.settle(batch.ticket, &[]);
    }
    consumer.close().await;
}

/// Waits until the condition holds; panics after a minute.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "waited too long for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A row with this text, stored at this time.
pub(crate) fn row(text: &str, persisted: DateTime<Utc>) -> NewRow {
    NewRow {
        hl7_message: Some(text.to_owned()),
        message_datetime: Some(persisted - chrono::TimeDelta::seconds(3)),
        persist_datetime: Some(persisted),
        ..NewRow::default()
    }
}

/// An admission of an invented patient.
pub(crate) fn admission(number: u32) -> String {
    format!(
        "MSH|^~\\&|EPIC|TESTHOSP|||20260301083000||ADT^A01|{number}|T|2.5\r\
         EVN|A01|20260301083000||||20260301082500\r\
         PID|1||{mrn}^^^HOSP^MRN||Teapot^Clara||19610904|F\r\
         PV1|1|I|W1^R2^B3||||||||||||||||{visit}|||||||||||||||||||||||||20260301082500\r",
        mrn = 4_100_000 + number,
        visit = 990_000 + number,
    )
}
