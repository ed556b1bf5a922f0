//! Publishing rejected rows after all, when a newer reader can convert them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::Utc;
use emap_feed::{
    Blocking, BlockingSource, Convert, Feed, Output, Piece, ProgressStore, Refusal, Settled, Step, Stream,
};
use emap_ids::{IdsError, IdsRow, IdsStore, ProgressStore as ProgressTables, Reject};
use emap_queue::GivenUp;
use emap_service::{Runtime, health::components};

use super::{
    conversion::{Conversion, Sendable, rejected_by_broker, send},
    error::RunError,
    figures::Figures,
    open,
};
use crate::settings::ReaderSettings;

/// Rejects looked at in one go.
const PART: u32 = 100;

/// What became of the rejected rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetrySummary {
    /// Rows that were rejected and not yet published.
    pub rows: u64,
    /// Messages published from them.
    pub messages: u64,
    /// Rows that are still rejects, perhaps for another reason.
    pub still_rejected: u64,
    /// Rows that are no longer in the store.
    pub gone: u64,
}

/// Converts every open reject again, publishes what it gives and closes it. Rows that now are skipped on purpose are
/// closed too. The messages come after those of later rows; core puts them right by their times.
///
/// # Errors
/// A database cannot be reached at the start, or the cancellation comes before all is done.
pub async fn retry(settings: ReaderSettings, runtime: Runtime) -> Result<RetrySummary, RunError> {
    let Runtime { transport, cancel, health } = runtime;
    let (ids, star) = (health.component(components::IDS), health.component(components::STAR));
    let store = open::message_store(&settings, open::briefly(&settings, &ids, &cancel)).await?;
    let rejects = open::tables(&settings, &cancel, open::briefly(&settings, &star, &cancel)).await?;
    let tables = open::tables(&settings, &cancel, open::briefly(&settings, &star, &cancel)).await?;

    let counts = Arc::<Counts>::default();
    let source = OpenRejects {
        store,
        rejects,
        after: i64::MIN,
        most_bytes: settings.block.bytes,
        counts: Arc::clone(&counts),
    };
    let conversion = Conversion::new(&settings, &Arc::<Figures>::default());
    let conversion = Again { conversion, counts: Arc::clone(&counts) };
    let mut stream = Stream::new("rejects", Blocking::new(source), conversion, ids);
    stream.batch.items = settings.batch_rows;
    stream.pauses = settings.pauses.clone();
    let published = Arc::clone(&counts);
    stream.on_confirmed = Box::new(move |messages| add(&published.messages, messages));

    let mut feed = Feed::new(settings.feed(), transport, open::reports(&health), &cancel);
    let all = feed.add(stream);
    let ended = feed.run(Closing { tables }, star).await?;
    let done = all.reached().filter(|()| ended.confirmed && ended.saved);
    done.map(|()| counts.summary()).ok_or(RunError::Stopped)
}

#[derive(Default)]
struct Counts {
    rows: AtomicU64,
    messages: AtomicU64,
    still_rejected: AtomicU64,
    gone: AtomicU64,
}

fn add(count: &AtomicU64, number: usize) {
    count.fetch_add(number as u64, Ordering::Relaxed);
}

impl Counts {
    fn summary(&self) -> RetrySummary {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RetrySummary {
            rows: of(&self.rows),
            messages: of(&self.messages),
            still_rejected: of(&self.still_rejected),
            gone: of(&self.gone),
        }
    }
}

/// The rows of all open rejects, by rising number.
struct OpenRejects {
    store: IdsStore,
    rejects: ProgressTables,
    /// Last reject looked at.
    after: i64,
    /// Bytes of texts that are read in one go, but for the last.
    most_bytes: u64,
    counts: Arc<Counts>,
}

impl BlockingSource for OpenRejects {
    type Item = IdsRow;
    /// There is none: what is closed is not read again.
    type Position = ();
    type End = ();
    type Error = IdsError;

    fn next(&mut self) -> Result<Step<IdsRow, (), ()>, IdsError> {
        let open = self.rejects.open_rejects(self.after, PART)?;
        if open.is_empty() {
            return Ok(Step::End(()));
        }
        let (mut rows, mut bytes, mut looked_at, mut after) = (Vec::new(), 0, 0, self.after);
        for reject in &open {
            if let Some(row) = self.store.read_row(reject.unid)? {
                bytes += row.text.len() as u64;
                rows.push(row);
            }
            (looked_at, after) = (looked_at + 1, reject.unid);
            if bytes >= self.most_bytes {
                break;
            }
        }
        add(&self.counts.rows, looked_at);
        add(&self.counts.gone, looked_at - rows.len());
        self.after = after;
        Ok(Step::Block(rows.into_iter().map(Piece::Item).collect()))
    }

    fn recover(&mut self) -> Result<(), IdsError> {
        self.store.reconnect()?;
        self.rejects.reconnect()
    }
}

/// What is to be recorded of a row.
enum Closure {
    /// Its messages are with the broker, or it is skipped on purpose.
    Done(i64),
    /// It is still rejected.
    Rejected(Reject),
}

/// The usual conversion, which also notes what is done.
struct Again {
    conversion: Conversion,
    counts: Arc<Counts>,
}

impl Again {
    fn still_rejected(&self, reject: Reject) -> Closure {
        add(&self.counts.still_rejected, 1);
        Closure::Rejected(reject)
    }
}

impl Convert for Again {
    type Item = IdsRow;
    type Record = Closure;

    fn convert(&mut self, row: &IdsRow, output: &mut Output<Closure>) {
        match self.conversion.messages(row) {
            Ok(Sendable { messages, partial }) => {
                send(row, &messages, output);
                output.record(match partial {
                    Some(reject) => self.still_rejected(reject),
                    None => Closure::Done(row.unid),
                });
            }
            Err(reject) => output.record(self.still_rejected(reject)),
        }
    }

    fn refuse(&mut self, row: &IdsRow, refusal: &Refusal) -> Option<Closure> {
        Some(self.still_rejected(self.conversion.refused(row, refusal)))
    }

    fn given_up(message: &GivenUp) -> Option<Closure> {
        rejected_by_broker(message).map(Closure::Rejected)
    }
}

/// Closes rejects.
struct Closing {
    tables: ProgressTables,
}

impl ProgressStore for Closing {
    type Position = ();
    type Record = Closure;
    type Error = IdsError;

    fn save(&mut self, settled: &Settled<(), Closure>) -> Result<(), IdsError> {
        let (mut rejected, mut done) = (Vec::new(), Vec::new());
        for record in &settled.records {
            match record {
                Closure::Rejected(reject) => rejected.push(reject.clone()),
                Closure::Done(unid) => done.push(*unid),
            }
        }
        // Of a row that the broker does not take in full, both are recorded; it stays a reject.
        self.tables.mark_replayed(&done, Utc::now())?;
        self.tables.record_rejects(&rejected)
    }

    fn recover(&mut self) -> Result<(), IdsError> {
        self.tables.reconnect()
    }
}
