//! What every daemon that sends has in common.
//!
//! ```text
//!  Source ──blocks──► Convert ──batches──► Publisher ──► queue
//!  (reads ahead)      (CPU work)               │ confirms
//!                                           Tracker ──► ProgressStore (records and positions)
//! ```
//!
//! A daemon brings a [`Source`] (or a [`BlockingSource`]), a [`Convert`] and a [`ProgressStore`]; a [`Feed`] does the
//! rest: it reads ahead, converts on threads for blocking work, keeps what is under way within [`Limits`], publishes,
//! saves progress, reports the health of the parts, and drains at the end.
//!
//! **Progress is a confirmed prefix.** A position is saved only when every message made of what the source gave up to
//! there is confirmed by the broker, and every record of it (such as a reject) is saved before or with it. Whatever is
//! killed when, the next start sends at most some of it twice and leaves nothing out.
//!
//! A feed may have several [`Stream`]s. Each has a source and a progress of its own; none waits for another. They
//! share the publisher, the limits and the store.

mod blocking;
mod budget;
mod convert;
mod error;
pub mod features;
mod feed;
mod line;
mod off_thread;
mod saver;
mod settling;
mod source;
mod store;
mod stream;
mod tracker;

pub use self::{
    blocking::{Blocking, BlockingSource},
    budget::Limits,
    convert::{Convert, Output, Refusal},
    error::FeedError,
    feed::{Ended, Ending, Feed, FeedSettings, LAST_SAVE_LIMIT, STALL_LIMIT},
    settling::Reports,
    source::{Block, Piece, Source, Step},
    store::{ProgressStore, Settled},
    stream::{BatchLimit, Pace, Stream},
};
