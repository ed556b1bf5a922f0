//! One sender: frames in, answers out, in the same order.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Utc;
use emap_hl7::{
    AckCode, AckError, AckLevel, Positional, acknowledgement, control_id,
    mllp::{Deframer, TooLong},
};
use emap_service::CancellationToken;
use metrics::counter;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};
use uuid::Uuid;

use super::{
    answers::{self, Answer},
    mode,
};
use crate::{
    receipt::{Hopeless, ack_of_hopeless},
    refusal::Refusal,
    room::{LARGE, Taken},
    service::Service,
    settings::MllpSettings,
    store::StoreError,
};

/// Messages of one sender that may be unanswered.
const PIPELINED: usize = 256;
const READ: usize = 16 << 10;
/// How long a sender has to take its answers and go, once nothing more is accepted.
const LINGER: Duration = Duration::from_secs(2);
const ACTOR: &str = "mllp";

/// Why a connection ends, for the log.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    TooLong(#[from] TooLong),
    #[error("the sender was silent for too long")]
    Idle,
    #[error("a message took too long to arrive")]
    Slow,
    #[error("the connection is lost")]
    Lost,
    #[error("a message could not be stored: {0}")]
    Store(#[from] StoreError),
}

/// Serves a sender until it goes, something is wrong, or the program stops.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Send>(
    stream: S,
    service: &Arc<Service>,
    settings: &MllpSettings,
    cancel: &CancellationToken,
) {
    let (mut reader, writer) = tokio::io::split(stream);
    let (queue, waiting) = mpsc::channel(PIPELINED);
    let broken = CancellationToken::new();
    let write = async {
        let written = answers::write(writer, waiting, settings.idle).await;
        if let Err(error) = written {
            tracing::warn!(%error, "an MLLP connection is cut off");
            broken.cancel();
        }
    };
    let read = async {
        let ended = read(&mut reader, &queue, service, settings, &broken, cancel).await;
        if let Err(error) = &ended {
            counter!("emap_connector_mllp_cut_off_total").increment(1);
            tracing::warn!(%error, "an MLLP connection is cut off");
        }
        drop(queue);
        ended
    };
    let (ended, ()) = tokio::join!(read, write);
    if matches!(ended, Ok(()) | Err(End::Store(_))) {
        // A connection that is closed before it is read to its end is reset, and answers on their way are lost.
        let _ = timeout(LINGER, tokio::io::copy(&mut reader, &mut tokio::io::sink())).await;
    }
}

async fn read<R: AsyncRead + Unpin>(
    reader: &mut R,
    queue: &mpsc::Sender<Answer>,
    service: &Arc<Service>,
    settings: &MllpSettings,
    broken: &CancellationToken,
    cancel: &CancellationToken,
) -> Result<(), End> {
    let mut deframer = Deframer::new(settings.max_message_bytes);
    let mut buffer = vec![0; READ];
    let mut begun: Option<Instant> = None;
    // Of the message under way, once it turns out to be large.
    let mut room: Taken = None;
    let for_a_message = (settings.idle / 5).max(Duration::from_millis(100));
    loop {
        let deadline = begun.map_or_else(|| Instant::now() + settings.idle, |begun| begun + for_a_message);
        // Only reading is broken off: a message that was read is handed over, and its answer is waited for.
        let read = tokio::select! {
            read = timeout_at(deadline, reader.read(&mut buffer)) => read,
            () = cancel.cancelled() => return Ok(()),
            () = broken.cancelled() => return Ok(()),
        };
        let length = match read {
            Err(_) if begun.is_some() => return Err(End::Slow),
            Err(_) => return Err(End::Idle),
            Ok(Err(_)) => return Err(End::Lost),
            Ok(Ok(0)) => return Ok(()),
            Ok(Ok(length)) => length,
        };
        deframer.extend(&buffer[..length]);
        while let Some(message) = deframer.next_message()? {
            begun = None;
            if broken.is_cancelled() || cancel.is_cancelled() {
                return Ok(());
            }
            let room = match room.take() {
                None => service.room.take(message.len().min(LARGE)).await,
                taken => taken,
            };
            let answer = receive(message, room, service).await?;
            if let Some(answer) = answer
                && queue.send(answer).await.is_err()
            {
                return Ok(());
            }
        }
        if deframer.held() > LARGE && room.is_none() {
            // Nothing more is read meanwhile, and the time that passes is not the sender's.
            let waited = Instant::now();
            room = service.room.take(deframer.held()).await;
            begun = begun.map(|begun| begun + waited.elapsed());
        }
        if deframer.is_inside() {
            begun = begun.or_else(|| Some(Instant::now()));
        }
    }
}

/// Reads a message and hands it over; gives where its answer comes from.
async fn receive(bytes: Vec<u8>, room: Taken, service: &Arc<Service>) -> Result<Option<Answer>, End> {
    let uuid = Uuid::new_v4().to_string();
    let content = match String::from_utf8(bytes) {
        Ok(content) => content,
        Err(error) => {
            service.store_unreadable(&uuid, ACTOR, &STANDARD.encode(error.as_bytes())).await?;
            let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
            return Ok(Some(Answer::Now(rejection(&lossy, "HL7 message is not UTF-8"))));
        }
    };
    let (level, wanted) = Positional::parse(&content)
        .map_or((AckLevel::Application, mode::Wanted::Always), |message| mode::of(&message));
    match service.read((&content, &uuid, ACTOR), level, "mllp") {
        Ok(receipt) => {
            let code = receipt.refusal.as_ref().map_or(AckCode::Accept, Refusal::code);
            let outcome = service.hand_over(receipt, &Uuid::new_v4().to_string()).await;
            Ok(Some(Answer::Stored { outcome, code, wanted, room }))
        }
        Err(hopeless) => {
            if hopeless != Hopeless::Nul && !content.trim().is_empty() {
                service.store_unreadable(&uuid, ACTOR, &content).await?;
            }
            let answer = match hopeless {
                Hopeless::NoMessage => ack_of_hopeless(hopeless, AckLevel::Application, Utc::now()),
                Hopeless::ShortHeader | Hopeless::Nul => rejection(&content, &hopeless.to_string()),
            };
            Ok(Some(Answer::Now(answer)))
        }
    }
}

/// An AR in the message's own words, as far as it has any.
fn rejection(content: &str, reason: &str) -> String {
    let now = Utc::now();
    let Ok(message) = Positional::parse(content) else {
        return ack_of_hopeless(Hopeless::NoMessage, AckLevel::Application, now);
    };
    let (level, _) = mode::of(&message);
    let error = AckError { kind: "Hl7ApplicationRejectException", text: reason.to_owned() };
    let id = control_id(now, &mut |choices| fastrand::usize(..choices));
    acknowledgement(&message, (AckCode::Reject, level), Some(&error), (&id, now))
}
