//! A broker that does what a test says, when it says so.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use crate::{
    Delivery, Outgoing,
    byte_budget::ByteBudget,
    transport::link::{Connector, Consume, LinkError, Outcome, Publish, Tap},
};

/// The broker as the publisher sees it.
#[derive(Clone)]
pub(super) struct Obedient(Arc<Mutex<State>>);

struct State {
    connected: UnboundedSender<bool>,
    sent: UnboundedSender<String>,
    /// Where the outcomes of the present connection go; none while the broker cannot be reached.
    outcomes: Option<UnboundedSender<Outcome>>,
    reachable: bool,
}

/// The broker as the test sees it.
pub(super) struct Orders {
    broker: Obedient,
    connected: UnboundedReceiver<bool>,
    sent: UnboundedReceiver<String>,
}

pub(super) fn broker() -> (Obedient, Orders) {
    let ((connecting, connected), (sending, sent)) = (unbounded_channel(), unbounded_channel());
    let state = State { connected: connecting, sent: sending, outcomes: None, reachable: true };
    let broker = Obedient(Arc::new(Mutex::new(state)));
    (broker.clone(), Orders { broker, connected, sent })
}

impl Orders {
    /// Waits for an attempt to connect; returns whether it succeeded.
    pub(super) async fn connected(&mut self) -> bool {
        self.connected.recv().await.unwrap()
    }

    /// The next message handed to the broker, as soon as there is one.
    pub(super) async fn sent(&mut self) -> String {
        self.sent.recv().await.unwrap()
    }

    /// So many more messages come, and then none for a while.
    pub(super) async fn sends(&mut self, expected: &[&str]) {
        for id in expected {
            assert_eq!(self.sent().await, *id, "of {expected:?}");
        }
        let more = timeout(Duration::from_millis(100), self.sent.recv()).await;
        assert!(more.is_err(), "{more:?} comes after {expected:?}");
    }

    /// What became of the oldest messages in transit.
    pub(super) fn say(&self, outcomes: &[Outcome]) {
        let state = self.broker.0.lock().unwrap();
        for outcome in outcomes {
            state.outcomes.as_ref().unwrap().send(*outcome).unwrap();
        }
    }

    /// Ends the connection.
    pub(super) fn cut(&self) {
        self.broker.0.lock().unwrap().outcomes = None;
    }

    /// Whether new connections are let in.
    pub(super) fn set_reachable(&self, reachable: bool) {
        self.broker.0.lock().unwrap().reachable = reachable;
    }
}

impl Connector for Obedient {
    type Publishing = Link;
    type Consuming = Nothing;

    async fn open_publishing(&self, _: &str, _: u32) -> Result<Link, LinkError> {
        let mut state = self.0.lock().unwrap();
        let _ = state.connected.send(state.reachable);
        if !state.reachable {
            return Err(LinkError::Closed);
        }
        let (sender, outcomes) = unbounded_channel();
        state.outcomes = Some(sender);
        Ok(Link { sent: state.sent.clone(), outcomes })
    }

    async fn open_consuming(&self, _: Arc<ByteBudget>) -> Result<Nothing, LinkError> {
        Err(LinkError::Closed)
    }
}

pub(super) struct Link {
    sent: UnboundedSender<String>,
    outcomes: UnboundedReceiver<Outcome>,
}

impl Publish for Link {
    fn is_blocked(&self) -> bool {
        false
    }

    fn send(&mut self, message: &Arc<Outgoing>) {
        let _ = self.sent.send(message.correlation_id.clone());
    }

    async fn outcome(&mut self) -> Result<Outcome, LinkError> {
        self.outcomes.recv().await.ok_or(LinkError::Closed)
    }

    async fn close(self) {}
}

/// The side of the broker that these tests do not use.
pub(super) enum Nothing {}

impl Consume for Nothing {
    type Tap = Self;

    async fn open(&mut self, _: &str, _: u16) -> Result<Self, LinkError> {
        match *self {}
    }

    async fn lost(&mut self) -> LinkError {
        match *self {}
    }

    async fn close(self) {}
}

impl Tap for Nothing {
    async fn next(&mut self) -> Option<(u64, Delivery)> {
        match *self {}
    }

    async fn acknowledge(&mut self, _: u64, _: bool) -> Result<(), LinkError> {
        match *self {}
    }

    async fn reject(&mut self, _: u64) -> Result<(), LinkError> {
        match *self {}
    }

    async fn close(self) {}
}
