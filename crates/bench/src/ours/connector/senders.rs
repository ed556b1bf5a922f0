//! Senders of HL7: all at once over MLLP, one that waits for each answer, and over HTTP.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use emap_hl7::mllp::{Deframer, frame};
use serde_json::json;

use crate::sample::Sample;

/// Messages of a sender that are not answered yet.
const UNANSWERED: usize = 32;
/// An answer is short.
const LONGEST_ANSWER: usize = 1 << 16;
const PATIENCE: Duration = Duration::from_secs(60);

/// The text of one of the sample's messages under a control id of its own.
fn message(sample: &Sample, id: &str, number: u64) -> String {
    let place = usize::try_from(number).unwrap_or_default() % sample.texts.len().max(1);
    let text = sample.texts.get(place).map(String::as_str).unwrap_or_default();
    let mut fields: Vec<&str> = text.splitn(11, '|').collect();
    if let Some(field) = fields.get_mut(9) {
        *field = id;
    }
    fields.join("|")
}

/// A connection over MLLP.
struct Mllp {
    stream: TcpStream,
    deframer: Deframer,
    buffer: Vec<u8>,
}

impl Mllp {
    fn connect(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("MLLP")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, deframer: Deframer::new(LONGEST_ANSWER), buffer: vec![0; 1 << 14] })
    }

    /// Waits for an answer; gives how many have come.
    fn answers(&mut self) -> anyhow::Result<usize> {
        let mut count = 0;
        while count == 0 {
            let length = self.stream.read(&mut self.buffer).context("an answer over MLLP")?;
            ensure!(length > 0, "the connector closed a connection");
            self.deframer.extend(self.buffer.get(..length).unwrap_or_default());
            while let Some(answer) = self.deframer.next_message()? {
                let answer = String::from_utf8_lossy(&answer).into_owned();
                ensure!(answer.contains("\rMSA|AA|"), "the connector answers {answer:?}");
                count += 1;
            }
        }
        Ok(count)
    }
}

/// Connections that have sent one message each and are quiet now.
pub(super) struct Idle(Vec<Mllp>);

/// Opens them.
pub(super) fn idle(port: u16, sample: &Sample, count: usize) -> anyhow::Result<Idle> {
    let mut open = Vec::with_capacity(count);
    for number in 0..count {
        let mut connection = Mllp::connect(port)?;
        let text = message(sample, &format!("I{number}"), number as u64);
        connection.stream.write_all(&frame(text.as_bytes()))?;
        connection.answers()?;
        open.push(connection);
    }
    Ok(Idle(open))
}

/// Closes them.
pub(super) fn close(idle: &mut Idle) {
    idle.0.clear();
}

/// Sends messages over so many connections, each as fast as the answers allow; gives how long each answer took. Calls
/// `half_way` when half of them are answered.
pub(super) fn pipelined(
    port: u16,
    sample: &Sample,
    senders: usize,
    messages: u64,
    half_way: impl FnOnce(),
) -> anyhow::Result<Vec<Duration>> {
    let answered = AtomicU64::new(0);
    thread::scope(|scope| {
        let running: Vec<_> = shares(messages, senders)
            .map(|(sender, share)| {
                let answered = &answered;
                scope.spawn(move || send_share(port, sample, sender, share, answered))
            })
            .collect();
        while answered.load(Ordering::Relaxed) * 2 < messages && running.iter().any(|one| !one.is_finished())
        {
            thread::sleep(Duration::from_millis(5));
        }
        half_way();
        collect(running)
    })
}

fn send_share(
    port: u16,
    sample: &Sample,
    sender: usize,
    share: u64,
    answered: &AtomicU64,
) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Mllp::connect(port)?;
    let (mut latencies, mut sent) = (Vec::new(), 0);
    let mut under_way = VecDeque::with_capacity(UNANSWERED);
    let mut block = Vec::new();
    while (latencies.len() as u64) < share {
        block.clear();
        while under_way.len() < UNANSWERED && sent < share {
            // Not all begin with the same message.
            let text = message(sample, &format!("M{sender}-{sent}"), sent + sender as u64 * 300);
            block.extend(frame(text.as_bytes()));
            under_way.push_back(Instant::now());
            sent += 1;
        }
        connection.stream.write_all(&block)?;
        let count = connection.answers()?;
        latencies.extend(under_way.drain(..count.min(under_way.len())).map(|begin| begin.elapsed()));
        answered.fetch_add(count as u64, Ordering::Relaxed);
    }
    Ok(latencies)
}

/// Sends messages over one connection, each after the answer to the one before.
pub(super) fn waiting(port: u16, sample: &Sample, messages: u64) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Mllp::connect(port)?;
    let send = |number| {
        let text = message(sample, &format!("W{number}"), number);
        let begin = Instant::now();
        connection.stream.write_all(&frame(text.as_bytes()))?;
        connection.answers()?;
        Ok(begin.elapsed())
    };
    (0..messages).map(send).collect()
}

/// Posts messages over so many connections, each after the answer to the one before on its connection.
pub(super) fn http(
    (port, token): (u16, &str),
    sample: &Sample,
    senders: usize,
    messages: u64,
) -> anyhow::Result<Vec<Duration>> {
    thread::scope(|scope| {
        let running: Vec<_> = shares(messages, senders)
            .map(|(sender, share)| scope.spawn(move || post_share((port, token), sample, sender, share)))
            .collect();
        collect(running)
    })
}

fn post_share(
    (port, token): (u16, &str),
    sample: &Sample,
    sender: usize,
    share: u64,
) -> anyhow::Result<Vec<Duration>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).context("HTTP")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let mut latencies = Vec::new();
    for number in 0..share {
        let text = message(sample, &format!("H{sender}-{number}"), number + sender as u64 * 300);
        let body = json!({ "type": "HL7v2", "body": STANDARD.encode(text) }).to_string();
        let request = format!(
            "POST /dhos/v1/message HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let begin = Instant::now();
        reader.get_mut().write_all(request.as_bytes())?;
        let answer = read_answer(&mut reader)?;
        latencies.push(begin.elapsed());
        // "\rMSA|AA|" cannot be seen in base64 without decoding.
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let ack = STANDARD.decode(answer["body"].as_str().unwrap_or_default())?;
        let ack = String::from_utf8_lossy(&ack).into_owned();
        ensure!(ack.contains("\rMSA|AA|"), "the connector answers {ack:?}");
    }
    Ok(latencies)
}

/// The body of an answer with status 200.
fn read_answer(reader: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<u8>> {
    let (mut line, mut length) = (String::new(), None);
    reader.read_line(&mut line)?;
    ensure!(line.contains(" 200 "), "the connector answers {line:?}");
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse()?);
        }
    }
    let Some(length) = length else { bail!("an answer without length") };
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

/// As even shares as there are, with the number of each sender.
fn shares(messages: u64, senders: usize) -> impl Iterator<Item = (usize, u64)> {
    let count = senders as u64;
    (0..senders).map(move |sender| (sender, messages / count + u64::from((sender as u64) < messages % count)))
}

type Sending<'scope> = thread::ScopedJoinHandle<'scope, anyhow::Result<Vec<Duration>>>;

fn collect(running: Vec<Sending<'_>>) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for one in running {
        match one.join() {
            Ok(done) => latencies.extend(done?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    Ok(latencies)
}
