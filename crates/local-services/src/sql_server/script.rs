//! Scripts: batches that are separated by lines with `GO`.

use std::io;

use postgres::{Client, Row};

use super::{
    request::Parameters,
    tsql::{Batch, Failure, Layout, OutColumn, Output, Refused, State},
};

/// The batches of a script, which lines with `GO` separate.
pub fn batches(script: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in script.lines() {
        if line.trim().eq_ignore_ascii_case("GO") {
            batches.push(String::new());
        } else if let Some(batch) = batches.last_mut() {
            batch.push_str(line);
            batch.push('\n');
        }
    }
    let has_statement =
        |batch: &String| batch.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with("--"));
    batches.retain(has_statement);
    batches
}

/// Runs a batch of which only errors matter.
pub(super) fn run(client: &mut Client, database: &str, batch: &str) -> Result<(), String> {
    let mut silent = Silent::default();
    let mut state = State::default();
    let result = Batch::new(client, database, &mut state, &mut silent, Parameters::new()).run(batch);
    let refused = match result {
        Ok(()) => silent.error,
        Err(Failure::Refused(refused)) => Some(refused),
        Err(Failure::Cut(error)) => return Err(error.to_string()),
    };
    match refused {
        None => Ok(()),
        Some(refused) => Err(format!("error {}: {}", refused.number, refused.message)),
    }
}

#[derive(Default)]
struct Silent {
    error: Option<Refused>,
}

impl Output for Silent {
    fn columns(&mut self, _: &[OutColumn]) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, _: &Layout, _: &Row) -> Result<(), Failure> {
        Ok(())
    }

    fn done(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, _: i32, _: u8, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn error(&mut self, refused: &Refused) -> io::Result<()> {
        self.error.get_or_insert_with(|| refused.clone());
        Ok(())
    }
}
