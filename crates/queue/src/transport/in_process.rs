//! A broker inside the program: bounded queues that refuse what is too much, acknowledgement, and
//! redelivery of what a consumer left unsettled. For demonstrations and tests; nothing is kept on disk.

mod broker;
mod consume;
mod publish;

pub use self::broker::Broker;

use std::sync::Arc;

use super::link::{Connector, LinkError};
use crate::byte_budget::ByteBudget;

impl Connector for Broker {
    type Publishing = publish::Publishing;
    type Consuming = consume::Consuming;

    async fn open_publishing(&self, queue: &str, length: u32) -> Result<publish::Publishing, LinkError> {
        self.declare(queue, length);
        Ok(publish::Publishing::new(self.clone(), queue))
    }

    async fn open_consuming(&self, _: Arc<ByteBudget>) -> Result<consume::Consuming, LinkError> {
        Ok(consume::Consuming::new(self.clone()))
    }
}
