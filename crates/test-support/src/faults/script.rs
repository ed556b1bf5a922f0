//! A plan at work: counts messages, decides, and remembers what happened.

use std::{collections::HashMap, time::Instant};

use super::plan::{Action, Counting, FaultPlan, Positions, Seen, Side};

/// Which messages fit, and how their kind is called.
pub(super) trait Filter<M>: Send + 'static {
    /// Whether the message fits.
    fn fits(&self, message: &M) -> bool;
}

/// The plan of a proxy with its counters.
#[derive(Debug)]
pub(super) struct Script<F, R> {
    started: Instant,
    plan: FaultPlan<F, R>,
    progress: Vec<Progress>,
    positions: Positions,
    seen: Vec<Seen>,
    connections: u64,
}

/// How far one fault of the plan is.
#[derive(Debug, Default)]
struct Progress {
    /// Messages that fit, over all connections.
    fitting: u64,
    /// The same, by connection.
    by_connection: HashMap<u64, u64>,
    happened: u64,
}

impl<F, R: Clone> Script<F, R> {
    /// With a plan under which nothing happens.
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            plan: FaultPlan::none(),
            progress: Vec::new(),
            positions: Positions::default(),
            seen: Vec::new(),
            connections: 0,
        }
    }

    /// Takes a new plan; all counters begin at zero. What was seen stays.
    pub(super) fn arm(&mut self, plan: FaultPlan<F, R>) {
        self.progress = plan.faults().iter().map(|_| Progress::default()).collect();
        self.plan = plan;
        self.positions = Positions::default();
    }

    /// Numbers a new connection.
    pub(super) fn connected(&mut self) -> u64 {
        self.connections += 1;
        self.positions.connections += 1;
        self.connections
    }

    /// Counts a message and says what is to be done with it.
    pub(super) fn decide<M>(
        &mut self,
        connection: u64,
        side: Side,
        message: &M,
        kind: impl FnOnce(&M) -> String,
    ) -> Option<Action<R>>
    where
        F: Filter<M>,
    {
        let position = match side {
            Side::Client => &mut self.positions.client,
            Side::Server => &mut self.positions.server,
        };
        *position += 1;
        let position = *position;
        let mut due = None;
        for (fault, progress) in self.plan.faults().iter().zip(&mut self.progress) {
            if fault.side() != side || !fault.filter().fits(message) {
                continue;
            }
            progress.fitting += 1;
            let own = progress.by_connection.entry(connection).or_default();
            *own += 1;
            let number = match fault.counting() {
                Counting::PerProxy => progress.fitting,
                Counting::PerConnection => *own,
            };
            if due.is_none() && fault.is_due(number, progress.happened) {
                progress.happened += 1;
                due = Some(fault.action().clone());
            }
        }
        if let Some(action) = &due {
            self.seen.push(Seen {
                at: self.started.elapsed(),
                connection,
                side,
                position,
                message: kind(message),
                action: action.name(),
            });
        }
        due
    }

    pub(super) fn positions(&self) -> Positions {
        self.positions
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.clone()
    }

    pub(super) fn happened(&self) -> usize {
        self.seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Script};
    use crate::faults::plan::{Action, Fault, FaultPlan, Side};

    impl Filter<char> for char {
        fn fits(&self, message: &char) -> bool {
            self == message
        }
    }

    /// Connections and messages at which something happened.
    fn happened(plan: impl Into<FaultPlan<char, ()>>, messages: &[(u64, char)]) -> Vec<usize> {
        let mut script = Script::new();
        script.arm(plan.into());
        let mut decide = |connection, message: &char| {
            script.decide(connection, Side::Client, message, char::to_string).is_some()
        };
        (0..messages.len()).filter(|place| decide(messages[*place].0, &messages[*place].1)).collect()
    }

    #[test]
    fn messages_that_fit_are_counted_over_all_connections_or_in_each() {
        let messages = [(1, 'a'), (1, 'b'), (2, 'a'), (1, 'a'), (2, 'a'), (2, 'a')];
        let second = Fault::at_client('a', Action::Cut).nth(2);
        assert_eq!(happened(second.clone(), &messages), [2]);
        assert_eq!(happened(second.clone().times(2), &messages), [2, 3]);
        assert_eq!(happened(second.clone().always(), &messages), [2, 3, 4, 5]);
        assert_eq!(happened(second.clone().per_connection(), &messages), [3]);
        assert_eq!(happened(second.per_connection().always(), &messages), [3, 4]);
        assert_eq!(happened(Fault::at_server('a', Action::Cut), &messages), Vec::<usize>::new());
    }

    #[test]
    fn the_first_fault_that_is_due_happens() {
        let plan =
            FaultPlan::from(Fault::at_client('a', Action::Cut)).and(Fault::at_client('a', Action::Silence));
        assert_eq!(happened(plan, &[(1, 'a'), (1, 'a'), (1, 'a')]), [0, 1]);
    }
}
