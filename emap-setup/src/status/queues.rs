//! The queues between the daemons.

use emap_queue::{Inspection, QueueState};
use serde::Serialize;

use super::{figures::Rates, ways::Ways};

/// One of them.
#[derive(Debug, Serialize)]
pub(super) struct Queue {
    pub(super) name: String,
    /// Messages that wait; those that core works on do not count.
    pub(super) messages: u32,
    /// Programs that take messages from it.
    pub(super) consumers: u32,
    /// Most messages that it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) most: Option<u32>,
    /// Messages per second that our sources put in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) published_per_second: Option<f64>,
    /// Messages per second that our cores settle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken_per_second: Option<f64>,
}

/// Those that are there.
pub(super) fn look(ways: &Ways, rates: &Rates, notes: &mut Vec<String>) -> Vec<Queue> {
    let Some(config) = &ways.broker else { return Vec::new() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let states = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        let states = runtime.block_on(async {
            let inspection = Inspection::connect(config).await?;
            let mut states: Vec<(String, QueueState)> = Vec::new();
            for queue in &ways.queues {
                states.extend(inspection.state(queue).await?.map(|state| (queue.clone(), state)));
            }
            inspection.close().await;
            Ok::<_, emap_queue::BrokerError>(states)
        });
        // Threads that still wait for the broker must not hold up the answer.
        runtime.shutdown_background();
        states.map_err(|error| error.to_string())
    });
    match states {
        Err(error) => {
            notes.push(format!("broker {}:{}: {error}", config.host, config.port));
            Vec::new()
        }
        Ok(states) => states
            .into_iter()
            .map(|(name, QueueState { messages, consumers })| Queue {
                published_per_second: rates.published.get(&name).copied(),
                taken_per_second: rates.taken.get(&name).copied(),
                most: ways.queue_length,
                name,
                messages,
                consumers,
            })
            .collect(),
    }
}
