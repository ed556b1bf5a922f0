//! What becomes of a record: a message, or a line in the log.

use std::{convert::Infallible, sync::Arc};

use emap_feed::{Convert, Output, Refusal};
use emap_queue::GivenUp;

use super::{figures, processor::Item};
use crate::strategy::QueryStrategy;

/// Converts records in their order.
pub(super) struct Conversion<S> {
    pub(super) strategy: Arc<S>,
}

impl<S: QueryStrategy> Convert for Conversion<S> {
    type Item = Item<S>;
    type Record = Infallible;

    fn convert(&mut self, item: &Item<S>, output: &mut Output<Infallible>) {
        let data_type = self.strategy.definition().name;
        match self.strategy.message(&item.record, &item.scope) {
            Ok(message) => {
                let id = format!("{data_type}_{}_{}", item.scope.sub_id, self.strategy.row_id(&item.record));
                output.message(&id, &message);
            }
            Err(error) => {
                tracing::error!(data_type, %error, "left out");
                figures::left_out(data_type);
            }
        }
    }

    fn refuse(&mut self, item: &Item<S>, refusal: &Refusal) -> Option<Infallible> {
        let data_type = self.strategy.definition().name;
        tracing::error!(data_type, row = self.strategy.row_id(&item.record), %refusal, "left out");
        figures::left_out(data_type);
        None
    }

    fn given_up(message: &GivenUp) -> Option<Infallible> {
        tracing::error!(id = message.correlation_id, bytes = message.bytes, reason = %message.reason, "left out");
        None
    }
}
