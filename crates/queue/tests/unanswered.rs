//! A peer that accepts connections and does not go on with the handshake leaves no thread and no descriptor behind, over
//! any number of attempts. A program of its own, with one test: it counts those of the process.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread::sleep,
    time::{Duration, Instant},
};

use emap_queue::{
    BrokerConfig, BrokerTls, Consumer, ConsumerSettings, Publisher, PublisherSettings, Transport,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// The first method of a broker, `Connection.Start`: version 0.9, no properties, PLAIN, `en_US`.
const GREETING: &[u8] =
    b"\x01\x00\x00\x00\x00\x00\x1c\x00\x0a\x00\x0a\x00\x09\x00\x00\x00\x00\x00\x00\x00\x05PLAIN\x00\x00\x00\x05en_US\xce";

/// Threads and descriptors.
fn used() -> (usize, usize) {
    let count = |directory| std::fs::read_dir(directory).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// How the handshake ends.
#[derive(Clone, Copy)]
enum End {
    /// The program gives the connection up.
    Dropped,
    /// The peer was silent for too long.
    GivenUp,
}

struct Peer {
    listener: TcpListener,
    /// What it says before it falls silent.
    greeting: &'static [u8],
    tls: Option<BrokerTls>,
    silence: Duration,
}

impl Peer {
    fn new(greeting: &'static [u8], tls: Option<BrokerTls>, silence: Duration) -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").unwrap(), greeting, tls, silence }
    }

    fn transport(&self) -> Transport {
        Transport::Amqp(BrokerConfig {
            host: "127.0.0.1".to_owned(),
            port: self.listener.local_addr().unwrap().port(),
            tls: self.tls.clone(),
            silence: self.silence,
            ..BrokerConfig::default()
        })
    }

    fn accept(&self) -> TcpStream {
        let mut stream = self.listener.accept().unwrap().0;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The handshake has begun, unless it has been given up already.
        let _ = stream.read(&mut [0; 8]).unwrap();
        stream.write_all(self.greeting).unwrap();
        stream
    }

    /// A publisher and a consumer begin a handshake each; both connections are closed again.
    fn attempt(&self, end: End) {
        let begin = Instant::now();
        let publisher = Publisher::start(
            self.transport(),
            PublisherSettings { queue: "any".to_owned(), ..PublisherSettings::default() },
        );
        let consumer = Consumer::start(self.transport(), ConsumerSettings::of(vec!["any".to_owned()]));
        let connections = [self.accept(), self.accept()];
        let running = Some((publisher, consumer)).filter(|_| matches!(end, End::GivenUp));
        for mut connection in connections {
            // Closed or reset; anything else is an error of the time limit.
            if let Err(error) = connection.read_to_end(&mut Vec::new()) {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
            }
        }
        assert!(running.is_none() || begin.elapsed() >= self.silence, "given up too early");
    }
}

#[test]
fn unanswered_handshakes_leave_nothing_behind() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _entered = runtime.enter();
    let ever = Duration::from_secs(3600);
    let soon = Duration::from_secs(1);
    let tls = || Some(BrokerTls { verify_certificate: false, ..BrokerTls::default() });
    let cases = [
        ("silent", Peer::new(b"", None, ever), End::Dropped),
        ("silent after its greeting", Peer::new(GREETING, None, ever), End::Dropped),
        ("silent instead of TLS", Peer::new(b"", tls(), ever), End::Dropped),
        ("silent, given up", Peer::new(b"", None, soon), End::GivenUp),
        ("silent after its greeting, given up", Peer::new(GREETING, None, soon), End::GivenUp),
    ];
    for (_, peer, end) in &cases {
        peer.attempt(*end);
    }
    for (name, peer, end) in &cases {
        let before = used();
        let attempts = match end {
            End::Dropped => 20,
            // Each takes as long as the silence that is allowed.
            End::GivenUp => 4,
        };
        for _ in 0..attempts {
            peer.attempt(*end);
        }
        let begin = Instant::now();
        while used().0 > before.0 || used().1 > before.1 {
            assert!(
                begin.elapsed() < PATIENCE,
                "{name}: {before:?} threads and descriptors, then {:?}",
                used()
            );
            sleep(Duration::from_millis(20));
        }
    }
}
