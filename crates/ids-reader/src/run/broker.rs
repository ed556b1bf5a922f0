//! Whether the broker is there.

use std::sync::Arc;
use std::time::Duration;

use emap_queue::Publisher;
use emap_service::Component;

/// Reports the publisher's connection until it is aborted.
pub(crate) async fn watch_connection(publisher: Arc<Publisher>, component: Component) {
    loop {
        component.set_up(publisher.is_connected(), "not connected");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
