//! The stream that `lapin` reads and writes: the socket, watched.
//!
//! It ends when the broker has been silent for too long or when the connection that opened it is dropped (so that no
//! thread of `lapin` is left behind), it cleans what senders wrote into properties, and it stops reading while the
//! process holds as many bytes of messages as it may.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{AsyncRead, AsyncWrite};
use tokio::{
    io::{AsyncRead as _, AsyncWrite as _, ReadBuf},
    time::{Instant, Sleep},
};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    frames::{FrameFilter, Step},
    socket::Socket,
};
use crate::byte_budget::ByteBudget;

/// Bytes read from the socket at a time.
const READ_SIZE: usize = 64 * 1024;
/// A frame that says nothing but "still here".
const HEARTBEAT_FRAME: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xCE];
/// How often `lapin` is kept from taking the broker for dead while we do not read.
const HEARTBEAT_WHILE_PAUSED: Duration = Duration::from_secs(5);

/// One connection's bytes.
pub(super) struct Wire {
    socket: Socket,
    filter: FrameFilter,
    /// Read from the socket and not looked at yet: from `looked_at` to `filled`.
    input: Box<[u8]>,
    looked_at: usize,
    filled: usize,
    /// Cleaned and not read by `lapin` yet, from `read_to` on.
    output: Vec<u8>,
    read_to: usize,
    budget: Option<Arc<ByteBudget>>,
    heard: Instant,
    silence: Duration,
    timer: Pin<Box<Sleep>>,
    dropped: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Wire {
    /// Needs a tokio runtime. `dropped` ends the stream.
    pub(super) fn new(
        socket: Socket,
        silence: Duration,
        budget: Option<Arc<ByteBudget>>,
        dropped: WaitForCancellationFutureOwned,
    ) -> Self {
        Self {
            socket,
            filter: FrameFilter::default(),
            input: vec![0; READ_SIZE].into(),
            looked_at: 0,
            filled: 0,
            output: Vec::with_capacity(READ_SIZE),
            read_to: 0,
            budget,
            heard: Instant::now(),
            silence,
            timer: Box::pin(tokio::time::sleep(silence)),
            dropped: Box::pin(dropped),
        }
    }

    /// Hands out what is cleaned already.
    fn hand_out(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.output.len() - self.read_to);
        buffer[..count].copy_from_slice(&self.output[self.read_to..self.read_to + count]);
        self.read_to += count;
        if self.read_to == self.output.len() {
            self.output.clear();
            self.read_to = 0;
        }
        count
    }

    /// Cleans what was read, until there is enough or a message would be one too many.
    fn clean(&mut self) {
        while self.looked_at < self.filled && self.output.len() < READ_SIZE && !self.must_pause() {
            let mut input = &self.input[self.looked_at..self.filled];
            let step = self.filter.step(&mut input, &mut self.output);
            self.looked_at = self.filled - input.len();
            if let (Step::Message(bytes), Some(budget)) = (step, &self.budget) {
                budget.hold(bytes);
            }
        }
    }

    /// Whether the next frame may begin a message while the budget is used up.
    fn must_pause(&self) -> bool {
        self.filter.is_between_frames()
            && FrameFilter::begins_method(&self.input[self.looked_at..self.filled])
            && self.budget.as_ref().is_some_and(|budget| budget.is_used_up())
    }

    /// Waits for room in the budget. The broker is not heard meanwhile, so silence means nothing.
    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(budget) = &self.budget {
            budget.wake_when_released(context.waker());
        }
        if !self.must_pause() {
            self.heard = Instant::now();
            return Poll::Ready(());
        }
        let next = Instant::now() + HEARTBEAT_WHILE_PAUSED;
        if self.timer.deadline() > next {
            self.timer.as_mut().reset(next);
        }
        ready!(self.timer.as_mut().poll(context));
        self.timer.as_mut().reset(next);
        self.output.extend_from_slice(&HEARTBEAT_FRAME);
        Poll::Ready(())
    }

    /// Reads from the socket; an error after too long a silence.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(&mut self.input);
        if let Poll::Ready(read) = Pin::new(&mut self.socket).poll_read(context, &mut buffer) {
            read?;
            (self.looked_at, self.filled) = (0, buffer.filled().len());
            self.heard = Instant::now();
            return Poll::Ready(Ok(self.filled));
        }
        loop {
            let limit = self.heard + self.silence;
            if self.timer.deadline() != limit {
                self.timer.as_mut().reset(limit);
            }
            ready!(self.timer.as_mut().poll(context));
            if self.heard + self.silence <= Instant::now() {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the broker is silent")));
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.dropped.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        loop {
            if !this.output.is_empty() {
                return Poll::Ready(Ok(this.hand_out(buffer)));
            }
            this.clean();
            if !this.output.is_empty() {
                continue;
            }
            if this.looked_at < this.filled {
                ready!(this.poll_pause(context));
            } else if ready!(this.poll_fill(context))? == 0 {
                return Poll::Ready(Ok(0));
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().socket).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(context)
    }
}
