//! How this machine reaches what the containers of an instance call by name.
//!
//! Names of services are known inside the compose network only, and `host.docker.internal` is what a container calls the
//! machine that it runs on. Ports of services are reached where they are published.

mod address;
mod services;

pub use self::{address::replace_address, services::Services};

use std::net::ToSocketAddrs;

/// What a container calls the machine that it runs on.
const THIS_MACHINE: &str = "host.docker.internal";

/// Where something is, as seen from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// At this address.
    At {
        /// Host or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A service of the instance, whose port is published on this machine.
    Published {
        /// Name of the service.
        service: String,
        /// The port here.
        port: u16,
    },
    /// A service of the instance that only its other services reach.
    Inside {
        /// Name of the service.
        service: String,
    },
}

impl Reached {
    /// The service of the instance that it is.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::At { .. } => None,
            Self::Published { service, .. } | Self::Inside { service } => Some(service),
        }
    }

    /// Host and port to connect to from here, if there is a way.
    pub fn address(&self) -> Option<(&str, u16)> {
        match self {
            Self::At { host, port } => Some((host, *port)),
            Self::Published { port, .. } => Some(("127.0.0.1", *port)),
            Self::Inside { .. } => None,
        }
    }
}

impl Services {
    /// Where the host and port are that a container was told.
    pub fn reached(&self, host: &str, port: u16) -> Reached {
        if let Some(ports) = self.ports(host) {
            let published = ports.iter().find(|(container, _)| *container == port);
            let service = host.to_owned();
            return match published {
                Some((_, port)) => Reached::Published { service, port: *port },
                None => Reached::Inside { service },
            };
        }
        let host =
            if host == THIS_MACHINE && (host, port).to_socket_addrs().is_err() { "127.0.0.1" } else { host };
        Reached::At { host: host.to_owned(), port }
    }
}
