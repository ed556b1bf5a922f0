//! Reader and core through RabbitMQ, each in a process of its own.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use emap_queue::BrokerConfig;
use emap_star::migrations;

use crate::{
    figures::{Measured, Memory},
    raw::{broker, copy},
    site::Site,
    stage::StageReport,
};

/// One message in so many may be answered with an error: a move that comes after its cancellation is.
const MOST_ERRORS: u64 = 20;

/// One message in so many may not come: infections that are sent late or again.
const MOST_LEFT_OUT: u64 = 50;

/// What the daemons did, and the limit of what core wrote.
pub(crate) struct Daemons {
    pub(crate) reader: Measured,
    pub(crate) core: Measured,
    pub(crate) copy: Measured,
}

/// The reader fills the queue from the store, then core empties it into a new star. The star's rows are then copied.
pub(crate) fn measure(site: &Site, round: u32) -> anyhow::Result<Daemons> {
    let (broker, schema) = (site.fresh_broker()?, format!("star_{round}"));
    migrations::migrate(&mut site.connect()?, &schema).context("the star schema")?;
    broker::make_queue(site, &broker)?;
    let expected = site.content.amounts.total();
    let reader = run("reader", site, &broker, &schema, expected)?;
    ensure!(
        reader.errors == 0 && reader.count <= expected && reader.count >= expected - expected / MOST_LEFT_OUT,
        "the reader made {} of {expected} messages; {} HL7 messages gave none",
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
    let core = Measured { rows: Some(site.rows_written(&schema)?), ..core };
    let copy = copy::measure(site, &schema)?;
    site.sql(&format!("DROP SCHEMA {schema} CASCADE"))?;
    Ok(Daemons { reader, core, copy })
}

/// The command that runs a daemon in a process of its own.
pub(crate) fn command(
    stage: &str,
    site: &Site,
    broker: &BrokerConfig,
    schema: &str,
    messages: u64,
) -> anyhow::Result<Command> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command.args(["stage", stage]).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.args(["--database-url", &site.url()]).args(["--star-schema", schema]);
    command.args(["--broker-port", &broker.port.to_string()]).args(["--virtual-host", &broker.virtual_host]);
    command.args(["--queue-length", &site.queue_length().to_string()]);
    command.args(["--messages", &messages.to_string()]);
    Ok(command)
}

/// Runs a daemon until it has dealt with this many messages; the reader, until there are no more.
pub(crate) fn run(
    stage: &str,
    site: &Site,
    broker: &BrokerConfig,
    schema: &str,
    messages: u64,
) -> anyhow::Result<Measured> {
    let output = command(stage, site, broker, schema, messages)?
        .output()
        .with_context(|| format!("cannot run the {stage}"))?;
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
