//! The queues between the daemons.

use emap_interchange::queues;
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
        Ok(states) => {
            let (partitions, queues): (Vec<_>, Vec<_>) =
                states.into_iter().partition(|(name, _)| queues::is_partition(name));
            let mut shown: Vec<Queue> = queues
                .into_iter()
                .map(|(name, QueueState { messages, consumers })| Queue {
                    published_per_second: rates.published.get(&name).copied(),
                    taken_per_second: rates.taken.get(&name).copied(),
                    most: ways.queue_length,
                    name,
                    messages,
                    consumers,
                })
                .collect();
            shown.extend(all_partitions(&partitions, rates));
            shown
        }
    }
}

/// The queues of core's partitions are one place where messages wait.
fn all_partitions(partitions: &[(String, QueueState)], rates: &Rates) -> Option<Queue> {
    let taken: Vec<f64> = partitions.iter().filter_map(|(name, _)| rates.taken.get(name)).copied().collect();
    (!partitions.is_empty()).then(|| Queue {
        name: format!("{} partitions", partitions.len()),
        messages: partitions.iter().map(|(_, state)| state.messages).sum(),
        consumers: partitions.iter().map(|(_, state)| state.consumers).sum(),
        most: None,
        published_per_second: None,
        taken_per_second: (!taken.is_empty()).then(|| taken.iter().sum()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_shown_as_one() {
        let state = |messages| QueueState { messages, consumers: 1 };
        let partitions =
            [("core.partition.0".to_owned(), state(3)), ("core.partition.1".to_owned(), state(4))];
        let mut rates = Rates::default();
        rates.taken.insert("core.partition.1".to_owned(), 2.5);
        let shown = all_partitions(&partitions, &rates).unwrap();
        assert_eq!((shown.name.as_str(), shown.messages, shown.consumers), ("2 partitions", 7, 2));
        assert_eq!(shown.taken_per_second, Some(2.5));
        assert!(all_partitions(&[], &rates).is_none());
    }
}
