//! Converts blocks, batch by batch, on threads for blocking work.

use tokio::sync::mpsc;

use super::assemble::{Assembled, Limit, assemble};
use crate::{convert::Convert, off_thread::OffThread, source::Block};

/// Works until there are no more blocks or nobody takes the batches.
pub(super) async fn run<C: Convert, P: Send + 'static>(
    conversion: OffThread<C>,
    limit: Limit,
    mut blocks: mpsc::Receiver<Block<C::Item, P>>,
    batches: mpsc::Sender<Assembled<P, C::Record>>,
) {
    while let Some(block) = blocks.recv().await {
        let mut pieces = block.into_iter().peekable();
        while pieces.peek().is_some() {
            let work = move |conversion: &mut C| (assemble(conversion, &mut pieces, limit), pieces);
            let (batch, rest) = conversion.call(work).await;
            pieces = rest;
            if batches.send(batch).await.is_err() {
                return;
            }
        }
    }
}
