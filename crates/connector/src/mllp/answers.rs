//! Answers on their way back, in the order of the messages.

use std::time::Duration;

use emap_hl7::{AckCode, mllp};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::mode::Wanted;
use crate::{
    room::Taken,
    store::receiving::{Outcome, stopped},
};

/// So many bytes of answers are sent at once.
const BLOCK: usize = 64 << 10;

/// An answer, or where it will come from.
pub(super) enum Answer {
    /// It is known.
    Now(String),
    /// The message is being stored.
    Stored {
        /// What becomes of it.
        outcome: oneshot::Receiver<Outcome>,
        /// Its answer, unless it turns out to be a duplicate.
        code: AckCode,
        /// When an answer is wanted.
        wanted: Wanted,
        /// Memory that the message takes until then.
        room: Taken,
    },
}

/// Why no more answers are sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The sender is gone, or does not read.
    #[error("the sender does not take its answer")]
    Sender,
    /// A message could not be stored: it must not be acknowledged, and what is behind it must not overtake it.
    #[error("a message could not be stored")]
    Store,
}

/// Sends answers in order, until there are no more.
pub(super) async fn write<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut answers: mpsc::Receiver<Answer>,
    patience: Duration,
) -> Result<(), Broken> {
    let mut block = Vec::new();
    loop {
        let answer = if let Ok(answer) = answers.try_recv() {
            answer
        } else {
            flush(&mut writer, &mut block, patience).await?;
            let Some(answer) = answers.recv().await else { break };
            answer
        };
        match answer {
            Answer::Now(text) => block.extend(mllp::frame(text.as_bytes())),
            Answer::Stored { mut outcome, code, wanted, room } => {
                let outcome = match outcome.try_recv() {
                    Ok(outcome) => outcome,
                    Err(oneshot::error::TryRecvError::Closed) => Err(stopped()),
                    Err(oneshot::error::TryRecvError::Empty) => {
                        flush(&mut writer, &mut block, patience).await?;
                        outcome.await.unwrap_or_else(|_| Err(stopped()))
                    }
                };
                drop(room);
                let Ok(stored) = outcome else {
                    // Those before it are answered.
                    flush(&mut writer, &mut block, patience).await?;
                    return Err(Broken::Store);
                };
                let code = if stored.duplicate { AckCode::Reject } else { code };
                if wanted.takes(code) {
                    block.extend(mllp::frame(stored.ack.as_bytes()));
                }
            }
        }
        if block.len() >= BLOCK {
            flush(&mut writer, &mut block, patience).await?;
        }
    }
    let _ = timeout(patience, writer.shutdown()).await;
    Ok(())
}

async fn flush<W: AsyncWrite + Unpin>(
    writer: &mut W,
    block: &mut Vec<u8>,
    patience: Duration,
) -> Result<(), Broken> {
    if block.is_empty() {
        return Ok(());
    }
    let sent = timeout(patience, async {
        writer.write_all(block).await?;
        writer.flush().await
    });
    let sent = sent.await;
    block.clear();
    match sent {
        Ok(Ok(())) => Ok(()),
        _ => Err(Broken::Sender),
    }
}
