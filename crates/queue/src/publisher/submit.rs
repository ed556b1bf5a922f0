//! What a batch must be like.

use std::collections::HashSet;

use super::batch::{Batch, Outgoing};

/// Why a batch is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The publisher does not work any more.
    #[error("publisher has been shut down")]
    ShutDown,
    /// There is nothing to confirm, so the callback could never mean anything.
    #[error("batch {0} is empty")]
    BatchEmpty(String),
    /// Peers join ids with colons.
    #[error("batch id {0} contains a colon")]
    ColonInBatchId(String),
    /// Peers join ids with colons.
    #[error("correlation id {0} contains a colon")]
    ColonInCorrelationId(String),
    /// Two messages of one batch could not be distinguished.
    #[error("batch {0} has non-unique correlation ids")]
    RepeatedCorrelationId(String),
}

pub(super) fn check(batch: &Batch) -> Result<(), SubmitError> {
    if batch.messages.is_empty() {
        return Err(SubmitError::BatchEmpty(batch.id.clone()));
    }
    if batch.id.contains(':') {
        return Err(SubmitError::ColonInBatchId(batch.id.clone()));
    }
    if let Some(message) = batch.messages.iter().find(|message| message.correlation_id.contains(':')) {
        return Err(SubmitError::ColonInCorrelationId(message.correlation_id.clone()));
    }
    if has_repeated_id(&batch.messages) {
        return Err(SubmitError::RepeatedCorrelationId(batch.id.clone()));
    }
    Ok(())
}

fn has_repeated_id(messages: &[Outgoing]) -> bool {
    let mut seen = HashSet::with_capacity(messages.len());
    messages.len() > 1 && !messages.iter().all(|message| seen.insert(message.correlation_id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{SubmitError, check};
    use crate::{Batch, Outgoing};

    fn batch(id: &str, correlation_ids: &[&str]) -> Batch {
        let outgoing =
            |id: &&str| Outgoing { correlation_id: (*id).to_owned(), type_name: "x", body: Vec::new() };
        let messages = correlation_ids.iter().map(outgoing).collect();
        Batch { id: id.to_owned(), messages, on_confirmed: Box::new(|_| ()) }
    }

    #[test]
    fn what_is_refused_and_why() {
        assert_eq!(check(&batch("a", &["1", "2"])), Ok(()));
        assert_eq!(check(&batch("a:b", &[])), Err(SubmitError::BatchEmpty("a:b".to_owned())));
        assert_eq!(check(&batch("a:b", &["1", "1"])), Err(SubmitError::ColonInBatchId("a:b".to_owned())));
        assert_eq!(
            check(&batch("a", &["1", "2:3"])),
            Err(SubmitError::ColonInCorrelationId("2:3".to_owned()))
        );
        assert_eq!(check(&batch("a", &["1", "1"])), Err(SubmitError::RepeatedCorrelationId("a".to_owned())));
    }
}
