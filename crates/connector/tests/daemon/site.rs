//! A deployment: the daemon as a process, its database, its broker, and the services around it.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};

use emap_local_services::{
    postgres,
    rabbitmq::{self, PASSWORD, USER},
};
use emap_test_support::database::{self, Database};
use lapin::{options::QueueBindOptions, types::FieldTable};
use serde_json::{Value, json};

use super::stand_in::StandIn;

pub(crate) const INTERNAL: &str = "http://platform";
pub(crate) const KEY: &str = "the platform's key";
pub(crate) const ADAPTER: &str = "http://adapter/";
pub(crate) const ADAPTER_KEY: &str = "the adapter's key";

/// Longest wait for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until a question has an answer.
pub(crate) fn eventually<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(begin.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        sleep(Duration::from_millis(20));
    }
}

/// An answer of the daemon.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// The parts of a deployment.
pub(crate) struct Site {
    pub(crate) database: Database,
    pub(crate) virtual_host: String,
    pub(crate) trustomer: StandIn,
    pub(crate) adapter: StandIn,
    pub(crate) mirth: StandIn,
    environment: BTreeMap<String, String>,
    pub(crate) port: u16,
    pub(crate) mllp_port: u16,
    daemon: Option<Daemon>,
}

/// The process, and the thread that reads what it logs: with a full pipe it would stand still.
struct Daemon {
    child: Child,
    log: JoinHandle<String>,
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn virtual_host() -> String {
    rabbitmq::shared().fresh_virtual_host().unwrap()
}

impl Site {
    /// A deployment with these changes of its settings; the daemon is not started.
    pub(crate) fn new(changes: &[(&str, String)]) -> Self {
        Self::of_database(database::empty(), changes)
    }

    pub(crate) fn of_database(database: Database, changes: &[(&str, String)]) -> Self {
        let trustomer = StandIn::start(|_| (200, configuration().to_string()));
        let adapter = StandIn::start(|_| (200, ack("AA")));
        let mirth = StandIn::start(|_| (500, String::new()));
        // Making one takes a second.
        let without_broker = changes.contains(&("RABBITMQ_DISABLED", "true".to_owned()));
        let virtual_host = if without_broker { "/".to_owned() } else { virtual_host() };
        let (port, mllp_port) = (free_port(), free_port());
        let broker = rabbitmq::shared();
        let settings = [
            ("SERVER_PORT", port.to_string()),
            ("ENVIRONMENT", "TEST".to_owned()),
            ("DATABASE_HOST", "127.0.0.1".to_owned()),
            ("DATABASE_PORT", postgres::shared().port().to_string()),
            ("DATABASE_USER", postgres::USER.to_owned()),
            ("DATABASE_PASSWORD", "none".to_owned()),
            ("DATABASE_NAME", database.name().to_owned()),
            ("PROXY_URL", INTERNAL.to_owned()),
            ("HS_KEY", KEY.to_owned()),
            ("EPR_SERVICE_ADAPTER_ISSUER", ADAPTER.to_owned()),
            ("EPR_SERVICE_ADAPTER_HS_KEY", ADAPTER_KEY.to_owned()),
            ("EPR_SERVICE_ADAPTER_URL_BASE", adapter.url()),
            ("EPR_SERVICE_ADAPTER_SCOPE", "write:hl7".to_owned()),
            ("AUTH0_AUDIENCE", "x".to_owned()),
            ("REDIS_INSTALLED", "false".to_owned()),
            ("RABBITMQ_HOST", broker.host().to_owned()),
            ("RABBITMQ_PORT", broker.port().to_string()),
            ("RABBITMQ_USERNAME", USER.to_owned()),
            ("RABBITMQ_PASSWORD", PASSWORD.to_owned()),
            ("RABBITMQ_VIRTUAL_HOST", virtual_host.clone()),
            ("SERVER_TIMEZONE", "Europe/London".to_owned()),
            ("CUSTOMER_CODE", "WARD".to_owned()),
            ("DHOS_TRUSTOMER_API_HOST", trustomer.url()),
            ("POLARIS_API_KEY", "polaris".to_owned()),
            ("MIRTH_HOST_URL_BASE", format!("{}/mirth", mirth.url())),
            ("MIRTH_USERNAME", "user".to_owned()),
            ("MIRTH_PASSWORD", "password".to_owned()),
            ("CONNECTOR_RETRY_DELAY_INITIAL", "0.1".to_owned()),
            ("CONNECTOR_RETRY_DELAY_MAXIMUM", "0.5".to_owned()),
            ("CONNECTOR_MLLP_ENABLED", "true".to_owned()),
            ("CONNECTOR_MLLP_ADDRESS", "127.0.0.1".to_owned()),
            ("CONNECTOR_MLLP_PORT", mllp_port.to_string()),
            ("LOG_LEVEL", "DEBUG".to_owned()),
        ];
        let mut environment: BTreeMap<String, String> =
            settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        environment.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Self { database, virtual_host, trustomer, adapter, mirth, environment, port, mllp_port, daemon: None }
    }

    /// A deployment that is ready.
    pub(crate) fn ready(changes: &[(&str, String)]) -> Self {
        let mut site = Self::new(changes);
        site.start();
        site.await_ready();
        site
    }

    /// The command with the deployment's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connector"));
        command.args(arguments).env_clear().envs(&self.environment);
        command
    }

    pub(crate) fn start(&mut self) {
        let mut child =
            self.command(&["run"]).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            output.read_to_string(&mut text).unwrap();
            text
        });
        self.daemon = Some(Daemon { child, log });
    }

    pub(crate) fn await_ready(&self) {
        eventually("ready", || {
            (self.try_request("GET", "/health/ready", &[], "")?.status == 200).then_some(())
        });
    }

    /// SIGTERM; gives the exit code and what was logged.
    pub(crate) fn stop(&mut self) -> (Option<i32>, String) {
        let Daemon { mut child, log } = self.daemon.take().unwrap();
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        (child.wait().unwrap().code(), log.join().unwrap())
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let Daemon { mut child, .. } = self.daemon.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
        stream.write_all(request.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        Some(Answer { status, headers, body: body.to_owned() })
    }

    /// With a token of the platform that allows everything.
    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> Answer {
        let token = format!("Bearer {}", internal_token());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        self.try_request(method, path, &headers, &body).expect("an answer")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &Value::Null)
    }

    /// Posts a message; gives the whole answer.
    pub(crate) fn post(&self, hl7: &str) -> Answer {
        use base64::{Engine, engine::general_purpose::STANDARD};
        self.request("POST", "/dhos/v1/message", &json!({ "type": "HL7v2", "body": STANDARD.encode(hl7) }))
    }

    /// Posts a message; gives the key of its row and the acknowledgement.
    pub(crate) fn accepted(&self, hl7: &str) -> (String, String) {
        let answer = self.post(hl7);
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        assert_eq!(body["type"], "HL7v2");
        (body["uuid"].as_str().unwrap().to_owned(), decoded(body["body"].as_str().unwrap()))
    }

    /// A connection to the MLLP door.
    pub(crate) fn mllp(&self) -> TcpStream {
        let stream = eventually("MLLP", || TcpStream::connect(("127.0.0.1", self.mllp_port)).ok());
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(Daemon { child, .. }) = &mut self.daemon {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn decoded(base64: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
}

pub(crate) fn token(claims: &Value, key: &str) -> String {
    emap_connector::token::sign(claims, key)
}

pub(crate) fn internal_token() -> String {
    token(
        &json!({
            "iss": format!("{INTERNAL}/"), "scope": "read:hl7_message write:hl7_message",
            "metadata": { "clinician_id": "nurse" },
        }),
        KEY,
    )
}

/// The hospital's configuration.
pub(crate) fn configuration() -> Value {
    json!({
        "send_config": {
            "generate_oru_messages": true,
            "oxygen_masks": [
                { "name": "Room Air", "code": "RA" }, { "name": "Humidified", "code": "H{mask_percent}" },
            ],
        },
        "hl7_config": {
            "outgoing_sending_application": "DHOS", "outgoing_sending_facility": "WARDS",
            "outgoing_receiving_application": "TIE", "outgoing_receiving_facility": "TRUST",
            "outgoing_processing_id": "P", "outgoing_timestamp_format": "%Y%m%d%H%M%S.%L%z",
        },
    })
}

/// What the adapter answers.
pub(crate) fn ack(code: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text = format!("MSH|^~\\&|A|B|C|D|20200101||ACK^R01^ACK|1|P|2.6\rMSA|{code}|1\r");
    json!({ "body": STANDARD.encode(text) }).to_string()
}

/// A queue of the platform's services, bound to the exchange.
pub(crate) struct Listener {
    runtime: tokio::runtime::Runtime,
    channel: lapin::Channel,
    _connection: lapin::Connection,
}

impl Listener {
    pub(crate) fn bind(server: &rabbitmq::Server, virtual_host: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let url = server.url(virtual_host);
        let (connection, channel) = runtime.block_on(async {
            let connection =
                lapin::Connection::connect(&url, lapin::ConnectionProperties::default()).await.unwrap();
            let channel = connection.create_channel().await.unwrap();
            let durable = lapin::options::QueueDeclareOptions { durable: true, ..Default::default() };
            channel.queue_declare("listener".into(), durable, FieldTable::default()).await.unwrap();
            channel
                .queue_bind(
                    "listener".into(),
                    "dhos".into(),
                    "dhos.24891000000101".into(),
                    QueueBindOptions::default(),
                    FieldTable::default(),
                )
                .await
                .unwrap();
            (connection, channel)
        });
        Self { runtime, channel, _connection: connection }
    }

    pub(crate) fn try_next(&self) -> Option<(lapin::BasicProperties, String)> {
        let options = lapin::options::BasicGetOptions { no_ack: true };
        let got = self.runtime.block_on(self.channel.basic_get("listener".into(), options)).unwrap()?;
        let mut text = String::new();
        bzip2::read::BzDecoder::new(&got.delivery.data[..]).read_to_string(&mut text).unwrap();
        Some((got.delivery.properties.clone(), text))
    }

    pub(crate) fn next(&self) -> (lapin::BasicProperties, String) {
        eventually("a published document", || self.try_next())
    }
}
