//! Which parts of the daemon work just now: a registry of components that report themselves up or down.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::Utc;
use metrics::gauge;
use serde_json::json;

/// The names of components, the same in every daemon.
pub mod components {
    /// The connection to RabbitMQ.
    pub const BROKER: &str = "broker";
    /// The star database.
    pub const STAR: &str = "star";
    /// The message store.
    pub const IDS: &str = "ids";
    /// Whether anything gets settled.
    pub const PROGRESS: &str = "progress";
    /// The division of core's messages among several cores.
    pub const PARTITIONS: &str = "partitions";
}

/// What a component last said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It works.
    Up,
    /// It does not; the text says why, without patient data.
    Down(String),
}

/// The registry; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health {
    components: Arc<Mutex<BTreeMap<&'static str, State>>>,
}

impl Health {
    /// An empty registry: not ready, because nothing has begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a component, down ("starting") until it says otherwise. The same name twice is one component.
    pub fn component(&self, name: &'static str) -> Component {
        let component = Component { name, health: self.clone() };
        self.lock().entry(name).or_insert_with(|| {
            let state = State::Down("starting".to_owned());
            state.show(name);
            state
        });
        component
    }

    /// True when every component is up, and there is one.
    pub fn is_ready(&self) -> bool {
        are_up(&self.lock())
    }

    /// All components by name with their present states.
    pub fn snapshot(&self) -> BTreeMap<&'static str, State> {
        self.lock().clone()
    }

    /// The state as JSON: `{"status":"UP","components":{"ids":{"status":"UP"},…}}`, a component that is down
    /// with its reason under `details`.
    pub fn to_json(&self) -> serde_json::Value {
        let components = self.snapshot();
        let ready = are_up(&components);
        let components: serde_json::Map<_, _> =
            components.iter().map(|(name, state)| ((*name).to_owned(), state.to_json())).collect();
        json!({ "status": status_word(ready), "components": components })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, State>> {
        // A poisoned lock holds a map that is still whole: every change is a single insert.
        self.components.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Before a daemon has named its components, it has not begun to work.
fn are_up(components: &BTreeMap<&'static str, State>) -> bool {
    !components.is_empty() && components.values().all(|state| *state == State::Up)
}

fn status_word(up: bool) -> &'static str {
    if up { "UP" } else { "DOWN" }
}

impl State {
    fn is_up(&self) -> bool {
        *self == Self::Up
    }

    /// Among the figures: whether a component is up, and since when it is or is not (seconds since 1970).
    fn show(&self, component: &'static str) {
        let now = Utc::now().timestamp_millis();
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into a double")]
        let now = now as f64 / 1000.0;
        gauge!("emap_component_up", "component" => component).set(f64::from(u8::from(self.is_up())));
        gauge!("emap_component_since_timestamp_seconds", "component" => component).set(now);
    }

    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Up => json!({ "status": status_word(true) }),
            Self::Down(reason) => json!({ "status": status_word(false), "details": { "reason": reason } }),
        }
    }
}

/// The handle by which one component reports its state.
#[derive(Debug, Clone)]
pub struct Component {
    name: &'static str,
    health: Health,
}

impl Component {
    /// It works. A change is logged.
    pub fn up(&self) {
        if self.set(State::Up) {
            tracing::info!(component = self.name, "up");
        }
    }

    /// It does not work; `reason` must not hold patient data. A change is logged.
    pub fn down(&self, reason: impl Display) {
        let reason = reason.to_string();
        if self.set(State::Down(reason.clone())) {
            tracing::warn!(component = self.name, reason, "down");
        }
    }

    /// Up or down, for callers that already have a yes or no.
    pub fn set_up(&self, up: bool, reason_if_down: &str) {
        if up { self.up() } else { self.down(reason_if_down) }
    }

    /// True when the component last said that it works.
    pub fn is_up(&self) -> bool {
        self.health.lock().get(self.name) == Some(&State::Up)
    }

    fn set(&self, state: State) -> bool {
        let mut components = self.health.lock();
        let before = components.get(self.name);
        let changed = before != Some(&state);
        if before.is_none_or(|before| before.is_up() != state.is_up()) {
            state.show(self.name);
        }
        components.insert(self.name, state);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_when_everything_is_up() {
        let health = Health::new();
        assert!(!health.is_ready(), "nothing has begun");
        let (store, broker) = (health.component(components::IDS), health.component(components::BROKER));
        assert!(!health.is_ready());
        store.up();
        broker.up();
        assert!(health.is_ready());
        broker.down("connection refused");
        assert!(!health.is_ready());
        assert!(store.is_up() && !broker.is_up());
    }

    #[test]
    fn json_names_each_component_and_the_reason() {
        let health = Health::new();
        health.component(components::IDS).up();
        health.component(components::BROKER).down("said \"no\"\nand closed");
        let expected = json!({
            "status": "DOWN",
            "components": {
                "broker": { "status": "DOWN", "details": { "reason": "said \"no\"\nand closed" } },
                "ids": { "status": "UP" },
            },
        });
        assert_eq!(health.to_json(), expected);
        assert_eq!(Health::new().to_json(), json!({ "status": "DOWN", "components": {} }));
    }
}
