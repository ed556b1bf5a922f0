//! What the proxies of all protocols share: sockets, holding, cutting, counting.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

use super::{
    plan::{Action, FaultPlan, Positions, Seen, Side},
    script::{Filter, Script},
};

const READ: usize = 1 << 16;
/// How long an ended connection is kept for what is still on its way.
const LINGER: Duration = Duration::from_millis(200);

/// The bytes are not of the protocol, so there are no messages to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotTheProtocol;

/// What to do with a message after the script was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// On with it.
    Pass,
    /// This goes on in its place.
    Replace(Vec<u8>),
    /// The sender gets this answer, the other end nothing.
    Answer(Vec<u8>),
    /// The sender gets this answer, and the connection ends.
    AnswerAndCut(Vec<u8>),
    /// Nothing goes on.
    Drop,
    /// The connection ends.
    Cut,
    /// This message goes on, and the connection ends.
    PassAndCut,
}

/// One connection as a protocol sees it.
pub(super) trait Conversation: Default + Send + 'static {
    /// What filters look at.
    type Message: Send;
    /// Which messages a fault is meant for.
    type Filter: Filter<Self::Message>;
    /// What the server refuses with.
    type Refusal: Clone + Send + 'static;

    /// Length of the message at the beginning of the bytes; none if too few bytes are there.
    fn length(&self, side: Side, bytes: &[u8]) -> Result<Option<usize>, NotTheProtocol>;
    /// Reads a whole message.
    fn read(&mut self, side: Side, bytes: &[u8]) -> Self::Message;
    /// Name of the message's kind.
    fn kind(message: &Self::Message) -> String;
    /// A message that nothing is done to, unless an earlier one has consequences for it.
    fn pass(&mut self, side: Side, message: &Self::Message, bytes: &[u8]) -> Verdict;
    /// A message that is lost.
    fn swallow(&mut self, side: Side, message: &Self::Message);
    /// A message of the client that is to be refused.
    fn refuse(&mut self, message: &Self::Message, bytes: &[u8], refusal: &Self::Refusal) -> Verdict;
    /// A message of the client whose answer is to be lost.
    fn lose_answer(&mut self, message: &Self::Message, bytes: &[u8]) -> Verdict;
}

type SharedScript<C> = Arc<Mutex<Script<<C as Conversation>::Filter, <C as Conversation>::Refusal>>>;

/// A proxy on a free port of the loopback interface. It runs on a thread of its own; dropping it ends all connections.
#[derive(Debug)]
pub struct Proxy<F, R> {
    address: SocketAddr,
    script: Arc<Mutex<Script<F, R>>>,
    switches: Arc<Switches>,
    thread: Option<JoinHandle<()>>,
}

/// What concerns all connections at once.
#[derive(Debug, Default)]
struct Switches {
    /// Whether every connection is held.
    all_held: watch::Sender<bool>,
    /// Counts the calls of `release`; held connections go on with the next.
    releases: watch::Sender<u64>,
    /// Counts the calls of `cut`; connections end with the next.
    cuts: watch::Sender<u64>,
    /// Connections now.
    open: watch::Sender<usize>,
    /// Set at the end.
    stop: watch::Sender<bool>,
}

impl<F, R> Proxy<F, R>
where
    F: Send + 'static,
    R: Clone + Send + 'static,
{
    pub(super) fn start_for<C>(server: SocketAddr) -> io::Result<Self>
    where
        C: Conversation<Filter = F, Refusal = R>,
    {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let script: SharedScript<C> = Arc::new(Mutex::new(Script::new()));
        let switches = Arc::new(Switches::default());
        let shared = (Arc::clone(&script), Arc::clone(&switches));
        let run = move || {
            runtime.block_on(async move {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    accept::<C>(listener, server, shared.0, shared.1).await;
                }
            });
        };
        let thread = std::thread::Builder::new().name("faults-proxy".to_owned()).spawn(run)?;
        Ok(Self { address, script, switches, thread: Some(thread) })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Takes a new plan; messages are counted from here on. What was seen stays, and so do held connections.
    pub fn arm(&self, plan: impl Into<FaultPlan<F, R>>) {
        self.script().arm(plan.into());
    }

    /// From now on nothing happens, and messages are counted from zero.
    pub fn disarm(&self) {
        self.arm(FaultPlan::none());
    }

    /// Holds every connection, as [`Action::StallAll`] does at a message.
    pub fn hold(&self) {
        self.switches.all_held.send_replace(true);
    }

    /// Lets everything go on that is held.
    pub fn release(&self) {
        self.switches.all_held.send_replace(false);
        self.switches.releases.send_modify(|count| *count += 1);
    }

    /// Ends all connections, held ones too.
    pub fn cut(&self) {
        self.switches.cuts.send_modify(|count| *count += 1);
    }

    /// Messages and connections since the plan was armed.
    pub fn positions(&self) -> Positions {
        self.script().positions()
    }

    /// The faults that happened, since the proxy was started.
    pub fn seen(&self) -> Vec<Seen> {
        self.script().seen()
    }

    /// How many faults happened, since the proxy was started.
    pub fn happened(&self) -> usize {
        self.script().happened()
    }

    /// Connections now.
    pub fn open(&self) -> usize {
        *self.switches.open.borrow()
    }

    fn script(&self) -> MutexGuard<'_, Script<F, R>> {
        lock(&self.script)
    }
}

impl<F, R> Drop for Proxy<F, R> {
    fn drop(&mut self) {
        self.switches.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been printed already.
            let _ = thread.join();
        }
    }
}

async fn accept<C: Conversation>(
    listener: TcpListener,
    server: SocketAddr,
    script: SharedScript<C>,
    switches: Arc<Switches>,
) {
    let mut stop = switches.stop.subscribe();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        // A connection that ended before it was accepted, or too many open files: the next one may do.
        let Ok((client, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = lock(&script).connected();
        let (script, switches) = (Arc::clone(&script), Arc::clone(&switches));
        connections.spawn(async move {
            switches.open.send_modify(|open| *open += 1);
            let mut cuts = switches.cuts.subscribe();
            tokio::select! {
                biased;
                _ = cuts.changed() => {}
                () = carry::<C>(number, client, server, script, &switches) => {}
            }
            switches.open.send_modify(|open| *open -= 1);
        });
    }
}

/// One connection from its beginning to its end.
async fn carry<C: Conversation>(
    number: u64,
    client: TcpStream,
    server: SocketAddr,
    script: SharedScript<C>,
    switches: &Switches,
) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    // What is passed on is not to wait for more.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let connection = Connection::<C> {
        number,
        script,
        switches,
        conversation: Mutex::default(),
        to_client: tokio::sync::Mutex::new(to_client),
        to_server: tokio::sync::Mutex::new(to_server),
        held: watch::Sender::new(false),
        silent: watch::Sender::new(false),
    };
    tokio::select! {
        () = connection.pump(Side::Client, from_client) => {}
        () = connection.pump(Side::Server, from_server) => {}
    }
}

struct Connection<'s, C: Conversation> {
    number: u64,
    script: SharedScript<C>,
    switches: &'s Switches,
    conversation: Mutex<C>,
    to_client: tokio::sync::Mutex<OwnedWriteHalf>,
    to_server: tokio::sync::Mutex<OwnedWriteHalf>,
    held: watch::Sender<bool>,
    silent: watch::Sender<bool>,
}

/// Whether a connection goes on.
type Flow = Result<(), End>;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// At once.
    Cut,
    /// So that what was written last arrives.
    Orderly,
    /// The same, after the sender had time to react to an answer.
    Answered,
}

impl<C: Conversation> Connection<'_, C> {
    /// Passes the messages of one side on, until there are no more or a fault ends the connection.
    async fn pump(&self, side: Side, mut from: OwnedReadHalf) {
        let mut buffer = Vec::new();
        let mut outgoing = Vec::new();
        let end = loop {
            buffer.reserve(READ);
            let Ok(1..) = from.read_buf(&mut buffer).await else {
                self.open_gate().await;
                if side == Side::Client && *self.silent.borrow() {
                    // A peer that vanished does not say so.
                    std::future::pending::<()>().await;
                }
                break End::Orderly;
            };
            let mut used = 0;
            let flow = loop {
                let rest = &buffer[used..];
                let length = match lock(&self.conversation).length(side, rest) {
                    Ok(Some(length)) if length <= rest.len() => length,
                    Ok(_) => break Ok(()),
                    Err(NotTheProtocol) => break Err(End::Cut),
                };
                used += length;
                if let Err(end) = self.message(side, &rest[..length], &mut outgoing).await {
                    break Err(end);
                }
            };
            buffer.drain(..used);
            let written = self.write(side, &mut outgoing).await;
            if let Err(end) = flow.and(written) {
                break end;
            }
        };
        if end == End::Answered {
            drain(&mut from).await;
        }
        if end != End::Cut {
            self.let_arrive(from).await;
        }
    }

    /// Says to both ends that there is no more, and reads what still comes: closing before it is read would take back
    /// what was written last.
    async fn let_arrive(&self, mut from: OwnedReadHalf) {
        // An end that is closed already needs no word.
        let _ = self.to_client.lock().await.shutdown().await;
        let _ = self.to_server.lock().await.shutdown().await;
        drain(&mut from).await;
    }

    /// What becomes of one message; what goes on is appended to `outgoing`.
    async fn message(&self, side: Side, bytes: &[u8], outgoing: &mut Vec<u8>) -> Flow {
        let (message, action) = {
            let mut conversation = lock(&self.conversation);
            let message = conversation.read(side, bytes);
            let action = lock(&self.script).decide(self.number, side, &message, C::kind);
            (message, action)
        };
        match action {
            None => {}
            Some(Action::Delay(time)) => {
                self.write(side, outgoing).await?;
                tokio::time::sleep(time).await;
            }
            Some(Action::Stall(time)) => {
                self.write(side, outgoing).await?;
                self.hold_for(time).await;
            }
            Some(Action::StallAll) => {
                self.write(side, outgoing).await?;
                self.switches.all_held.send_replace(true);
            }
            Some(Action::Silence) => {
                self.write(side, outgoing).await?;
                self.silent.send_replace(true);
            }
            Some(Action::Swallow) => {
                lock(&self.conversation).swallow(side, &message);
                return Ok(());
            }
            Some(action) => {
                let verdict = match (side, &action) {
                    (Side::Client, Action::Refuse(refusal)) => {
                        lock(&self.conversation).refuse(&message, bytes, refusal)
                    }
                    (Side::Client, Action::LoseAnswer) => {
                        lock(&self.conversation).lose_answer(&message, bytes)
                    }
                    _ => Verdict::Cut,
                };
                return self.carry_out(verdict, side, bytes, outgoing).await;
            }
        }
        let verdict = lock(&self.conversation).pass(side, &message, bytes);
        self.carry_out(verdict, side, bytes, outgoing).await
    }

    async fn carry_out(&self, verdict: Verdict, side: Side, bytes: &[u8], outgoing: &mut Vec<u8>) -> Flow {
        match verdict {
            Verdict::Pass => outgoing.extend_from_slice(bytes),
            Verdict::Replace(other) => outgoing.extend_from_slice(&other),
            Verdict::Drop => {}
            Verdict::Cut => return Err(End::Cut),
            Verdict::PassAndCut => {
                outgoing.extend_from_slice(bytes);
                return Err(End::Orderly);
            }
            Verdict::Answer(mut answer) => {
                self.write(side, outgoing).await?;
                self.write(other(side), &mut answer).await?;
            }
            Verdict::AnswerAndCut(mut answer) => {
                self.write(other(side), &mut answer).await?;
                return Err(End::Answered);
            }
        }
        Ok(())
    }

    /// Holds this connection, both directions.
    async fn hold_for(&self, time: Option<Duration>) {
        self.held.send_replace(true);
        let mut releases = self.switches.releases.subscribe();
        // At most a century: for ever.
        let time = time.unwrap_or(Duration::from_secs(100 * 365 * 24 * 3600));
        tokio::select! {
            _ = releases.changed() => {}
            () = tokio::time::sleep(time) => {}
        }
        self.held.send_replace(false);
    }

    /// Writes what comes from that side to the other end, as soon as nothing is held.
    async fn write(&self, side: Side, outgoing: &mut Vec<u8>) -> Flow {
        if outgoing.is_empty() {
            return Ok(());
        }
        self.open_gate().await;
        if *self.silent.borrow() {
            outgoing.clear();
            return Ok(());
        }
        let end = if side == Side::Client { &self.to_server } else { &self.to_client };
        let written = end.lock().await.write_all(outgoing).await;
        outgoing.clear();
        written.map_err(|_| End::Orderly)
    }

    /// Waits until nothing is held.
    async fn open_gate(&self) {
        let (mut held, mut all_held) = (self.held.subscribe(), self.switches.all_held.subscribe());
        while *held.borrow_and_update() || *all_held.borrow_and_update() {
            tokio::join!(until_false(&mut held), until_false(&mut all_held));
        }
    }
}

/// Reads what still comes, and throws it away.
async fn drain(from: &mut OwnedReadHalf) {
    let rest = async {
        let mut ignored = vec![0; READ];
        while let Ok(1..) = from.read(&mut ignored).await {}
        // At the end of one direction there may be more in the other.
        std::future::pending::<()>().await;
    };
    let _ = tokio::time::timeout(LINGER, rest).await;
}

async fn until_false(switch: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and then nothing is held.
    let _ = switch.wait_for(|held| !held).await.is_ok();
}

fn other(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
