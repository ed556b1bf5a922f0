//! Stored in the outbox = published, at least once and in order.
//!
//! The connector publishes in the order of receipt, for all patients together, so that the order is right for each.
//! After a failure it publishes again what was not confirmed: what counts is when a document came for the first time.

use std::{collections::HashMap, fmt};

use serde_json::Value;

/// What became of the rows of the outbox. Rows are named by the message that they belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    /// How many rows there were.
    pub stored: usize,
    /// Stored, and not published.
    pub lost: Vec<String>,
    /// Published, and never in the outbox; what is no document is here as well.
    pub unexpected: Vec<String>,
    /// Published for the first time after a row that was stored later.
    pub out_of_order: Vec<String>,
    /// Documents that were published more than once, counted once for each repeat.
    pub repeats: usize,
}

impl Actions {
    /// `stored`: messages with a row, in order; no two are equal. `published`: bodies without compression, in order.
    pub fn of(stored: &[String], published: &[Vec<u8>]) -> Self {
        let places: HashMap<&str, usize> = stored.iter().map(String::as_str).zip(0..).collect();
        let mut actions = Self { stored: stored.len(), ..Self::default() };
        let mut is_published = vec![false; stored.len()];
        let mut next = 0;
        for body in published {
            let message = message(body);
            match places.get(message.as_str()).and_then(|place| Some((*place, is_published.get_mut(*place)?)))
            {
                None => actions.unexpected.push(message),
                Some((_, true)) => actions.repeats += 1,
                Some((place, is_published)) => {
                    *is_published = true;
                    if place < next {
                        actions.out_of_order.push(message);
                    }
                    next = next.max(place);
                }
            }
        }
        let lost = stored.iter().zip(is_published).filter(|(_, is_published)| !is_published);
        actions.lost = lost.map(|(message, _)| message.clone()).collect();
        actions
    }

    /// Whether all were published, in order, and nothing else.
    pub fn is_kept(&self) -> bool {
        self.lost.is_empty() && self.unexpected.is_empty() && self.out_of_order.is_empty()
    }
}

impl fmt::Display for Actions {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, lost, unexpected, out_of_order, repeats } = self;
        let (lost, unexpected, out_of_order) = (lost.len(), unexpected.len(), out_of_order.len());
        write!(
            f,
            "actions {stored}: not published {lost}, unexpected {unexpected}, out of order {out_of_order}, \
             published again {repeats}"
        )
    }
}

/// The message that a document belongs to.
fn message(body: &[u8]) -> String {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    match document.get("dhos_connector_message_uuid").and_then(Value::as_str) {
        Some(uuid) => uuid.to_owned(),
        None => format!("{} bytes that are no document", body.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::Actions;

    fn of(stored: &[&str], published: &[&str]) -> Actions {
        let stored: Vec<String> = stored.iter().map(|one| (*one).to_owned()).collect();
        let body =
            |one: &&str| format!(r#"{{"dhos_connector_message_uuid": "{one}", "actions": []}}"#).into_bytes();
        Actions::of(&stored, &published.iter().map(body).collect::<Vec<_>>())
    }

    #[test]
    fn repeats_are_no_fault() {
        let kept = of(&["a", "b", "c", "d"], &["a", "b", "a", "b", "c", "b", "d"]);
        assert!(kept.is_kept(), "{kept}");
        assert_eq!((kept.stored, kept.repeats), (4, 3));
    }

    #[test]
    fn lost_unexpected_and_out_of_order() {
        let found = of(&["a", "b", "c", "d"], &["b", "a", "x", "d"]);
        assert_eq!(found.lost, ["c"]);
        assert_eq!(found.unexpected, ["x"]);
        assert_eq!(found.out_of_order, ["a"]);
        assert!(!found.is_kept());
    }
}
