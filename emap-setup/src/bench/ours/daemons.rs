//! Reader and core through RabbitMQ, each in a process of its own.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use emap_interchange::BrokerConfig;
use emap_star::migrations;

use crate::bench::figures::{Measured, Memory};
use crate::bench::raw::broker;
use crate::bench::site::Site;
use crate::bench::stage::StageReport;

/// One message in so many may be answered with an error: a move that comes after its cancellation is.
const MOST_ERRORS: u64 = 20;

/// The reader fills the queue from the store, then core empties it into a new star.
pub(in crate::bench) fn measure(site: &Site, round: u32) -> anyhow::Result<(Measured, Measured)> {
    let (broker, schema) = (site.fresh_broker()?, format!("star_{round}"));
    migrations::migrate(&mut site.connect()?, &schema).context("the star schema")?;
    broker::make_queue(site, &broker)?;
    let reader = run("reader", site, &broker, &schema)?;
    let core = run("core", site, &broker, &schema)?;
    site.sql(&format!("DROP SCHEMA {schema} CASCADE"))?;
    Ok((reader, core))
}

fn run(stage: &str, site: &Site, broker: &BrokerConfig, schema: &str) -> anyhow::Result<Measured> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command.args(["bench-stage", stage]).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.args(["--database-url", &site.url()]).args(["--star-schema", schema]);
    command.args(["--broker-port", &broker.port.to_string()]).args(["--virtual-host", &broker.virtual_host]);
    command.args(["--queue-length", &site.queue_length().to_string()]);
    command.args(["--messages", &site.stream.messages.to_string()]);
    let output = command.output().with_context(|| format!("cannot run the {stage}"))?;
    ensure!(output.status.success(), "the {stage} failed: {}", output.status);
    let report: StageReport =
        serde_json::from_slice(&output.stdout).with_context(|| format!("the {stage}'s report"))?;
    let StageReport { messages, errors, .. } = report;
    ensure!(
        messages == site.stream.messages && errors <= messages / MOST_ERRORS,
        "the {stage} dealt with {messages} of {} messages, {errors} with errors",
        site.stream.messages,
    );
    let memory = Memory { peak: report.peak, half_way: report.half_way, end: report.end };
    Ok(Measured {
        memory: Some(memory),
        errors,
        tenths: report.tenths,
        ..Measured::new(report.messages, Duration::from_secs_f64(report.seconds))
    })
}
