//! Ports of this machine that the instance publishes.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
};

use super::{finding::Findings, site::Site};

pub(super) fn examine(site: &Site<'_>, running: &[String], findings: &mut Findings) {
    let overlays = site.overlays;
    let wanted = [
        ("RABBITMQ_PORT", true),
        ("RABBITMQ_ADMIN_PORT", true),
        ("HL7_READER_PORT", true),
        ("CONNECTOR_HTTP_PORT", overlays.connector),
        ("CONNECTOR_MLLP_HOST_PORT", overlays.connector),
        ("FAKEUDS_PORT", overlays.fake_uds),
        ("PORTAL_PORT", overlays.monitoring),
    ];
    let mut taken_by: BTreeMap<u16, &str> = BTreeMap::new();
    for key in wanted.into_iter().filter(|(_, on)| *on).map(|(key, _)| key) {
        let Some(text) = site.deployment.variable(crate::environment::GLOBAL, key) else {
            // A set of templates without the key has no such port.
            continue;
        };
        let Some(port) = text.parse().ok().filter(|port| *port > 0) else {
            findings.fail(
                key,
                format!("{}{text:?} is no port", place(site, key)),
                "set a number from 1 to 65535",
            );
            continue;
        };
        if let Some(other) = taken_by.insert(port, key) {
            findings.fail(
                key,
                format!("{}port {port} is that of {other} too", place(site, key)),
                "give each its own",
            );
            continue;
        }
        match TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) {
            Ok(_) => findings.ok(key, format!("port {port} is free")),
            Err(error) if error.kind() == ErrorKind::AddrInUse && !running.is_empty() => {
                findings.ok(key, format!("port {port} is in use, and this instance runs"));
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => findings.fail(
                key,
                format!("{}port {port} is taken by another program", place(site, key)),
                format!("end it (`ss -ltnp sport = :{port}` names it), or set another port"),
            ),
            // Low ports are the engine's to open.
            Err(error) => findings.warn(
                key,
                format!("port {port} cannot be tried: {error}"),
                "make sure that nothing else uses it",
            ),
        }
    }
}

/// File and line of a key, to begin a sentence with.
fn place(site: &Site<'_>, key: &str) -> String {
    let found = site.instance.configuration.keys().find(|(_, name, _)| *name == key);
    found.map_or_else(String::new, |(_, _, place)| format!("{}:{}: ", site.file(), place.line))
}
