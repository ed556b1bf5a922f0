//! Time zones: times of HL7 messages have none, so all programs must read them alike.

use super::{finding::Findings, site::Site};
use crate::environment::{CONNECTOR, CORE, READER};

const SUBJECT: &str = "time zone";

/// The zone that hoover reads its sources in, whatever is set.
const HOOVER_ZONE: &str = "Europe/London";

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let zone = |file| site.deployment.variable(file, "TZ").unwrap_or_else(|| HOOVER_ZONE.to_owned());
    let reader = zone(READER);
    let mut is_one = true;
    let others = [("core", CORE, true), ("connector", CONNECTOR, site.overlays.connector)];
    for (name, file, _) in others.into_iter().filter(|(.., on)| *on) {
        let other = zone(file);
        if other != reader {
            is_one = false;
            findings.fail(
                SUBJECT,
                format!("{name} has {other}, hl7-reader has {reader}"),
                format!("set one TZ for all services in {}", site.file()),
            );
        }
    }
    if site.overlays.hoover && reader != HOOVER_ZONE {
        is_one = false;
        findings.warn(
            SUBJECT,
            format!("hoover reads its sources in {HOOVER_ZONE}, the others have {reader}"),
            "check that the reporting databases have London time",
        );
    }
    if is_one {
        findings.ok(SUBJECT, reader);
    }
}
