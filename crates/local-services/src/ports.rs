//! Free TCP ports on the loopback interface.

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, TcpListener},
};

use crate::Error;

/// Below the range (from 32768) out of which Linux gives ports to outgoing connections, so that a server
/// which is stopped for a while finds its port still free.
const RANGE: std::ops::Range<u16> = 15_000..32_000;
const ATTEMPTS: usize = 200;

/// A port without a listener now. Another process may take it before the server does, so starting must be
/// retried.
pub(crate) fn free() -> Result<u16, Error> {
    (0..ATTEMPTS).map(|_| random()).find(|port| is_free(*port)).ok_or(Error::NoFreePort)
}

/// True when a process listens on the port.
pub(crate) fn is_taken(port: u16) -> bool {
    !is_free(port)
}

/// The port in an environment variable, if it is set to one.
pub(crate) fn from_environment(variable: &str) -> Option<u16> {
    std::env::var(variable).ok()?.trim().parse().ok()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Random, so that test processes which start at the same time choose different ports.
fn random() -> u16 {
    // Each `RandomState` hashes differently: enough randomness without another dependency.
    let random = RandomState::new().hash_one(std::process::id());
    let width = u64::from(RANGE.end - RANGE.start);
    RANGE.start + u16::try_from(random % width).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{RANGE, free, is_free};

    #[test]
    fn a_port_in_use_is_not_free() {
        let port = free().unwrap();
        assert!(RANGE.contains(&port));
        let _listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        assert!(!is_free(port));
    }
}
