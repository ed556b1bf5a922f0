//! Reader and core through RabbitMQ, each in a process of its own.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use emap_queue::BrokerConfig;
use emap_star::migrations;

use crate::bench::figures::{Measured, Memory};
use crate::bench::raw::broker;
use crate::bench::site::Site;
use crate::bench::stage::StageReport;

/// One message in so many may be answered with an error: a move that comes after its cancellation is.
const MOST_ERRORS: u64 = 20;

/// One message in so many may not come: infections that are told late or again.
const MOST_UNTOLD: u64 = 50;

/// The reader fills the queue from the store, then core empties it into a new star.
pub(in crate::bench) fn measure(site: &Site, round: u32) -> anyhow::Result<(Measured, Measured)> {
    let (broker, schema) = (site.fresh_broker()?, format!("star_{round}"));
    migrations::migrate(&mut site.connect()?, &schema).context("the star schema")?;
    broker::make_queue(site, &broker)?;
    let told = site.content.told.total();
    let reader = run("reader", site, &broker, &schema, told)?;
    ensure!(
        reader.errors == 0 && reader.count <= told && reader.count >= told - told / MOST_UNTOLD,
        "the reader made {} of {told} messages; {} HL7 messages gave none",
        reader.count,
        reader.errors
    );
    let core = run("core", site, &broker, &schema, reader.count)?;
    ensure!(
        core.count == reader.count && core.errors <= core.count / MOST_ERRORS,
        "core dealt with {} of {} messages, {} with errors",
        core.count,
        reader.count,
        core.errors
    );
    site.sql(&format!("DROP SCHEMA {schema} CASCADE"))?;
    Ok((reader, core))
}

/// Runs a daemon until it has dealt with this many messages; the reader, until there are no more.
fn run(
    stage: &str,
    site: &Site,
    broker: &BrokerConfig,
    schema: &str,
    messages: u64,
) -> anyhow::Result<Measured> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command.args(["bench-stage", stage]).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.args(["--database-url", &site.url()]).args(["--star-schema", schema]);
    command.args(["--broker-port", &broker.port.to_string()]).args(["--virtual-host", &broker.virtual_host]);
    command.args(["--queue-length", &site.queue_length().to_string()]);
    command.args(["--messages", &messages.to_string()]);
    let output = command.output().with_context(|| format!("cannot run the {stage}"))?;
    ensure!(output.status.success(), "the {stage} failed: {}", output.status);
    let report: StageReport =
        serde_json::from_slice(&output.stdout).with_context(|| format!("the {stage}'s report"))?;
    let memory = Memory { peak: report.peak, half_way: report.half_way, end: report.end };
    Ok(Measured {
        memory: Some(memory),
        errors: report.errors,
        phases: report.phases,
        tenths: report.tenths,
        ..Measured::new(report.messages, Duration::from_secs_f64(report.seconds))
    })
}
