//! The bytes of a connection, with TLS or without.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustls::{ServerConfig, ServerConnection};

use super::wire::{kinds, packet, read_message};

type Tls = Arc<Mutex<ServerConnection>>;

fn locked(tls: &Tls) -> MutexGuard<'_, ServerConnection> {
    tls.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One direction of a connection; it may be cloned for the other.
#[derive(Clone)]
pub(super) struct Transport {
    stream: Arc<TcpStream>,
    tls: Option<Tls>,
}

impl Transport {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream: Arc::new(stream), tls: None }
    }

    /// The handshake, whose records are wrapped into packets.
    pub(super) fn encrypt(&mut self, config: &Arc<ServerConfig>) -> io::Result<()> {
        let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            let mut records = Vec::new();
            while connection.wants_write() {
                connection.write_tls(&mut records)?;
            }
            if !records.is_empty() {
                (&*self.stream).write_all(&packet(kinds::PRELOGIN, &records))?;
                continue;
            }
            let Some((_, message)) = read_message(&mut &*self.stream)? else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            feed(&mut connection, &message)?;
        }
        let mut records = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut records)?;
        }
        if !records.is_empty() {
            (&*self.stream).write_all(&packet(kinds::PRELOGIN, &records))?;
        }
        self.tls = Some(Arc::new(Mutex::new(connection)));
        Ok(())
    }

    /// Ends the connection, also for those who still read from it.
    pub(super) fn close(&self) {
        // It may have ended already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Only the login was encrypted.
    pub(super) fn end_encryption(&mut self) {
        self.tls = None;
    }
}

fn feed(connection: &mut ServerConnection, mut records: &[u8]) -> io::Result<()> {
    while !records.is_empty() {
        connection.read_tls(&mut records)?;
        connection.process_new_packets().map_err(io::Error::other)?;
    }
    Ok(())
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &self.tls else { return (&*self.stream).read(buffer) };
        let mut records = [0; 4096];
        loop {
            match locked(tls).reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => (),
                done => return done,
            }
            let count = (&*self.stream).read(&mut records)?;
            if count == 0 {
                return Ok(0);
            }
            feed(&mut locked(tls), records.get(..count).unwrap_or_default())?;
        }
    }
}

impl Write for Transport {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let Some(tls) = &self.tls else { return (&*self.stream).write(buffer) };
        let mut connection = locked(tls);
        let count = connection.writer().write(buffer)?;
        let mut records = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut records)?;
        }
        (&*self.stream).write_all(&records)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.stream).flush()
    }
}
