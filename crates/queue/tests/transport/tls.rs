//! The broker over TLS: who is trusted, and who is not.

use std::{
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use emap_local_services::{
    certificates::{Authority, Issued, Validity, write},
    rabbitmq::{Options, Server},
};
use emap_queue::{BrokerConfig, BrokerTls, ClientCertificate, Publisher, Transport};

use crate::support::{Confirmations, PATIENCE, consumer, drain, fresh_queue, next, publish, settings, until};

/// With all characters that mean something in a URL or in the broker's configuration.
const PASSWORD: &str = r#"p%40@w/o"r'd?&+:="#;

/// An authority, and certificates that it vouches for, as files.
struct Certificates {
    dir: tempfile::TempDir,
    authority: Authority,
}

impl Certificates {
    fn new() -> Self {
        let authority = Authority::new().unwrap();
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "ca.pem", authority.certificate()).unwrap();
        Self { dir, authority }
    }

    fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn issue(&self, name: &str, host: &str, validity: Validity) -> ClientCertificate {
        let Issued { certificate, key, .. } = self.authority.issue(name, host, validity).unwrap();
        let file =
            |suffix: &str, content| write(self.dir.path(), &format!("{name}.{suffix}"), content).unwrap();
        ClientCertificate { certificate_file: file("pem", certificate), key_file: file("key", key) }
    }
}

/// A broker with this certificate; gives its TLS port too.
fn broker(ca_file: &Path, certificate: &ClientCertificate, demands_certificates: bool) -> (Server, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let verify = if demands_certificates { "verify_peer" } else { "verify_none" };
    let configuration = format!(
        "default_user = emap\ndefault_pass = {PASSWORD}\nlisteners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {}\nssl_options.certfile = {}\n\
         ssl_options.keyfile = {}\nssl_options.verify = {verify}\nssl_options.fail_if_no_peer_cert = {demands_certificates}\n",
        ca_file.display(),
        certificate.certificate_file.display(),
        certificate.key_file.display(),
    );
    (Server::start(Options { configuration, ..Options::default() }).unwrap(), port)
}

fn config(host: &str, port: u16, tls: BrokerTls) -> BrokerConfig {
    let (username, password) = ("emap".to_owned(), PASSWORD.to_owned());
    BrokerConfig {
        host: host.to_owned(),
        port,
        username,
        password,
        tls: Some(tls),
        ..BrokerConfig::default()
    }
}

fn trusting(ca_file: PathBuf) -> BrokerTls {
    BrokerTls { ca_file: Some(ca_file), ..BrokerTls::default() }
}

/// Messages go there and back.
async fn works(config: BrokerConfig) {
    let (transport, queue) = (Transport::Amqp(config), fresh_queue("tls"));
    let publisher = Publisher::start(transport.clone(), settings(&queue));
    publish(&publisher, &Confirmations::new(), 20).await;
    drain(&publisher).await;
    let mut consumer = consumer(&transport, &[&queue]);
    let mut received = 0;
    while received < 20 {
        let delivered = next(&mut consumer, 20).await;
        received += delivered.deliveries.len();
        delivered.ticket.settle(&[]);
    }
    tokio::time::timeout(PATIENCE, consumer.close()).await.unwrap();
}

/// What is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No connection is made, and the log says why.
async fn is_refused(config: BrokerConfig, reason: &'static str) {
    let refused = move || {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        // Of this thread alone, so all tasks must run on it.
        let _logging = tracing::subscriber::set_default(subscriber);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let publisher = Publisher::start(Transport::Amqp(config), settings(&fresh_queue("tls")));
            until("an attempt has failed", || lines.text().contains("error=")).await;
            assert!(!publisher.is_connected(), "{reason}");
        });
        assert!(lines.text().contains(reason), "{reason}: {}", lines.text());
    };
    tokio::task::spawn_blocking(refused).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_broker_with_the_right_certificate_is_trusted() {
    let ours = Certificates::new();
    let (server, port) = broker(&ours.ca_file(), &ours.issue("broker", "localhost", Validity::Now), false);
    works(config("localhost", port, trusting(ours.ca_file()))).await;

    let others = Certificates::new();
    is_refused(config("localhost", port, trusting(others.ca_file())), "UnknownIssuer").await;
    is_refused(config("localhost", port, BrokerTls::default()), "UnknownIssuer").await;
    is_refused(config("127.0.0.1", port, trusting(ours.ca_file())), "not valid for name").await;
    is_refused(config("localhost", server.port(), trusting(ours.ca_file())), "TLS: ").await;
    let missing = trusting(PathBuf::from("/no/such/ca.pem"));
    is_refused(config("localhost", port, missing), "/no/such/ca.pem").await;

    let any_name = BrokerTls { verify_host_name: false, ..trusting(ours.ca_file()) };
    works(config("127.0.0.1", port, any_name)).await;
    let anyone = BrokerTls { verify_certificate: false, ..trusting(others.ca_file()) };
    works(config("localhost", port, anyone)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_certificate_is_refused() {
    let ours = Certificates::new();
    let (_server, port) =
        broker(&ours.ca_file(), &ours.issue("broker", "localhost", Validity::Expired), false);
    is_refused(config("localhost", port, trusting(ours.ca_file())), "certificate expired").await;
    let any_name = BrokerTls { verify_host_name: false, ..trusting(ours.ca_file()) };
    is_refused(config("localhost", port, any_name), "certificate expired").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_demands_a_certificate_gets_ours() {
    let ours = Certificates::new();
    let (_server, port) = broker(&ours.ca_file(), &ours.issue("broker", "localhost", Validity::Now), true);
    is_refused(config("localhost", port, trusting(ours.ca_file())), "IO error").await;
    let client_certificate = Some(ours.issue("reader", "reader", Validity::Now));
    works(config("localhost", port, BrokerTls { client_certificate, ..trusting(ours.ca_file()) })).await;
}
