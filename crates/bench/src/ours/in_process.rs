//! Core behind a queue inside the program: what it does when the broker costs nothing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Context, ensure};
use emap_hospital::{Hospital, Settings};
use emap_interchange::{Message, queues};
use emap_queue::{Batch, Outgoing, Publisher, PublisherSettings, Transport, transport::in_process::Broker};
use emap_star::migrations;

use crate::{figures::Measured, phases::PhaseSeconds, sample::bodies, site::Site, stage::run_core};

/// The queue is in memory, so it must not be too long.
const MOST_MESSAGES: u64 = 100_000;
const BATCH: usize = 1000;

pub(crate) fn measure(site: &Site, round: u32) -> anyhow::Result<Measured> {
    let schema = format!("star_in_process_{round}");
    migrations::migrate(&mut site.connect()?, &schema).context("the star schema")?;
    let broker = Broker::new();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let measured = runtime.block_on(async {
        let count = fill(site, &broker).await?;
        let last = Arc::new(Mutex::new(None));
        let note = Arc::clone(&last);
        let begin = Instant::now();
        let transport = Transport::InProcess(broker);
        let tally = run_core(&site.url(), &schema, transport, count, move |_| {
            *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        })
        .await?;
        ensure!(tally.messages == count, "core dealt with {} of {count} messages", tally.messages);
        let end = last.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(Instant::now);
        let phases = Some(PhaseSeconds::of(&tally.times));
        Ok(Measured { phases, ..Measured::new(count, end - begin) })
    })?;
    let rows = Some(site.rows_written(&schema)?);
    site.sql(&format!("DROP SCHEMA {schema} CASCADE"))?;
    Ok(Measured { rows, ..measured })
}

/// Gives how many messages wait.
async fn fill(site: &Site, broker: &Broker) -> anyhow::Result<u64> {
    let settings = PublisherSettings {
        queue: queues::HL7_QUEUE.to_owned(),
        queue_length: site.queue_length(),
        ..PublisherSettings::default()
    };
    let publisher = Publisher::start(Transport::InProcess(broker.clone()), settings);
    let messages = site.hospital.messages.min(MOST_MESSAGES);
    let mut hospital = Hospital::new(Settings { messages, ..site.hospital });
    let mut count = 0;
    for number in 0u32.. {
        let texts: Vec<String> = hospital.by_ref().take(BATCH).map(|arrival| arrival.event.hl7()).collect();
        if texts.is_empty() {
            break;
        }
        let messages = bodies(&texts)?.into_iter().enumerate().map(|(index, body)| outgoing(index, body));
        let messages: Vec<_> = messages.collect::<anyhow::Result<_>>()?;
        count += messages.len() as u64;
        publisher.submit(Batch { id: number.to_string(), messages, on_confirmed: Box::new(|_| ()) }).await?;
        publisher.drain().await;
    }
    Ok(count)
}

fn outgoing(index: usize, body: Vec<u8>) -> anyhow::Result<Outgoing> {
    let type_name = Message::from_json(&body)?.class_name();
    Ok(Outgoing { correlation_id: index.to_string(), type_name, body })
}
