//! SQL Server, through tiberius.

mod binding;
mod cells;
mod connect;
mod metadata;
mod prelogin;
mod tap;

pub use self::connect::{Isolation, SqlServerSettings};

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, TryStreamExt, future::BoxFuture};
use tiberius::{QueryItem, ToSql};
use tokio::time::{Instant, timeout_at};

use self::{binding::bound, cells::Places, connect::Connection, metadata::found_columns};
use super::{
    database::{Database, Query},
    error::SourceError,
    rows::{RowSender, Rows},
};
use crate::column::{FoundColumn, differences};

/// A connection that was not used for so long is not used again: the server, or a firewall, may have dropped it.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// A database of SQL Server. Connections are opened when they are needed, and used again for a short while.
#[derive(Clone)]
pub struct SqlServer {
    settings: Arc<SqlServerSettings>,
    idle: Arc<Mutex<Vec<(Instant, Connection)>>>,
}

impl SqlServer {
    /// A database; nothing is opened yet.
    pub fn new(settings: SqlServerSettings) -> Self {
        Self { settings: Arc::new(settings), idle: Arc::default() }
    }

    async fn connection(&self) -> Result<Connection, SourceError> {
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain(|(since, _)| since.elapsed() < IDLE_LIMIT);
            idle.pop()
        };
        match idle {
            Some((_, connection)) => Ok(connection),
            None => Box::pin(Connection::open(&self.settings)).await,
        }
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((Instant::now(), connection));
    }

    fn limit(&self) -> Duration {
        self.settings.query_timeout
    }

    /// Runs the query and hands its rows over; the connection may be used again if that went well.
    async fn stream(
        &self,
        connection: &mut Connection,
        query: &Query,
        sender: &mut RowSender,
    ) -> Result<(), SourceError> {
        let bound: Vec<&dyn ToSql> = query.parameters.iter().map(bound).collect();
        let mut waiting = Waiting::new(self.limit(), &query.file);
        let answer = connection.client.query(query.sql.as_ref(), &bound);
        let mut stream = waiting.on(answer).await?;
        let mut places: Option<Places> = None;
        while let Some(item) = waiting.on(stream.try_next()).await? {
            match item {
                QueryItem::Metadata(metadata) => {
                    let found = metadata::of_stream(metadata.columns());
                    let differences = differences(query.columns, &found);
                    if let Some(difference) = differences.into_iter().find(|found| !found.is_readable) {
                        return Err(SourceError::Contract {
                            file: query.file.clone(),
                            difference: difference.to_string(),
                        });
                    }
                    places = Some(Places::new(query.columns, &found));
                }
                QueryItem::Row(row) => {
                    let Some(places) = &places else { continue };
                    if !waiting.paused(sender.row(places.cells(row))).await {
                        return Ok(());
                    }
                }
            }
        }
        if places.is_none() {
            let difference = "returns no rows at all: it is no query".to_owned();
            return Err(SourceError::Contract { file: query.file.clone(), difference });
        }
        waiting.paused(sender.flush()).await;
        Ok(())
    }
}

impl Database for SqlServer {
    fn open(&self, query: Query) -> BoxFuture<'_, Result<Rows, SourceError>> {
        async move {
            let mut connection = Box::pin(self.connection()).await?;
            let (mut sender, rows) = Rows::channel();
            let server = self.clone();
            tokio::spawn(async move {
                let unwanted = sender.unwanted();
                let streamed = tokio::select! {
                    streamed = server.stream(&mut connection, &query, &mut sender) => Some(streamed),
                    () = unwanted => None,
                };
                match streamed {
                    Some(Ok(())) => server.keep(connection),
                    Some(Err(error)) => {
                        connection.give_up().await;
                        sender.fail(error).await;
                    }
                    None => connection.give_up().await,
                }
            });
            Ok(rows)
        }
        .boxed()
    }

    fn describe(&self, query: Query) -> BoxFuture<'_, Result<Vec<FoundColumn>, SourceError>> {
        async move {
            let mut connection = Box::pin(self.connection()).await?;
            let mut waiting = Waiting::new(self.limit(), &query.file);
            let found = waiting.on_source(found_columns(&mut connection, &query)).await;
            match &found {
                Ok(_) => self.keep(connection),
                Err(_) => connection.give_up().await,
            }
            found
        }
        .boxed()
    }
}

/// Time spent waiting for the server; what we need ourselves does not count.
struct Waiting<'q> {
    limit: Duration,
    left: Duration,
    file: &'q str,
}

impl<'q> Waiting<'q> {
    fn new(limit: Duration, file: &'q str) -> Self {
        Self { limit, left: limit, file }
    }

    async fn on<T>(
        &mut self,
        answer: impl Future<Output = Result<T, tiberius::error::Error>>,
    ) -> Result<T, SourceError> {
        let file = self.file;
        self.on_source(async { answer.await.map_err(|error| connect::failed(file, &error)) }).await
    }

    async fn on_source<T>(
        &mut self,
        answer: impl Future<Output = Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        let begun = Instant::now();
        let timed_out = |_| SourceError::TimedOut { file: self.file.to_owned(), limit: self.limit };
        let answer = timeout_at(begun + self.left, answer).await.map_err(timed_out)?;
        self.left = self.left.saturating_sub(begun.elapsed());
        answer
    }

    async fn paused<T>(&self, work: impl Future<Output = T>) -> T {
        work.await
    }
}
