//! The connector, as `connector run` runs it, until it has taken the day's messages over MLLP into the message store.

use std::{
    collections::HashMap,
    net::TcpListener,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use emap_connector::ConnectorSettings;
use emap_hl7::{
    Positional,
    mllp::{Deframer, frame},
};
use emap_local_services::postgres::{Server, USER};
use emap_service::{CancellationToken, settings::Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::databases::IDS;

/// Longest wait for the port to be open.
const PATIENCE: Duration = Duration::from_secs(20);
/// An answer is short.
const LONGEST_ANSWER: usize = 1 << 20;

/// What the connector answered.
#[derive(Debug, Default)]
pub(super) struct Reception {
    /// Messages that it accepted: they are in the message store.
    pub(super) accepted: usize,
    /// Messages that had come before.
    pub(super) repeated: usize,
    /// Why it refused others.
    pub(super) refused: Vec<String>,
    /// From the first byte to the last answer.
    pub(super) elapsed: Duration,
}

/// Sends the messages in order over one connection, without waiting for answers, as an interface engine does.
pub(super) async fn receive(server: &Server, messages: &[String]) -> anyhow::Result<Reception> {
    let port = free_port()?;
    let cancel = CancellationToken::new();
    let connector = emap_connector::serve(settings(server, port)?, cancel.clone());
    let sending = async {
        let received = send(port, messages).await;
        cancel.cancel();
        received
    };
    let (connector, received) = tokio::join!(connector, sending);
    connector.context("the connector")?;
    received
}

/// Without the platform's services around it: no broker, and nobody to send to.
fn settings(server: &Server, mllp_port: u16) -> anyhow::Result<ConnectorSettings> {
    let nobody = "http://127.0.0.1:9";
    let given = [
        ("SERVER_PORT", "0"),
        ("DATABASE_HOST", "127.0.0.1"),
        ("DATABASE_PORT", &server.port().to_string()),
        ("DATABASE_USER", USER),
        ("DATABASE_PASSWORD", ""),
        ("DATABASE_NAME", IDS.name),
        ("PROXY_URL", nobody),
        ("HS_KEY", &std::process::id().to_string()),
        ("EPR_SERVICE_ADAPTER_ISSUER", nobody),
        ("EPR_SERVICE_ADAPTER_HS_KEY", &std::process::id().to_string()),
        ("EPR_SERVICE_ADAPTER_URL_BASE", nobody),
        ("EPR_SERVICE_ADAPTER_SCOPE", "none"),
        ("AUTH0_AUDIENCE", "none"),
        ("RABBITMQ_DISABLED", "true"),
        ("SERVER_TIMEZONE", "Europe/London"),
        ("CUSTOMER_CODE", "demo"),
        ("DHOS_TRUSTOMER_API_HOST", nobody),
        ("POLARIS_API_KEY", "none"),
        ("CONNECTOR_MLLP_ENABLED", "true"),
        ("CONNECTOR_MLLP_ADDRESS", "127.0.0.1"),
        ("CONNECTOR_MLLP_PORT", &mllp_port.to_string()),
        ("CONNECTOR_IDS_ENABLED", "true"),
        ("IDS_JDBC_URL", &server.jdbc_url(IDS.name)),
        ("IDS_USERNAME", USER),
        ("IDS_SCHEMA", IDS.schema),
    ];
    let given: HashMap<String, String> =
        given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let settings = Settings::from_parts(ConnectorSettings::GROUPS, None, &given)?;
    Ok(ConnectorSettings::from_settings(&settings)?)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

async fn send(port: u16, messages: &[String]) -> anyhow::Result<Reception> {
    let mut stream = connect(port).await?;
    let begin = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let write = async {
        for message in messages {
            writer.write_all(&frame(message.as_bytes())).await?;
        }
        anyhow::Ok(())
    };
    let read = async {
        let (mut reception, mut deframer) = (Reception::default(), Deframer::new(LONGEST_ANSWER));
        let (mut answered, mut buffer) = (0, vec![0; 1 << 14]);
        while answered < messages.len() {
            let length = reader.read(&mut buffer).await?;
            ensure!(length > 0, "it closed the connection after {answered} answers");
            deframer.extend(buffer.get(..length).unwrap_or_default());
            while let Some(answer) = deframer.next_message()? {
                reception.note(&String::from_utf8_lossy(&answer));
                answered += 1;
            }
        }
        Ok(reception)
    };
    let ((), reception) = tokio::try_join!(write, read).context("the day's messages to the connector")?;
    Ok(Reception { elapsed: begin.elapsed(), ..reception })
}

async fn connect(port: u16) -> anyhow::Result<TcpStream> {
    let begin = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => ensure!(begin.elapsed() < PATIENCE, "the connector's MLLP port: {error}"),
        }
        sleep(Duration::from_millis(10)).await;
    }
}

impl Reception {
    fn note(&mut self, answer: &str) {
        let answer = Positional::parse(answer).ok();
        let part = |segment, field| answer.as_ref().and_then(|answer| answer.get(segment, field));
        let reason = part("ERR", 8).unwrap_or_default().into_owned();
        match part("MSA", 1).as_deref() {
            Some("AA") => self.accepted += 1,
            _ if reason.contains("duplicate") => self.repeated += 1,
            _ => self.refused.push(reason),
        }
    }
}
