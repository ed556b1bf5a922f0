//! Faults of RabbitMQ.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Context;
use emap_interchange::queues::HL7_QUEUE;
use emap_test_support::faults::server::rabbitmq::{
    close_connections, delete_queue, disk_alarm, memory_alarm, queue_length,
};

use super::{database::start_again, outcome::Outcome};
use crate::{kinds::What, site::Site};

/// How long the queue is waited for to be empty before it is deleted.
const TO_EMPTY: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

pub(super) fn happen(site: &Site<'_>, what: What, lasts: Duration) -> anyhow::Result<Outcome> {
    let server = &site.servers.broker;
    match what {
        What::MemoryAlarm | What::DiskAlarm => {
            let alarm = if what == What::MemoryAlarm { memory_alarm } else { disk_alarm };
            let alarm = alarm(server);
            sleep(lasts);
            alarm.end();
        }
        What::CloseConnections => close_connections(server),
        What::DeleteQueue => return Ok(delete_empty_queue(site)),
        What::Stop | What::Crash => {
            if what == What::Stop {
                server.stop()?;
            } else {
                server.crash()?;
            }
            sleep(lasts);
            start_again(|| server.start_again()).context("RabbitMQ")?;
            site.servers.limit_deliveries();
        }
        _ => return Ok(Outcome::NoOccasion("no fault of the broker")),
    }
    Ok(Outcome::Happened)
}

/// Whoever deletes a queue deletes the messages in it, so it has to be empty: nothing is published for a while, and core
/// settles what is there.
fn delete_empty_queue(site: &Site<'_>) -> Outcome {
    let length = || queue_length(&site.servers.broker, &site.names.virtual_host, HL7_QUEUE);
    site.lines.publish.hold();
    let begin = Instant::now();
    let mut empty = 0;
    // Twice: what was on its way when the line was held has arrived by then.
    while empty < 2 && begin.elapsed() < TO_EMPTY {
        sleep(POLL);
        empty = if length() == Some((0, 0)) { empty + 1 } else { 0 };
    }
    if empty == 2 {
        delete_queue(&site.servers.broker, &site.names.virtual_host, HL7_QUEUE);
    }
    site.lines.publish.release();
    if empty == 2 { Outcome::Happened } else { Outcome::NoOccasion("the queue did not get empty") }
}
