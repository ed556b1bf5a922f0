//! What the daemons say about themselves: health, metrics, and what the kernel counts.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use emap_interchange::queues::HL7_QUEUE;
use emap_test_support::faults::{
    process::{Answer, Usage, get},
    server::rabbitmq::queue_length,
};

use super::progress::Progress;
use crate::{daemons::Supervised, engine::Engine, gauges::Gauges, site::Site, writer::Highest};

const LOOK: Duration = Duration::from_millis(500);
/// So many looks are between two copies of the metrics.
const METRICS: u32 = 10;
/// Readiness has to be down so long after the last settled message, while messages wait; a little more, as we look only
/// twice a second.
const LATEST: Duration = Duration::from_secs(33);

/// So many looks in a row say the same before it is believed: a process that was stopped and goes on again needs a
/// moment to see how late it is. Readiness does not go down because nothing is published, but because the broker is
/// away: so the connector has to be ready all the time.
const IN_A_ROW: [u32; 4] = [3, LATEST_LOOKS, 3, 3];
const LATEST_LOOKS: u32 = 66;

/// What is wrong with the connector (twice), the reader and core if they stay ready for too long.
const COMPLAINTS: [&str; 4] = [
    "the connector says it is ready, has a message to take and acknowledged nothing for half a minute",
    "the connector says it is ready, has actions to publish and published nothing for half a minute",
    "the reader says it is ready, has rows to read and saved nothing for half a minute",
    "core says it is ready, has messages to take and settled nothing for half a minute",
];

/// Looks at the daemons again and again.
#[derive(Debug)]
pub(crate) struct Endpoints {
    copy: Mutex<File>,
    gauges: Gauges,
    complaints: Mutex<Vec<String>>,
}

impl Endpoints {
    /// What is read goes to a file beside the logs.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn new(logs: &Path) -> anyhow::Result<Self> {
        let copy = OpenOptions::new().create(true).append(true).open(logs.join("endpoints.log"))?;
        Ok(Self { copy: Mutex::new(copy), gauges: Gauges::default(), complaints: Mutex::default() })
    }

    /// Looks until it is to stop. `highest`: the row that was written last.
    pub(crate) fn watch(
        &self,
        site: &Site<'_>,
        (engine, progress): (&Engine, &Progress),
        highest: &Highest,
        stop: &AtomicBool,
    ) {
        let (mut looks, mut untrue) = (0_u32, [0_u32; 4]);
        while !stop.load(Ordering::Relaxed) {
            let with_metrics = looks.is_multiple_of(METRICS);
            looks = looks.wrapping_add(1);
            let ready =
                [site.connector, site.reader, site.core].map(|daemon| self.look(daemon, with_metrics));
            let seems_untrue = is_untrue(site, (engine, progress), highest.load(Ordering::Relaxed), ready);
            let all = untrue.iter_mut().zip(seems_untrue).zip(COMPLAINTS).zip(IN_A_ROW);
            for (((count, seems), complaint), in_a_row) in all {
                *count = if seems { *count + 1 } else { 0 };
                if *count == in_a_row {
                    self.complain(complaint);
                }
            }
            sleep(LOOK);
        }
    }

    /// Whether the daemon says that it is ready.
    fn look(&self, daemon: &Supervised, with_metrics: bool) -> bool {
        if let Some(usage) = Usage::of(daemon.id()) {
            self.gauges.add(daemon.name, usage);
        }
        let health = get(daemon.port(), "/health/ready");
        self.write(daemon.name, "health", health.as_ref());
        if with_metrics {
            self.write(daemon.name, "metrics", get(daemon.port(), "/metrics").as_ref());
        }
        let is_ready = health.is_some_and(|answer| answer.status == 200);
        if is_ready {
            daemon.seen_ready();
        }
        is_ready
    }

    fn complain(&self, complaint: &str) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if !complaints.iter().any(|one| one == complaint) {
            complaints.push(complaint.to_owned());
        }
    }

    /// A copy that cannot be written is missing where it is looked at.
    fn write(&self, name: &str, what: &str, answer: Option<&Answer>) {
        let mut copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
        let at = Instant::now();
        let _ = match answer {
            Some(answer) => writeln!(copy, "{at:?} {name} {what} {}\n{}", answer.status, answer.body),
            None => writeln!(copy, "{at:?} {name} {what}: no answer"),
        };
    }

    /// What each daemon used at most.
    pub(crate) fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    /// Where a daemon did not say the truth.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Ready, though messages wait and nothing is settled? The connector, its publishing, the reader and core.
fn is_untrue(
    site: &Site<'_>,
    (engine, progress): (&Engine, &Progress),
    highest: i64,
    ready: [bool; 3],
) -> [bool; 4] {
    let [actions, reader, core] = progress.standing_still();
    let is_late = |still: Option<Duration>| still.is_some_and(|still| still > LATEST);
    let rows_wait = || progress.position().is_some_and(|position| position < highest);
    let messages_wait = || {
        let queue = queue_length(&site.servers.broker, &site.names.virtual_host, HL7_QUEUE);
        queue.is_some_and(|(waiting, taken)| waiting + taken > 0)
    };
    let connector = engine.last().map(|last| last.elapsed());
    [
        ready[0] && is_late(connector) && engine.is_waiting(),
        ready[0] && progress.actions_wait() && actions.is_some_and(|still| still > LOOK),
        ready[1] && is_late(reader) && rows_wait(),
        ready[2] && is_late(core) && messages_wait(),
    ]
}
