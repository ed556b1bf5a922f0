//! The broker as settings describe it, and whether it is there.

use std::sync::Arc;
use std::time::Duration;

use emap_queue::{BrokerConfig, Publisher, Transport};
use emap_service::{BrokerSettings, Component};

/// The transport over the configured RabbitMQ broker.
pub fn broker_transport(settings: &BrokerSettings) -> Transport {
    Transport::Amqp(BrokerConfig {
        host: settings.host.clone(),
        port: settings.port,
        username: settings.username.clone(),
        password: settings.password.clone(),
        virtual_host: settings.virtual_host.clone(),
    })
}

/// Reports the publisher's connection until it is aborted.
pub(crate) async fn watch_connection(publisher: Arc<Publisher>, component: Component) {
    loop {
        component.set_up(publisher.is_connected(), "not connected");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
