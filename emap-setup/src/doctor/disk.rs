//! Room on disks.

use std::path::{Path, PathBuf};

use super::{finding::Findings, site::Site};
use crate::program::read;

const GIB: u64 = 1 << 30;
/// Less does not hold the images and a queue that fills up.
const TOO_LITTLE: u64 = GIB;
const LITTLE: u64 = 10 * GIB;

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let engine = read(&["docker", "info", "--format", "{{.DockerRootDir}}"]);
    let engine = engine.ok().map(|printed| PathBuf::from(printed.trim()));
    let engine = engine.filter(|directory| directory.is_absolute() && directory.is_dir());
    look(&site.instance.project, "logs of validation runs", findings);
    if let Some(directory) = engine {
        look(&directory, "images, volumes and logs of containers", findings);
    }
}

fn look(directory: &Path, holds: &str, findings: &mut Findings) {
    let subject = format!("disk of {}", directory.display());
    let free = match rustix::fs::statvfs(directory) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return findings.warn(subject, error.to_string(), "look at it with df"),
    };
    let text = format!("{}.{} GiB free for {holds}", free / GIB, free % GIB * 10 / GIB);
    if free < TOO_LITTLE {
        findings.fail(subject, text, "make room");
    } else if free < LITTLE {
        findings.warn(subject, text, "make room before it gets full");
    } else {
        findings.ok(subject, text);
    }
}
