//! The hospital's engine: sends message after message over MLLP, and each again until it is acknowledged.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use emap_hl7::mllp::{Deframer, frame};

use crate::stream::Row;

/// Without an answer within this time the message is sent again, over a new connection.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_ANSWER: usize = 1 << 16;

/// Sends over one connection at a time and waits for each answer.
#[derive(Debug)]
pub(crate) struct Engine {
    address: SocketAddr,
    connection: Mutex<Option<Connection>>,
    is_waiting: AtomicBool,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    deframer: Deframer,
}

/// What the engine was told about its messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Numbers of the rows that were acknowledged, in order.
    pub(crate) acknowledged: Vec<i64>,
    /// When.
    pub(crate) at: Vec<Instant>,
    /// Of these, how many at a repeat only, by the answer that an earlier copy was accepted.
    pub(crate) as_repeats: usize,
    /// How often a message was sent once more.
    pub(crate) repeats: usize,
    /// Answers that should not have been.
    pub(crate) complaints: Vec<String>,
}

impl Engine {
    /// Will send to that port.
    pub(crate) fn new(port: u16) -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            connection: Mutex::default(),
            is_waiting: AtomicBool::new(false),
            told: Mutex::default(),
        }
    }

    /// Sends a message until it is acknowledged, or is to stop.
    pub(crate) fn deliver(&self, row: &Row, stop: &AtomicBool) {
        self.is_waiting.store(true, Ordering::Relaxed);
        let mut attempts = 0;
        while !stop.load(Ordering::Relaxed) {
            if attempts > 0 {
                lock(&self.told).repeats += 1;
            }
            match self.attempt(row, &mut attempts) {
                Some(answer) => {
                    self.note(row, &answer, attempts > 1);
                    break;
                }
                None => sleep(PAUSE),
            }
        }
        self.is_waiting.store(false, Ordering::Relaxed);
    }

    /// Whether a message is on its way.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Relaxed)
    }

    /// What it was told so far.
    pub(crate) fn told(&self) -> Told {
        lock(&self.told).clone()
    }

    /// When the last message was acknowledged.
    pub(crate) fn last(&self) -> Option<Instant> {
        lock(&self.told).at.last().copied()
    }

    /// The answer, if there is one; without, the connection is given up. Counts an attempt once there is a connection.
    fn attempt(&self, row: &Row, attempts: &mut usize) -> Option<String> {
        let mut kept = lock(&self.connection);
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => Connection::open(self.address)?,
        };
        *attempts += 1;
        connection.stream.write_all(&frame(row.text.as_bytes())).ok()?;
        let answer = connection.answer()?;
        *kept = Some(connection);
        Some(answer)
    }

    fn note(&self, row: &Row, answer: &str, is_repeat: bool) {
        let mut told = lock(&self.told);
        let msa: Vec<&str> = answer
            .split(['\r', '\n'])
            .find(|segment| segment.starts_with("MSA|"))
            .map_or_else(Vec::new, |segment| segment.split('|').collect());
        let is_duplicate = is_repeat && answer.contains("appears to be duplicate");
        match msa.as_slice() {
            [_, code, id] if *id == row.control_id() && (*code == "AA" || is_duplicate) => {
                told.acknowledged.push(row.unid);
                told.at.push(Instant::now());
                told.as_repeats += usize::from(*code != "AA");
            }
            _ => told.complaints.push(format!("row {} was answered {msa:?}", row.unid)),
        }
    }
}

impl Connection {
    fn open(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        Some(Self { stream, deframer: Deframer::new(LONGEST_ANSWER) })
    }

    fn answer(&mut self) -> Option<String> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(answer) = self.deframer.next_message().ok()? {
                return Some(String::from_utf8_lossy(&answer).into_owned());
            }
            match self.stream.read(&mut buffer).ok()? {
                0 => return None,
                length => self.deframer.extend(buffer.get(..length)?),
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
