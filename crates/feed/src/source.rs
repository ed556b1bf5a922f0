//! Where a stream comes from.

use std::{fmt::Display, time::Duration};

/// A part of a source: items in the order in which they are to be sent, with marks between them.
pub type Block<I, P> = Vec<Piece<I, P>>;

/// One piece of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<I, P> {
    /// Something to be converted.
    Item(I),
    /// Once everything before it is dealt with, this is the position to be saved. Between two marks nothing is saved:
    /// after a crash everything behind the last saved mark is read again.
    Mark(P),
}

/// What a source has to say when it is asked for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<I, P, E> {
    /// More pieces; there may be more of them at once. A block of marks alone is good for a part of the source that
    /// turned out to be empty.
    Block(Block<I, P>),
    /// Nothing just now.
    Nothing {
        /// When to ask again.
        look_again: Duration,
    },
    /// There will be nothing more; with the reason.
    End(E),
}

/// What a source answers.
pub(crate) type StepOf<S> = Step<<S as Source>::Item, <S as Source>::Position, <S as Source>::End>;

/// Something that can be read in order, and read again from a saved position.
///
/// A feed calls one method at a time. It may drop a call's future, but then calls nothing any more. No method may
/// block the thread; for a source whose calls do, there is [`BlockingSource`](crate::BlockingSource).
pub trait Source: Send + 'static {
    /// What is converted one by one.
    type Item: Send + 'static;
    /// What is saved as progress.
    type Position: Send + Sync + 'static;
    /// Why a source ends.
    type End: Send + 'static;
    /// Why it cannot be read just now. Its text goes to logs and to the health report: no patient data.
    type Error: Display + Send;

    /// The next pieces. After a failure it is called again, until it succeeds, and goes on where it was.
    fn next(&mut self) -> impl Future<Output = Result<StepOf<Self>, Self::Error>> + Send;

    /// Called after a failure and a pause, before anything else is called: the place to renew a connection.
    fn recover(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        std::future::ready(Ok(()))
    }

    /// Called about once a second, also while the broker takes nothing and the source therefore is not asked for
    /// more: the place to measure how far behind the stream is.
    fn observe(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        std::future::ready(Ok(()))
    }
}
