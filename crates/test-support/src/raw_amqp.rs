//! A program that writes AMQP frames byte by byte, as broken or hostile ones do; client libraries would refuse to.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use emap_local_services::rabbitmq::{PASSWORD, Server, USER};

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;

/// Flag of the property `content-type`.
pub const CONTENT_TYPE: u16 = 1 << 15;
/// Flag of the property `headers`.
pub const HEADERS: u16 = 1 << 13;
/// Flag of the property `message-id`.
pub const MESSAGE_ID: u16 = 1 << 7;

/// A headers table whose innermost table is so deep.
pub fn nested(depth: usize) -> Vec<u8> {
    let table = (0..depth).fold(Vec::new(), |inner, _| [short(b"x"), b"F".to_vec(), long(&inner)].concat());
    long(&table)
}

/// One connection with one channel. Blocking: call it off the async threads.
#[derive(Debug)]
pub struct RawClient {
    stream: TcpStream,
}

impl RawClient {
    /// Connects to a virtual host of a private server.
    pub fn connect(server: &Server, virtual_host: &str) -> Self {
        let mut client = Self { stream: TcpStream::connect((server.host(), server.port())).unwrap() };
        client.stream.write_all(b"AMQP\0\0\x09\x01").unwrap();
        client.await_method();
        let login = format!("\0{USER}\0{PASSWORD}");
        client.method(
            0,
            10,
            11,
            &[long(b""), short(b"PLAIN"), long(login.as_bytes()), short(b"en_US")].concat(),
        );
        client.await_method();
        // 2047 channels, frames of 128 KiB, no heartbeats.
        client.method(0, 10, 31, &[7, 255, 0, 2, 0, 0, 0, 0]);
        let virtual_host = short(virtual_host.as_bytes());
        client.method(0, 10, 40, &[&virtual_host[..], &short(b""), &[0]].concat());
        client.await_method();
        client.method(1, 20, 10, &short(b""));
        client.await_method();
        client
    }

    /// Publishes to a queue, without a confirm. `flags` says which properties follow in `properties`; the body fits one
    /// frame (128 KiB).
    pub fn publish(&mut self, queue: &str, flags: u16, properties: &[u8], body: &[u8]) {
        self.method(1, 60, 40, &[&[0, 0][..], &short(b""), &short(queue.as_bytes()), &[0]].concat());
        let size = (body.len() as u64).to_be_bytes();
        self.frame(HEADER, 1, &[&[0, 60, 0, 0][..], &size, &flags.to_be_bytes(), properties].concat());
        self.frame(BODY, 1, body);
    }

    /// Ends in order, after which the broker has everything.
    pub fn close(mut self) {
        self.method(1, 20, 40, &[&200_u16.to_be_bytes()[..], &short(b""), &[0, 0, 0, 0]].concat());
        self.await_method();
    }

    fn method(&mut self, channel: u16, class: u16, method: u16, arguments: &[u8]) {
        self.frame(METHOD, channel, &[&class.to_be_bytes()[..], &method.to_be_bytes(), arguments].concat());
    }

    fn frame(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let size = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let frame = [&[kind][..], &channel.to_be_bytes(), &size, payload, &[0xCE]].concat();
        self.stream.write_all(&frame).unwrap();
    }

    /// Reads frames until a method has come.
    fn await_method(&mut self) {
        loop {
            let mut head = [0; 7];
            self.stream.read_exact(&mut head).unwrap();
            let size = u32::from_be_bytes(head[3..].try_into().unwrap());
            let mut rest = vec![0; size as usize + 1];
            self.stream.read_exact(&mut rest).unwrap();
            if head[0] == METHOD {
                assert_ne!(rest[..4], [0, 10, 0, 50], "closed: {}", String::from_utf8_lossy(&rest));
                return;
            }
        }
    }
}

/// A text of up to 255 bytes.
pub fn short(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

/// A text, or a table, with a length of four bytes.
pub fn long(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}
