//! What faults are done to: servers, the proxies in front of them, and the daemons between.

use std::io;

use emap_test_support::faults::{amqp, mllp, postgres, process::free_port};

use crate::{
    daemons::{Addresses, Supervised},
    servers::{Names, Servers},
};

/// The proxies, one for each line between a daemon and a server.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The port behind the sender's line, on which the connector listens.
    listener: u16,
    pub(crate) send: mllp::Proxy,
    pub(crate) database: postgres::Proxy,
    pub(crate) append: postgres::Proxy,
    pub(crate) actions: amqp::Proxy,
    pub(crate) store: postgres::Proxy,
    pub(crate) progress: postgres::Proxy,
    pub(crate) star: postgres::Proxy,
    pub(crate) publish: amqp::Proxy,
    pub(crate) consume: amqp::Proxy,
}

impl Lines {
    /// In front of these servers; nothing happens yet.
    ///
    /// # Errors
    /// No port can be had.
    pub(crate) fn start(servers: &Servers) -> io::Result<Self> {
        let here = |port: u16| ([127, 0, 0, 1], port).into();
        let (store, star, broker) =
            (here(servers.store.port()), here(servers.star.port()), here(servers.broker.port()));
        let listener = free_port();
        Ok(Self {
            listener,
            send: mllp::Proxy::start(here(listener))?,
            database: postgres::Proxy::start(store)?,
            append: postgres::Proxy::start(store)?,
            actions: amqp::Proxy::start(broker)?,
            store: postgres::Proxy::start(store)?,
            progress: postgres::Proxy::start(star)?,
            star: postgres::Proxy::start(star)?,
            publish: amqp::Proxy::start(broker)?,
            consume: amqp::Proxy::start(broker)?,
        })
    }

    /// Where the daemons connect to.
    pub(crate) fn addresses(&self) -> Addresses {
        Addresses {
            listener: self.listener,
            database: self.database.port(),
            append: self.append.port(),
            actions: self.actions.port(),
            store: self.store.port(),
            progress: self.progress.port(),
            star: self.star.port(),
            publish: self.publish.port(),
            consume: self.consume.port(),
        }
    }

    /// From now on everything passes.
    pub(crate) fn lift(&self) {
        self.send.disarm();
        self.send.release();
        for proxy in [&self.database, &self.append, &self.store, &self.progress, &self.star] {
            proxy.disarm();
            proxy.release();
        }
        for proxy in [&self.actions, &self.publish, &self.consume] {
            proxy.disarm();
            proxy.release();
        }
    }
}

/// All that a fault can be done to.
pub(crate) struct Site<'s> {
    pub(crate) servers: &'s Servers,
    pub(crate) names: &'s Names,
    pub(crate) lines: &'s Lines,
    pub(crate) connector: &'s Supervised,
    pub(crate) reader: &'s Supervised,
    pub(crate) core: &'s Supervised,
}
