//! Converts blocks of rows and submits them to the publisher, batch by batch.

use std::sync::Arc;

use emap_ids::IdsRow;
use emap_queue::{Batch, Publisher, SubmitError};
use emap_service::CancellationToken;
use tokio::sync::mpsc;

use super::assemble;
use super::figures::Figures;
use super::tracker::{Position, Tracker};
use crate::Converter;

pub(crate) struct Pump {
    pub(crate) converter: Converter,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) batch_rows: usize,
}

impl Pump {
    /// Works until there are no more blocks or the stop comes. What was submitted goes on by itself.
    ///
    /// Fails when the publisher refuses a batch, which only a mistake in the program can bring about.
    pub(crate) async fn run(
        mut self,
        mut blocks: mpsc::Receiver<Vec<IdsRow>>,
        shutdown: CancellationToken,
    ) -> Result<(), SubmitError> {
        tokio::select! {
            worked = self.work(&mut blocks) => worked,
            () = shutdown.cancelled() => Ok(()),
        }
    }

    async fn work(&mut self, blocks: &mut mpsc::Receiver<Vec<IdsRow>>) -> Result<(), SubmitError> {
        while let Some(rows) = blocks.recv().await {
            for rows in rows.chunks(self.batch_rows) {
                self.tracker.room().await;
                self.submit(rows).await?;
            }
        }
        Ok(())
    }

    async fn submit(&mut self, rows: &[IdsRow]) -> Result<(), SubmitError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let assembled = assemble(&mut self.converter, rows, &self.figures);
        let position = Position { unid: last.unid, message_datetime: last.message_datetime };
        let number = self.tracker.add(position, rows.len(), assembled.rejects);
        if assembled.outgoing.is_empty() {
            self.tracker.confirm(number);
            return Ok(());
        }
        let (tracker, figures) = (Arc::clone(&self.tracker), Arc::clone(&self.figures));
        let messages = assembled.outgoing.len();
        let batch = Batch {
            id: format!("{}-{}", first.unid, last.unid),
            messages: assembled.outgoing,
            on_confirmed: Box::new(move || {
                figures.published(messages);
                tracker.confirm(number);
            }),
        };
        self.publisher.submit(batch).await
    }
}
