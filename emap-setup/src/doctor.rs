//! `emap doctor`: whether an instance would start and work, before it is started. Changes nothing.

mod broker;
mod clock;
mod connector;
mod disk;
mod docker;
mod file;
mod finding;
mod ports;
mod running;
mod server;
mod settings;
mod siblings;
mod site;
mod sources;
mod star;
mod store;

use std::{path::Path, process::ExitCode};

use self::{finding::Findings, site::Site};
use crate::{instance::Instance, output::line};

/// Arguments of `emap doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Prints one line for each finding. Exit code 1 if something would fail.
///
/// # Errors
/// The findings cannot be printed.
pub fn execute(args: &Args, file: &Path) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::new(!args.json);
    match Instance::here(file) {
        Ok(instance) => examine(&instance, &mut findings),
        Err(error) => findings.fail("configuration", format!("{error:#}"), "correct the file"),
    }
    if args.json {
        line(format_args!("{:#}", findings.to_json()));
    }
    Ok(if findings.has_failure() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn examine(instance: &Instance, findings: &mut Findings) {
    let site = match Site::of(instance) {
        Ok(site) => site,
        Err(error) => {
            findings.fail("configuration", format!("{error:#}"), "correct it; nothing else was looked at");
            return;
        }
    };
    file::examine(&site, findings);
    settings::examine(&site, findings);
    siblings::examine(&site, findings);
    docker::examine(&site, findings);
    ports::examine(&site, findings);
    star::examine(&site, findings);
    store::examine(&site, findings);
    connector::examine(&site, findings);
    sources::examine(&site, findings);
    broker::examine(&site, findings);
    clock::examine(&site, findings);
    disk::examine(&site, findings);
}
