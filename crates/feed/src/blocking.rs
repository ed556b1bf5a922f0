//! Sources whose calls block.

use std::fmt::Display;

use crate::{
    off_thread::OffThread,
    source::{Source, Step},
};

/// What a blocking source answers.
pub(crate) type BlockingStep<S> =
    Step<<S as BlockingSource>::Item, <S as BlockingSource>::Position, <S as BlockingSource>::End>;

/// A [`Source`] written with calls that block, such as those of a synchronous database client. Wrapped in [`Blocking`],
/// each call runs on a thread for blocking work.
pub trait BlockingSource: Send + 'static {
    /// As [`Source::Item`].
    type Item: Send + 'static;
    /// As [`Source::Position`].
    type Position: Send + Sync + 'static;
    /// As [`Source::End`].
    type End: Send + 'static;
    /// As [`Source::Error`].
    type Error: Display + Send + 'static;

    /// As [`Source::next`].
    fn next(&mut self) -> Result<BlockingStep<Self>, Self::Error>;

    /// As [`Source::recover`].
    fn recover(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// As [`Source::observe`].
    fn observe(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A blocking source as a [`Source`].
pub struct Blocking<S>(OffThread<S>);

impl<S: BlockingSource> Blocking<S> {
    /// Keeps the calls of `source` off the asynchronous threads.
    pub fn new(source: S) -> Self {
        Self(OffThread::new(source))
    }
}

impl<S: BlockingSource> Source for Blocking<S> {
    type Item = S::Item;
    type Position = S::Position;
    type End = S::End;
    type Error = S::Error;

    async fn next(&mut self) -> Result<BlockingStep<S>, S::Error> {
        self.0.call(S::next).await
    }

    async fn recover(&mut self) -> Result<(), S::Error> {
        self.0.call(S::recover).await
    }

    async fn observe(&mut self) -> Result<(), S::Error> {
        self.0.call(S::observe).await
    }
}
