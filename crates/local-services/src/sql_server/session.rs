//! One connection, from its login to its end.

use std::{
    collections::HashMap,
    io::{self, BufReader, BufWriter, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{self, Receiver},
    },
    thread,
};

use postgres::{Client, Row};

use super::{
    answer,
    faults::Fault,
    interrupt::{Interrupt, Message, listen},
    request::{Call, Login, Parameters, named},
    shared::{LOGIN, Shared},
    transport::Transport,
    tsql::{Batch, Failure, Layout, OutColumn, Output, Refused, State},
    wire::{Answer, done, error, information, kinds, packet, read_message, short_text, token},
};

const PACKET_SIZE: &str = "4096";
const ERROR: u16 = 2;
const COUNT: u16 = 0x10;
const MORE: u16 = 1;
const ATTENTION: u16 = 0x20;

/// What a client and a server say of encryption.
mod encryption {
    pub(super) const OFF: u8 = 0;
    pub(super) const ON: u8 = 1;
    pub(super) const NOT_SUPPORTED: u8 = 2;
    pub(super) const REQUIRED: u8 = 3;
}

pub(super) struct Session {
    transport: Transport,
    shared: Arc<Shared>,
    interrupt: Arc<Interrupt>,
    client: Option<Client>,
    /// Its process of PostgreSQL.
    backend: i32,
    database: String,
    state: State,
    prepared: HashMap<i64, (String, String)>,
    /// Attentions that the answer to the request they ended has acknowledged; they still wait among the messages.
    acknowledged: usize,
}

impl Session {
    /// Serves a client until it or the connection ends.
    pub(super) fn serve(stream: TcpStream, shared: Arc<Shared>) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let session = Self {
            transport: Transport::new(stream),
            shared,
            interrupt: Arc::default(),
            client: None,
            backend: 0,
            database: String::new(),
            state: State::default(),
            prepared: HashMap::new(),
            acknowledged: 0,
        };
        let transport = session.transport.clone();
        // A lost connection needs no report: its client has one.
        let _ = session.work();
        transport.close();
    }

    fn work(mut self) -> io::Result<()> {
        if !self.logged_in()? {
            return Ok(());
        }
        let (sender, messages) = mpsc::channel();
        let reader = BufReader::new(self.transport.clone());
        let interrupt = Arc::clone(&self.interrupt);
        thread::spawn(move || listen(reader, &interrupt, &sender));
        let (interrupt, shared) = (Arc::clone(&self.interrupt), Arc::clone(&self.shared));
        let backend = self.backend;
        thread::spawn(move || interrupt.end_statements(backend, || shared.connect("postgres").ok()));
        self.answer_all(&messages)
    }

    /// Everything up to a login.
    fn logged_in(&mut self) -> io::Result<bool> {
        loop {
            let Some((kind, message)) = read_message(&mut self.transport)? else { return Ok(false) };
            match kind {
                kinds::PRELOGIN => {
                    let asked = asked_encryption(&message);
                    let agreed = match (&self.shared.tls, asked) {
                        (None, _) | (_, encryption::NOT_SUPPORTED) => encryption::NOT_SUPPORTED,
                        (Some(_), encryption::OFF) => encryption::OFF,
                        _ => encryption::ON,
                    };
                    // Version 16.
                    let answer = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 16, 0, 0, 0, 0, 0, agreed];
                    self.transport.write_all(&packet(4, &answer))?;
                    let Some(tls) = self.shared.tls.clone().filter(|_| agreed != encryption::NOT_SUPPORTED)
                    else {
                        if matches!(asked, encryption::ON | encryption::REQUIRED) {
                            return Ok(false);
                        }
                        continue;
                    };
                    self.transport.encrypt(&tls)?;
                    let Some((kinds::LOGIN, message)) = read_message(&mut self.transport)? else {
                        return Ok(false);
                    };
                    if agreed == encryption::OFF {
                        self.transport.end_encryption();
                    }
                    return self.log_in(&message);
                }
                kinds::LOGIN => return self.log_in(&message),
                _ => return Ok(false),
            }
        }
    }

    fn log_in(&mut self, message: &[u8]) -> io::Result<bool> {
        let login = Login::read(message)?;
        self.shared.logins.fetch_add(1, Ordering::Relaxed);
        let mut writer = BufWriter::new(self.transport.clone());
        let mut answer = Answer::new(&mut writer);
        let name = self.shared.meant(&login.database);
        let refusal = if (login.user.as_str(), login.password.as_str()) == LOGIN {
            let connected = self.shared.connect(&name).and_then(|mut client| {
                let backend = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
                Ok((client, backend))
            });
            match connected {
                Ok((client, backend)) => {
                    (self.client, self.backend) = (Some(client), backend);
                    None
                }
                Err(_) => Some((
                    4060,
                    format!(
                        "Cannot open database \"{}\" requested by the login. The login failed.",
                        login.database
                    ),
                )),
            }
        } else {
            Some((18456, format!("Login failed for user '{}'.", login.user)))
        };
        if let Some((number, text)) = refusal {
            answer.put(&error(number, 1, if number == 4060 { 11 } else { 14 }, &text))?;
            answer.put(&done(0xFD, ERROR, 0))?;
            answer.end()?;
            return Ok(false);
        }
        let change = |kind: u8, value: &str, before: &str| {
            token(0xE3, &[vec![kind], short_text(value), short_text(before)].concat())
        };
        answer.put(&change(1, &name, "master"))?;
        // Latin1_General_CI_AS.
        answer.put(&token(0xE3, &[7, 5, 0x09, 0x04, 0xD0, 0x00, 0x34, 0]))?;
        answer.put(&change(2, "us_english", ""))?;
        answer.put(&change(4, PACKET_SIZE, PACKET_SIZE))?;
        let program = [vec![1, 0x74, 0, 0, 4], short_text("Stand-in"), vec![16, 0, 0, 0]].concat();
        answer.put(&token(0xAD, &program))?;
        answer.put(&done(0xFD, 0, 0))?;
        answer.end()?;
        self.database = name;
        Ok(true)
    }

    fn answer_all(&mut self, messages: &Receiver<Message>) -> io::Result<()> {
        while let Ok((kind, message)) = messages.recv() {
            let mut writer = BufWriter::new(self.transport.clone());
            let mut answer = Answer::new(&mut writer);
            match kind {
                kinds::BATCH => self.call(Call::of_batch(&message)?, 0xFD, &mut answer)?,
                kinds::RPC => match Call::of_rpc(&message) {
                    Ok(call) => self.call(call, 0xFF, &mut answer)?,
                    Err(failed) if failed.kind() == io::ErrorKind::Unsupported => {
                        let text = "The stand-in for SQL Server does not know parameters of such a type.";
                        answer.put(&error(50_000, 1, 16, text))?;
                        answer.put(&done(0xFD, ERROR, 0))?;
                    }
                    Err(failed) => return Err(failed),
                },
                kinds::TRANSACTION => self.transaction(&message, &mut answer)?,
                kinds::ATTENTION if self.acknowledged > 0 => {
                    self.acknowledged -= 1;
                    continue;
                }
                // It came after the end of the request that it was meant for.
                kinds::ATTENTION => {
                    self.interrupt.take();
                    answer.put(&done(0xFD, ATTENTION, 0))?;
                }
                _ => return Ok(()),
            }
            answer.end()?;
        }
        Ok(())
    }

    /// Transactions of drivers: begin, commit, roll back.
    fn transaction<W: Write>(&mut self, message: &[u8], answer: &mut Answer<'_, W>) -> io::Result<()> {
        let headers = message
            .get(..4)
            .map_or(0, |length| length.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte)));
        let request = message.get(headers..headers + 2).unwrap_or_default();
        let (sql, change): (&str, &[u8]) = match request {
            [5, 0] => ("BEGIN TRANSACTION", &[8, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            [7, 0] => ("COMMIT", &[9, 0, 8, 1, 0, 0, 0, 0, 0, 0, 0]),
            [8, 0] => ("ROLLBACK", &[10, 0, 8, 1, 0, 0, 0, 0, 0, 0, 0]),
            _ => ("", &[]),
        };
        // A driver may roll back what was never begun.
        if sql == "ROLLBACK" && self.state.transactions == 0 {
            return answer.put(&done(0xFD, 0, 0));
        }
        let mut tokens = Tokens { answer, kind: 0xFD, cut_after: None, rows: 0, interrupt: &self.interrupt };
        let Some(client) = &mut self.client else { return Ok(()) };
        let batch = Batch::new(client, &self.database, &mut self.state, &mut tokens, Parameters::new());
        match batch.run(sql) {
            Ok(()) if !change.is_empty() => {
                answer.put(&token(0xE3, change))?;
                answer.put(&done(0xFD, 0, 0))
            }
            Ok(()) => {
                answer.put(&error(
                    50_000,
                    1,
                    16,
                    "The stand-in for SQL Server does not know this request about a transaction.",
                ))?;
                answer.put(&done(0xFD, ERROR, 0))
            }
            Err(Failure::Refused(refused)) => {
                answer.put(&error(refused.number, refused.state, refused.severity, &refused.message))?;
                answer.put(&done(0xFD, ERROR, 0))
            }
            Err(Failure::Cut(failed)) => Err(failed),
        }
    }

    fn call<W: Write>(&mut self, call: Call, kind: u8, answer: &mut Answer<'_, W>) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        shared.begin();
        let outcome = self.done(call, kind, answer);
        shared.end();
        let status = match outcome {
            Ok(()) => 0,
            Err(Failure::Refused(refused)) => {
                if !self.interrupt.is_asked() {
                    answer.put(&error(refused.number, refused.state, refused.severity, &refused.message))?;
                }
                ERROR
            }
            Err(Failure::Cut(error)) => return Err(error),
        };
        // An answer that attention ended has this end, whatever it was the answer to.
        let attentions = self.interrupt.take();
        if attentions > 0 {
            self.acknowledged += attentions;
            return answer.put(&done(0xFD, ATTENTION, 0));
        }
        if kind == 0xFF {
            answer.put(&[0x79, 0, 0, 0, 0])?;
            answer.put(&done(0xFE, status, 0))
        } else {
            answer.put(&done(0xFD, status, 0))
        }
    }

    fn done<W: Write>(&mut self, call: Call, kind: u8, answer: &mut Answer<'_, W>) -> Result<(), Failure> {
        let (sql, parameters) = match call {
            Call::Run { sql, parameters } => (sql, parameters),
            Call::Prepare { sql, declarations, run } => {
                let handle = i64::try_from(self.prepared.len() + 1).unwrap_or(i64::MAX);
                answer.put(&returned(handle))?;
                self.prepared.insert(handle, (sql.clone(), declarations.clone()));
                let Some(values) = run else { return Ok(()) };
                (sql, named(values, &declarations))
            }
            Call::Execute { handle, values } => match self.prepared.get(&handle) {
                Some((sql, declarations)) => (sql.clone(), named(values, declarations)),
                None => {
                    return Err(Refused::new(
                        8179,
                        format!("Could not find prepared statement with handle {handle}."),
                    )
                    .into());
                }
            },
            Call::Unprepare => return Ok(()),
            Call::Other(name) => return Err(Refused::missing_procedure(&name).into()),
        };
        self.run(&sql, parameters, kind, answer)
    }

    fn run<W: Write>(
        &mut self,
        sql: &str,
        parameters: Parameters,
        kind: u8,
        answer: &mut Answer<'_, W>,
    ) -> Result<(), Failure> {
        let mut cut_after = None;
        match self.shared.faults.take(sql) {
            None => (),
            Some(Fault::Delay(time)) => self.interrupt.pause(time),
            Some(Fault::CutAfter(rows)) => cut_after = Some(rows),
            Some(Fault::Refuse(number)) => {
                let message = if number == 1205 {
                    "Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction."
                } else {
                    "A fault on demand."
                };
                return Err(Refused::new(number, message).into());
            }
        }
        let Some(client) = &mut self.client else {
            return Err(io::Error::from(io::ErrorKind::NotConnected).into());
        };
        let mut tokens = Tokens { answer, kind, cut_after, rows: 0, interrupt: &self.interrupt };
        Batch::new(client, &self.database, &mut self.state, &mut tokens, parameters).run(sql)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.interrupt.finish();
    }
}

fn asked_encryption(prelogin: &[u8]) -> u8 {
    const ENCRYPTION: u8 = 1;
    for option in prelogin.chunks(5) {
        match option {
            [0xFF, ..] => break,
            [ENCRYPTION, high, low, ..] => {
                let place = usize::from(u16::from_be_bytes([*high, *low]));
                return prelogin.get(place).copied().unwrap_or(encryption::NOT_SUPPORTED);
            }
            _ => (),
        }
    }
    encryption::NOT_SUPPORTED
}

/// The value of an output parameter: a handle.
fn returned(handle: i64) -> Vec<u8> {
    let mut bytes = vec![0xAC, 0, 0, 0, 1];
    bytes.extend([0, 0, 0, 0, 0, 0, 0x26, 4, 4]);
    bytes.extend(i32::try_from(handle).unwrap_or(i32::MAX).to_le_bytes());
    bytes
}

/// Results of a batch as they come.
struct Tokens<'t, 's, W> {
    answer: &'t mut Answer<'s, W>,
    kind: u8,
    cut_after: Option<usize>,
    rows: usize,
    interrupt: &'t Interrupt,
}

impl<W: Write> Output for Tokens<'_, '_, W> {
    fn columns(&mut self, columns: &[OutColumn]) -> io::Result<()> {
        self.answer.put(&answer::description(columns))
    }

    fn row(&mut self, layout: &Layout, row: &Row) -> Result<(), Failure> {
        if self.cut_after.is_some_and(|most| self.rows >= most) {
            self.answer.flush()?;
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into());
        }
        if self.is_interrupted() {
            return Err(Refused::cancelled().into());
        }
        self.rows += 1;
        self.answer.put(&answer::row(layout, row)?)?;
        Ok(())
    }

    fn done(&mut self, count: u64) -> io::Result<()> {
        self.answer.put(&done(self.kind, MORE | COUNT, count))
    }

    fn message(&mut self, number: i32, state: u8, text: &str) -> io::Result<()> {
        self.answer.put(&information(number, state, text))
    }

    fn error(&mut self, refused: &Refused) -> io::Result<()> {
        if self.is_interrupted() {
            return Ok(());
        }
        self.answer.put(&error(refused.number, refused.state, refused.severity, &refused.message))?;
        self.answer.put(&done(self.kind, MORE | ERROR, 0))
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.is_asked()
    }

    fn begin(&mut self) -> bool {
        self.interrupt.begin()
    }

    fn end(&mut self) {
        self.interrupt.end();
    }

    fn give_up(&mut self) {
        self.interrupt.give_up();
    }
}
