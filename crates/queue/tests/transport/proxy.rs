//! A TCP proxy that does to connections what networks do.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Stands before a server on this machine.
pub(crate) struct Proxy {
    port: u16,
    network: Arc<Network>,
    task: JoinHandle<()>,
}

struct Network {
    server_port: u16,
    cuts: watch::Sender<u32>,
    /// Whether what the server says is held back.
    held: watch::Sender<bool>,
    /// For the next connection.
    limits: Mutex<Limits>,
    accepted: AtomicUsize,
    open: AtomicUsize,
}

/// Bytes that pass before a connection is cut.
#[derive(Clone, Copy)]
struct Limits {
    to_server: u64,
    to_client: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { to_server: u64::MAX, to_client: u64::MAX }
    }
}

impl Proxy {
    pub(crate) async fn start(server_port: u16) -> Self {
        Self::start_on(0, server_port).await
    }

    /// On a port of the test's choice.
    pub(crate) async fn start_on(port: u16, server_port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let network = Arc::new(Network {
            server_port,
            cuts: watch::Sender::new(0),
            held: watch::Sender::new(false),
            limits: Mutex::default(),
            accepted: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&network);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).pass(client));
            }
        });
        Self { port, network, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends every connection, with all that is on its way.
    pub(crate) fn cut(&self) {
        self.network.cuts.send_modify(|count| *count += 1);
    }

    /// The next connection ends after so many bytes from the client, in the middle of a frame if need be.
    pub(crate) fn cut_next_after_sending(&self, bytes: u64) {
        self.network.limits().to_server = bytes;
    }

    /// The next connection ends after so many bytes for the client.
    pub(crate) fn cut_next_after_receiving(&self, bytes: u64) {
        self.network.limits().to_client = bytes;
    }

    /// Keeps from the client what the server says, until this is called with `false`.
    pub(crate) fn hold_back(&self, held: bool) {
        self.network.held.send_replace(held);
    }

    /// Connections so far.
    pub(crate) fn accepted(&self) -> usize {
        self.network.accepted.load(Ordering::SeqCst)
    }

    /// Connections now.
    pub(crate) fn open(&self) -> usize {
        self.network.open.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Network {
    async fn pass(self: Arc<Self>, mut client: TcpStream) {
        let limits = std::mem::take(&mut *self.limits());
        let mut cut = self.cuts.subscribe();
        self.accepted.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        let mut server = TcpStream::connect(("127.0.0.1", self.server_port)).await.unwrap();
        let (client_says, mut to_client) = client.split();
        let (server_says, mut to_server) = server.split();
        let mut client_says = client_says.take(limits.to_server);
        tokio::select! {
            biased;
            _ = cut.changed() => {}
            _ = copy(&mut client_says, &mut to_server) => {}
            () = self.pass_on(server_says.take(limits.to_client), &mut to_client) => {}
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    async fn pass_on(&self, mut from: impl AsyncRead + Unpin, to: &mut (impl AsyncWrite + Unpin)) {
        let mut held = self.held.subscribe();
        let mut buffer = vec![0; 1 << 14];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            held.wait_for(|held| !held).await.unwrap();
            if to.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    }

    fn limits(&self) -> std::sync::MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
