//! Ports of this machine that the instance publishes.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
};

use super::{finding::Findings, site::Site};

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let overlays = site.overlays;
    let wanted = [
        ("RABBITMQ_PORT", true),
        ("RABBITMQ_ADMIN_PORT", true),
        ("HL7_READER_PORT", true),
        ("CONNECTOR_HTTP_PORT", overlays.connector),
        ("CONNECTOR_MLLP_HOST_PORT", overlays.connector),
        ("FAKEUDS_PORT", overlays.fake_uds),
        ("FAKEIDS_PORT", overlays.fake_ids),
        ("PORTAL_PORT", overlays.monitoring),
    ];
    let place = |key| site.instance.configuration.whereabouts(key);
    let mut taken_by: BTreeMap<u16, &str> = BTreeMap::new();
    for key in wanted.into_iter().filter(|(_, on)| *on).map(|(key, _)| key) {
        let Some(text) = site.deployment.variable(crate::environment::GLOBAL, key) else {
            // A set of templates without the key has no such port.
            continue;
        };
        let Some(port) = text.parse().ok().filter(|port| *port > 0) else {
            findings.fail(key, format!("{}{text:?} is no port", place(key)), "set a number from 1 to 65535");
            continue;
        };
        if let Some(other) = taken_by.insert(port, key) {
            findings.fail(
                key,
                format!("{}port {port} is that of {other} too", place(key)),
                "give each its own",
            );
            continue;
        }
        match TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) {
            Ok(_) => findings.ok(key, format!("port {port} is free")),
            Err(error) if error.kind() == ErrorKind::AddrInUse && site.running.publishes(port) => {
                findings.ok(key, format!("port {port} is held by a container of this instance"));
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => findings.fail(
                key,
                format!("{}port {port} is taken by another program", place(key)),
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
