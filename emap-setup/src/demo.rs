//! `emap demo`: a day of invented messages through the whole pipeline, on a private PostgreSQL server.
//!
//! Connector, hoover, reader and core are the daemons' own libraries, run as `connector run`, `hoover run`, `ids-reader run`
//! and `core run` run them; only the queue before the last is in this process instead of in RabbitMQ, and the databases that
//! hoover reads are in a stand-in for SQL Server.

mod day;
mod extracts;
mod pipeline;
mod progress;
mod reception;
mod report;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context;
use diesel::{Connection, PgConnection};
use emap_ids::IdsStore;
use emap_local_services::postgres::{Durability, Options, Server};
use emap_service::{
    program::wait_for_signal,
    settings::{LogSettings, Settings},
    telemetry,
};
use emap_star::migrations;

use crate::{
    databases::{self, IDS, STAR},
    output::{heading, line},
    sources::{Content, Sources},
};

/// Arguments of `emap demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the database server running until Ctrl-C, to look around with psql.
    #[arg(long)]
    keep: bool,
    /// Keep the data in this directory for next time; a second run goes on where the first ended.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Directory with the `.hl7` files of another day than that of `test-files/hl7/demo` in the checkout. The reporting
    /// databases are then left out: they know the hospital of that day only.
    #[arg(long, value_name = "DIR")]
    messages: Option<PathBuf>,
}

/// Runs the demo and prints what came of it.
///
/// # Errors
/// PostgreSQL is not installed or does not start, or a part of the pipeline cannot.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    log_if_asked()?;
    let server = start_server(args)?;
    create_star(&server)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(fill_store(args, &server))?;
    let sources = if args.messages.is_none() { Some(Sources::start(&server, Content::Demo)?) } else { None };
    let figures = runtime.block_on(pipeline::run(&server, sources.as_ref()))?;
    report::print(&server, &figures)?;
    finish(args, &server)?;
    Ok(ExitCode::SUCCESS)
}

/// The demo's own lines say what matters; the daemons' log lines come only with the variable that sets their
/// level.
fn log_if_asked() -> anyhow::Result<()> {
    let settings = Settings::load(&[LogSettings::KEYS], None)?;
    let asked = LogSettings::KEYS.iter().any(|key| std::env::var_os(key.variable()).is_some());
    if asked {
        telemetry::init(&LogSettings::from_settings(&settings)?);
    }
    Ok(())
}

fn start_server(args: &Args) -> anyhow::Result<Server> {
    let begin = Instant::now();
    let durability = if args.data_dir.is_some() { Durability::Full } else { Durability::Test };
    let options = Options { data_dir: args.data_dir.clone(), durability, ..Options::default() };
    let server = Server::start(options)?;
    databases::prepare(&server)?;
    line(format_args!(
        "PostgreSQL: a private server on port {}, ready after {:.1} s",
        server.port(),
        begin.elapsed().as_secs_f64()
    ));
    Ok(server)
}

/// Core would do it itself; done before, the pipeline's speed can be measured without it.
fn create_star(server: &Server) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut connection =
        PgConnection::establish(&server.database_url(STAR.name)).context("the star database")?;
    let report = migrations::migrate(&mut connection, STAR.schema).context("the star schema")?;
    if !report.applied.is_empty() {
        line(format_args!("Star schema: created in {:.1} s", begin.elapsed().as_secs_f64()));
    }
    Ok(())
}

/// Sends the day's messages to the connector, which fills the message store, unless they are there from the last time.
async fn fill_store(args: &Args, server: &Server) -> anyhow::Result<()> {
    let mut store =
        IdsStore::connect(&server.database_url(IDS.name), IDS.schema).context("the message store")?;
    if let Some(highest) = store.highest_unid()? {
        line(format_args!("Message store: has {highest} messages from last time"));
        return Ok(());
    }
    let directory = args.messages.clone().map_or_else(day::directory, Ok)?;
    drop(store);
    let messages = day::messages(&directory)?;
    let reception = reception::receive(server, &messages).await?;
    line(format_args!(
        "Connector: {} HL7 messages of one day on three wards over MLLP in {:.2} s: {} in the message store, {} came again, \
         {} refused",
        messages.len(),
        reception.elapsed.as_secs_f64(),
        reception.accepted,
        reception.repeated,
        reception.refused.len(),
    ));
    for reason in &reception.refused {
        line(format_args!("  refused: {reason}"));
    }
    Ok(())
}

fn finish(args: &Args, server: &Server) -> anyhow::Result<()> {
    let psql = server.psql_command(STAR.name);
    if !args.keep {
        heading(format_args!("With --keep the server stays, to look around with: {psql}"));
        return Ok(());
    }
    heading("The server stays until Ctrl-C. Look around, in another terminal:");
    line(psql);
    line(server.psql_command(IDS.name));
    Ok(wait_for_signal()?)
}
