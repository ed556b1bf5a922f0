//! The rows of a running query.

use tokio::sync::mpsc;

use super::error::SourceError;
use crate::cell::Cell;

/// Rows that are handed over at a time.
pub(crate) const CHUNK: usize = 500;

/// Rows as they are read, in chunks. Dropping it ends the query.
#[derive(Debug)]
pub struct Rows(mpsc::Receiver<Result<Vec<Vec<Cell>>, SourceError>>);

/// The side of the database.
#[derive(Debug)]
pub struct RowSender {
    sender: mpsc::Sender<Result<Vec<Vec<Cell>>, SourceError>>,
    chunk: Vec<Vec<Cell>>,
}

impl Rows {
    /// Both sides. Only a few chunks are read ahead.
    pub fn channel() -> (RowSender, Self) {
        let (sender, receiver) = mpsc::channel(2);
        (RowSender { sender, chunk: Vec::new() }, Self(receiver))
    }

    /// The next rows; `None` when there are no more.
    ///
    /// # Errors
    /// When the query failed in the middle.
    pub async fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, SourceError> {
        self.0.recv().await.transpose()
    }
}

impl RowSender {
    /// Ends when nobody wants the rows any more.
    pub fn unwanted(&self) -> impl Future<Output = ()> + Send + use<> {
        let sender = self.sender.clone();
        async move { sender.closed().await }
    }

    /// Hands over a row; false if nobody wants more.
    pub async fn row(&mut self, row: Vec<Cell>) -> bool {
        self.chunk.push(row);
        if self.chunk.len() < CHUNK { true } else { self.flush().await }
    }

    /// Hands over what is left.
    pub async fn flush(&mut self) -> bool {
        let chunk = std::mem::take(&mut self.chunk);
        chunk.is_empty() || self.sender.send(Ok(chunk)).await.is_ok()
    }

    /// Ends with an error. Rows that were not handed over are dropped: they are read again.
    pub async fn fail(self, error: SourceError) {
        // Nobody may be interested any more.
        let _ = self.sender.send(Err(error)).await;
    }

    /// Hands over everything that another query gives.
    pub(crate) async fn forward(self, rows: &mut Rows) {
        loop {
            tokio::select! {
                // The query ends as soon as nobody wants its rows, not at the next of them.
                () = self.sender.closed() => return,
                chunk = rows.next() => match chunk.transpose() {
                    Some(chunk) => {
                        let was_last = chunk.is_err();
                        if self.sender.send(chunk).await.is_err() || was_last {
                            return;
                        }
                    }
                    None => return,
                },
            }
        }
    }

    /// As [`row`](Self::row), from a thread that may block.
    pub fn row_blocking(&mut self, row: Vec<Cell>) -> bool {
        self.chunk.push(row);
        if self.chunk.len() < CHUNK { true } else { self.flush_blocking() }
    }

    /// As [`flush`](Self::flush), from a thread that may block.
    pub fn flush_blocking(&mut self) -> bool {
        let chunk = std::mem::take(&mut self.chunk);
        chunk.is_empty() || self.sender.blocking_send(Ok(chunk)).is_ok()
    }

    /// As [`fail`](Self::fail), from a thread that may block.
    pub fn fail_blocking(self, error: SourceError) {
        let _ = self.sender.blocking_send(Err(error));
    }
}
