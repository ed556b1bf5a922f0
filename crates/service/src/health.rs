//! Which parts of the daemon work just now: a registry of components that report themselves up or down.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
    /// An empty registry: ready, because nothing is down.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a component, down ("starting") until it says otherwise. The same name twice is one component.
    pub fn component(&self, name: &'static str) -> Component {
        let component = Component { name, health: self.clone() };
        self.lock().entry(name).or_insert_with(|| State::Down("starting".to_owned()));
        component
    }

    /// True when every component is up.
    pub fn is_ready(&self) -> bool {
        self.lock().values().all(|state| *state == State::Up)
    }

    /// All components by name with their present states.
    pub fn snapshot(&self) -> BTreeMap<&'static str, State> {
        self.lock().clone()
    }

    /// The state as JSON: `{"status":"UP","components":{"db":{"status":"UP"},…}}`, a component that is down
    /// with its reason under `details`.
    pub fn to_json(&self) -> String {
        let mut json = format!(r#"{{"status":"{}","components":{{"#, status_word(self.is_ready()));
        for (index, (name, state)) in self.snapshot().iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&component_json(name, state));
        }
        json.push_str("}}");
        json
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, State>> {
        // A poisoned lock holds a map that is still whole: every change is a single insert.
        self.components.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn status_word(up: bool) -> &'static str {
    if up { "UP" } else { "DOWN" }
}

fn component_json(name: &str, state: &State) -> String {
    match state {
        State::Up => format!(r#"{}:{{"status":"UP"}}"#, quoted(name)),
        State::Down(reason) => {
            format!(r#"{}:{{"status":"DOWN","details":{{"reason":{}}}}}"#, quoted(name), quoted(reason))
        }
    }
}

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control.is_control() => json.push(' '),
            other => json.push(other),
        }
    }
    json.push('"');
    json
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
    pub fn down(&self, reason: impl std::fmt::Display) {
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
        let changed = components.get(self.name) != Some(&state);
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
        assert!(health.is_ready());
        let (store, broker) = (health.component("ids"), health.component("rabbitmq"));
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
        health.component("ids").up();
        health.component("rabbitmq").down("said \"no\"\nand closed");
        assert_eq!(
            health.to_json(),
            r#"{"status":"DOWN","components":{"ids":{"status":"UP"},"#.to_owned()
                + r#""rabbitmq":{"status":"DOWN","details":{"reason":"said \"no\" and closed"}}}}"#
        );
        assert_eq!(Health::new().to_json(), r#"{"status":"UP","components":{}}"#);
    }
}
