//! The connector as a process of its own.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use emap_local_services::{postgres, rabbitmq};
use serde_json::json;

use crate::{figures::Memory, memory, site::Site};

const DATABASE: &str = "bench_connector";
const IDS_SCHEMA: &str = "ids";
const PLATFORM: &str = "http://bench";
const KEY: &str = "key";
const PATIENCE: Duration = Duration::from_secs(30);

/// It, until it is dropped.
pub(super) struct Process {
    child: Child,
    pub(super) http_port: u16,
    pub(super) mllp_port: u16,
}

impl Process {
    /// Starts it on an empty database, and waits until it is ready.
    pub(super) fn start(site: &Site) -> anyhow::Result<Self> {
        let url = site.fresh_database(DATABASE)?;
        site.sql_in(DATABASE, &format!("CREATE SCHEMA {IDS_SCHEMA}"))?;
        let broker = site.fresh_broker()?;
        let (http_port, mllp_port) = (free_port()?, free_port()?);
        let text = str::to_owned;
        let settings = [
            ("SERVER_PORT", http_port.to_string()),
            ("DATABASE_HOST", text("127.0.0.1")),
            ("DATABASE_PORT", site.postgres_port().to_string()),
            ("DATABASE_USER", text(postgres::USER)),
            ("DATABASE_PASSWORD", String::new()),
            ("DATABASE_NAME", text(DATABASE)),
            ("PROXY_URL", text(PLATFORM)),
            ("HS_KEY", text(KEY)),
            ("EPR_SERVICE_ADAPTER_ISSUER", text("none")),
            ("EPR_SERVICE_ADAPTER_HS_KEY", text("none")),
            ("EPR_SERVICE_ADAPTER_URL_BASE", text("http://127.0.0.1:9")),
            ("EPR_SERVICE_ADAPTER_SCOPE", text("none")),
            ("AUTH0_AUDIENCE", text("none")),
            ("RABBITMQ_HOST", broker.host.clone()),
            ("RABBITMQ_PORT", broker.port.to_string()),
            ("RABBITMQ_USERNAME", text(rabbitmq::USER)),
            ("RABBITMQ_PASSWORD", text(rabbitmq::PASSWORD)),
            ("RABBITMQ_VIRTUAL_HOST", broker.virtual_host.clone()),
            ("SERVER_TIMEZONE", text("Europe/London")),
            ("CUSTOMER_CODE", text("bench")),
            ("DHOS_TRUSTOMER_API_HOST", text("http://127.0.0.1:9")),
            ("POLARIS_API_KEY", text("none")),
            ("CONNECTOR_MLLP_ENABLED", text("true")),
            ("CONNECTOR_MLLP_ADDRESS", text("127.0.0.1")),
            ("CONNECTOR_MLLP_PORT", mllp_port.to_string()),
            ("CONNECTOR_IDS_ENABLED", text("true")),
            ("IDS_JDBC_URL", url),
            ("IDS_USERNAME", text(postgres::USER)),
            ("IDS_SCHEMA", text(IDS_SCHEMA)),
            ("LOG_LEVEL", text("WARN")),
        ];
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(program);
        command.arg("connector").env_clear().envs(settings).stdin(Stdio::null());
        // Its warnings stand on standard output, as the table does.
        let child = command.stdout(Stdio::null()).spawn().context("cannot run the connector")?;
        let process = Self { child, http_port, mllp_port };
        process.await_ready()?;
        Ok(process)
    }

    fn await_ready(&self) -> anyhow::Result<()> {
        let begin = Instant::now();
        while !is_ready(self.http_port) {
            ensure!(begin.elapsed() < PATIENCE, "the connector is not ready after {PATIENCE:?}");
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub(super) fn memory(&self) -> Memory {
        let (end, peak) = (memory::resident_of(self.child.id()), memory::peak_of(self.child.id()));
        Memory { peak, half_way: end, end }
    }
}

/// A token of someone who may send.
pub(super) fn token() -> String {
    let claims = json!({ "iss": format!("{PLATFORM}/"), "scope": "write:hl7_message" });
    emap_connector::token::sign(&claims, KEY)
}

/// Messages in the connector's table, all of which must be in the message store.
pub(super) fn stored(site: &Site) -> anyhow::Result<u64> {
    let count = |table: &str| site.number_in(DATABASE, &format!("SELECT count(*) FROM {table}"));
    let (rows, appended) = (count("hl7_message")?, count("ids.tbl_ids_master")?);
    ensure!(rows == appended, "{rows} messages stored, {appended} appended to the message store");
    Ok(rows)
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing that it has is of use after the bench.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut head = [0; 12];
    let asked = std::io::Write::write_all(
        &mut stream,
        b"GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    asked.and_then(|()| std::io::Read::read_exact(&mut stream, &mut head)).is_ok() && head.ends_with(b"200")
}
