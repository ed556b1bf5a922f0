//! The daemon: batches from the queues, through the engine, and back to the broker as acknowledgements.

use std::time::{Duration, Instant};

use emap_queue::Transport;
use emap_service::{Runtime, health::components, program::EarlyEnd};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    intake::Intake,
    partitions::claims::{Claimant, Claims},
    settings::CoreSettings,
    settling::{Commits, Settling},
    tally::Tally,
    worker::Worker,
};

/// How often readiness is brought up to date.
const HEALTH_LOOK: Duration = Duration::from_millis(500);

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A mistake in the program. What was not committed is still on the queue.
    #[error("the thread that writes to the star database ended abnormally")]
    WorkerEnded,
    /// New rows would get primary keys that are in use.
    #[error("{0}")]
    Keys(String),
    /// They are queues of the server.
    #[error("partitions (CORE_PARTITIONS) need a RabbitMQ server")]
    NoServer,
}

impl EarlyEnd for RunError {
    fn was_asked_for(&self) -> bool {
        false
    }
}

/// Takes messages from the queues until the cancellation, then settles what is on its way and ends. `progress` is called
/// after each committed batch.
///
/// A lost broker or database is waited for and shown in readiness (components `broker` and `star`). That messages wait and
/// nothing is settled is shown there too, whatever the reason (component `progress`), and that messages cannot be divided
/// into partitions (`partitions`).
///
/// # Errors
/// A mistake in the program, or primary keys that would collide.
pub async fn run(
    settings: CoreSettings,
    runtime: Runtime,
    mut progress: impl FnMut(Tally),
) -> Result<Tally, RunError> {
    let Runtime { transport, cancel, health } = runtime;
    if settings.partitions > 0 && matches!(transport, Transport::InProcess(_)) {
        return Err(RunError::NoServer);
    }
    let (work, batches) = mpsc::channel(1);
    let (done_sender, mut done) = mpsc::unbounded_channel();
    let commits = Commits::default();
    let [star, broker, progressing] =
        [components::STAR, components::BROKER, components::PROGRESS].map(|name| health.component(name));
    let servers = [star.clone(), broker];
    let mut settling =
        Settling::new(progressing, servers, settings.stall_limit, commits.clone(), Instant::now());
    let claims = Claims::new(settings.partitions);
    let mut intake = Intake::start(&settings, transport, (&health, &cancel), claims.clone());
    let worker = Worker {
        database: settings.database.clone(),
        rules: settings.rules,
        star,
        commits,
        pauses: settings.pauses.clone(),
        migrate: settings.migrate,
        sequence: settings.sequence,
        cancel: cancel.clone(),
        claimant: Claimant::new(claims, settings.database.schema.clone()),
    };
    // The worker waits for the database with this runtime's timers.
    let timers = Handle::current();
    let thread = std::thread::spawn(move || {
        let _entered = timers.enter();
        worker.run(batches, &done_sender)
    });
    let mut tally = Tally::default();
    let mut work = Some(work);
    let mut look = tokio::time::interval(HEALTH_LOOK);
    loop {
        let may_take = work.is_some() && intake.has_room();
        tokio::select! {
            biased;
            () = cancel.cancelled(), if work.is_some() => work = None,
            committed = done.recv() => match committed {
                Some(committed) => {
                    intake.settle(committed, &mut tally);
                    settling.look(intake.is_busy(), Instant::now());
                    progress(tally);
                }
                // The worker ended, and everything it committed is settled.
                None => break,
            },
            _ = look.tick() => {
                intake.report_health();
                settling.look(intake.is_busy(), Instant::now());
            }
            () = intake.partitions.changed(), if work.is_some() => intake.arrange(),
            delivered = intake.taker.next(), if may_take => match delivered {
                Some(delivered) => {
                    if let (Some(batch), Some(work)) = (intake.take(delivered), &work)
                        && work.send(batch).await.is_err()
                    {
                        break;
                    }
                }
                None => work = None,
            },
        }
    }
    intake.close().await;
    thread.join().map_err(|_| RunError::WorkerEnded)?.map_err(RunError::Keys)?;
    Ok(tally)
}
