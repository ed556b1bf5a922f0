//! One connection, from its login to its end.

use std::{
    io::{self, BufReader, BufWriter, Write},
    net::TcpStream,
    sync::{Arc, atomic::Ordering},
    thread,
};

use postgres::{Client, NoTls, error::SqlState, fallible_iterator::FallibleIterator};

use super::{
    answer::Columns,
    faults::Fault,
    request::{Call, Login},
    shared::{LOGIN, Shared},
    translate::{self, Refused, Statement},
    wire::{Answer, done, error, kinds, read_message, short_text, token},
};
use crate::postgres as private;

const PACKET_SIZE: &str = "4096";
/// Answer to a prelogin: version 16, no encryption.
const PRELOGIN: [u8; 18] = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 16, 0, 0, 0, 0, 0, 2];
const ERROR: u16 = 2;
const COUNT: u16 = 0x10;
const MORE: u16 = 1;

pub(super) struct Session {
    stream: TcpStream,
    shared: Arc<Shared>,
    client: Option<Client>,
}

/// Why a query gives no result.
enum Failure {
    Refused(Refused),
    /// The connection is to be cut, or is.
    Cut(io::Error),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Cut(error)
    }
}

impl Session {
    /// Serves a client until it or the connection ends.
    pub(super) fn serve(stream: TcpStream, shared: Arc<Shared>) {
        // A lost connection needs no report: its client has one.
        let _ = Self { stream, shared, client: None }.work();
    }

    fn work(mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut reader = BufReader::new(self.stream.try_clone()?);
        while let Some((kind, message)) = read_message(&mut reader)? {
            let mut writer = BufWriter::new(self.stream.try_clone()?);
            let mut answer = Answer::new(&mut writer);
            match kind {
                kinds::PRELOGIN => answer.put(&PRELOGIN)?,
                kinds::LOGIN => {
                    let is_in = self.login(&message, &mut answer)?;
                    answer.end()?;
                    if !is_in {
                        return Ok(());
                    }
                    continue;
                }
                kinds::BATCH => self.call(Some(Call::of_batch(&message)?), false, &mut answer)?,
                kinds::RPC => self.call(Call::of_rpc(&message)?, true, &mut answer)?,
                kinds::ATTENTION => answer.put(&done(0xFD, 0x20, 0))?,
                _ => return Ok(()),
            }
            answer.end()?;
        }
        Ok(())
    }

    fn login<W: Write>(&mut self, message: &[u8], answer: &mut Answer<'_, W>) -> io::Result<bool> {
        let login = Login::read(message)?;
        self.shared.logins.fetch_add(1, Ordering::Relaxed);
        let refusal = if (login.user.as_str(), login.password.as_str()) == LOGIN {
            let url = private::shared().database_url(&login.database);
            match Client::connect(&url, NoTls).and_then(|mut client| {
                client
                    .batch_execute("SET search_path TO dbo, pg_catalog; SET client_min_messages TO error")?;
                Ok(client)
            }) {
                Ok(client) => {
                    self.client = Some(client);
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
            answer.put(&error(number, &text))?;
            answer.put(&done(0xFD, ERROR, 0))?;
            return Ok(false);
        }
        let change = |kind: u8, value: &str, before: &str| {
            token(0xE3, &[vec![kind], short_text(value), short_text(before)].concat())
        };
        answer.put(&change(1, &login.database, "master"))?;
        answer.put(&change(4, PACKET_SIZE, PACKET_SIZE))?;
        let program = [vec![1, 0x74, 0, 0, 4], short_text("Stand-in"), vec![16, 0, 0, 0]].concat();
        answer.put(&token(0xAD, &program))?;
        answer.put(&done(0xFD, 0, 0))?;
        Ok(true)
    }

    fn call<W: Write>(
        &mut self,
        call: Option<Call>,
        is_procedure: bool,
        answer: &mut Answer<'_, W>,
    ) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        shared.begin();
        let outcome = match call {
            Some(call) => self.answer(&call, is_procedure, answer),
            None => {
                Err(Refused { number: 2812, message: "Could not find stored procedure.".to_owned() }.into())
            }
        };
        shared.end();
        let status = match outcome {
            Ok(()) => 0,
            Err(Failure::Refused(Refused { number, message })) => {
                answer.put(&error(number, &message))?;
                ERROR
            }
            Err(Failure::Cut(error)) => return Err(error),
        };
        if is_procedure {
            answer.put(&[0x79, 0, 0, 0, 0])?;
            answer.put(&done(0xFE, status, 0))
        } else {
            answer.put(&done(0xFD, status, 0))
        }
    }

    fn answer<W: Write>(
        &mut self,
        call: &Call,
        is_procedure: bool,
        answer: &mut Answer<'_, W>,
    ) -> Result<(), Failure> {
        let mut cut_after = None;
        match self.shared.faults.take(&call.sql) {
            None => (),
            Some(Fault::Delay(time)) => thread::sleep(time),
            Some(Fault::CutAfter(rows)) => cut_after = Some(rows),
            Some(Fault::Refuse(number)) => {
                let message = if number == 1205 {
                    "Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction."
                } else {
                    "A fault on demand."
                };
                return Err(Refused { number, message: message.to_owned() }.into());
            }
        }
        let statements = translate::batch(&call.sql, &call.parameters)?;
        let Some(client) = &mut self.client else {
            return Err(io::Error::from(io::ErrorKind::NotConnected).into());
        };
        let kind = if is_procedure { 0xFF } else { 0xFD };
        run(client, statements, kind, cut_after, answer)
    }
}

fn run<W: Write>(
    client: &mut Client,
    statements: Vec<Statement>,
    kind: u8,
    cut_after: Option<usize>,
    answer: &mut Answer<'_, W>,
) -> Result<(), Failure> {
    for statement in statements {
        match statement {
            Statement::Nothing => (),
            Statement::Run(sql) => {
                let rows = client.execute(&sql, &[]).map_err(|error| refusal(&error))?;
                answer.put(&done(kind, MORE | COUNT, rows))?;
            }
            Statement::Select(sql) => select(client, &sql, kind, cut_after, answer)?,
            Statement::Choose(branches) => {
                for (condition, statements) in branches {
                    let holds = match condition {
                        None => true,
                        Some(condition) => {
                            let row = client.query_one(&format!("SELECT {condition}"), &[]);
                            row.map_err(|error| refusal(&error))?.get::<_, Option<bool>>(0) == Some(true)
                        }
                    };
                    if holds {
                        run(client, statements, kind, cut_after, answer)?;
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

fn select<W: Write>(
    client: &mut Client,
    sql: &str,
    kind: u8,
    cut_after: Option<usize>,
    answer: &mut Answer<'_, W>,
) -> Result<(), Failure> {
    let statement = client.prepare(sql).map_err(|error| refusal(&error))?;
    let columns = Columns::of(client, &statement).map_err(|what| Refused {
        number: 50_000,
        message: format!("The stand-in for SQL Server does not know {what}."),
    })?;
    answer.put(&columns.token())?;
    let parameters: [&(dyn postgres::types::ToSql + Sync); 0] = [];
    let mut rows = client.query_raw(&statement, parameters).map_err(|error| refusal(&error))?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(|error| refusal(&error))? {
        if cut_after.is_some_and(|most| count >= most as u64) {
            answer.flush()?;
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted).into());
        }
        answer.put(&columns.row(&row)?)?;
        count += 1;
    }
    answer.put(&done(kind, MORE | COUNT, count))?;
    Ok(())
}

/// An error of PostgreSQL with the number and the words that SQL Server has for it.
fn refusal(error: &postgres::Error) -> Refused {
    let text = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    let quoted = text.split('"').nth(1).unwrap_or_else(|| {
        // `column u.unit_no does not exist`
        text.split_whitespace().nth(1).unwrap_or_default()
    });
    let last = quoted.rsplit('.').next().unwrap_or_default();
    let (number, message) = match error.code() {
        Some(code) if *code == SqlState::UNDEFINED_TABLE => (208, format!("Invalid object name '{quoted}'.")),
        Some(code) if *code == SqlState::UNDEFINED_COLUMN => (207, format!("Invalid column name '{last}'.")),
        Some(code) if *code == SqlState::SYNTAX_ERROR => (102, format!("Incorrect syntax near '{quoted}'.")),
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => {
            (2627, "Violation of a unique constraint.".to_owned())
        }
        Some(code) if *code == SqlState::NOT_NULL_VIOLATION => {
            (515, format!("Cannot insert the value NULL into column '{quoted}'."))
        }
        _ => (50_000, format!("PostgreSQL under the stand-in refuses: {text}")),
    };
    Refused { number, message }
}
