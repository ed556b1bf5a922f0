//! A client of TDS that sees the bytes, for what no driver shows.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use emap_local_services::sql_server::LOGIN;

/// The mark of an acknowledged attention.
pub(crate) const ATTENTION: u16 = 0x20;
/// The mark of a statement that failed.
pub(crate) const ERROR: u16 = 2;
const END_OF_MESSAGE: u8 = 1;
const HEADER: usize = 8;
/// Length of the tokens that end statements and procedures.
const DONE: usize = 13;
/// The collation Latin1_General_CI_AS.
const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];

pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) fn log_in(port: u16, database: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut client = Self(stream);
        // Version, and that encryption is not supported.
        client.send(0x12, &[0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 0, 0, 0, 0, 0, 0, 2]);
        client.message();
        client.send(0x10, &login(database));
        let answer = client.message();
        assert_eq!(last_done(&answer).0, 0, "{answer:?}");
        client
    }

    fn send(&mut self, kind: u8, text: &[u8]) {
        let length = u16::try_from(HEADER + text.len()).unwrap().to_be_bytes();
        let header = [kind, END_OF_MESSAGE, length[0], length[1], 0, 0, 1, 0];
        self.0.write_all(&[&header, text].concat()).unwrap();
    }

    pub(crate) fn batch(&mut self, sql: &str) {
        self.send(1, &[headers(), utf16(sql)].concat());
    }

    /// The same as a call of `sp_executesql`.
    pub(crate) fn execute_sql(&mut self, sql: &str) {
        let text = utf16(sql);
        let length = u16::try_from(text.len()).unwrap().to_le_bytes();
        let mut call = headers();
        call.extend([0xFF, 0xFF, 10, 0, 0, 0]);
        call.extend([0, 0, 0xE7, 0x40, 0x1F]);
        call.extend(COLLATION);
        call.extend(length);
        call.extend(text);
        self.send(3, &call);
    }

    pub(crate) fn attention(&mut self) {
        self.send(6, &[]);
    }

    /// One packet: whether it ends its message, and its text.
    pub(crate) fn packet(&mut self) -> (bool, Vec<u8>) {
        let mut header = [0; HEADER];
        self.0.read_exact(&mut header).unwrap();
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let mut text = vec![0; length - HEADER];
        self.0.read_exact(&mut text).unwrap();
        (header[1] & END_OF_MESSAGE != 0, text)
    }

    pub(crate) fn message(&mut self) -> Vec<u8> {
        let mut message = Vec::new();
        loop {
            let (is_last, text) = self.packet();
            message.extend(text);
            if is_last {
                return message;
            }
        }
    }

    /// Reads up to the end of the connection.
    pub(crate) fn until_end(&mut self) {
        std::io::copy(&mut self.0, &mut std::io::sink()).unwrap();
    }

    /// Reads up to the acknowledgement of an attention; what stood before it in its message.
    pub(crate) fn until_attention(&mut self) -> Vec<u8> {
        loop {
            let mut message = self.message();
            let (status, place) = last_done(&message);
            if status & ATTENTION != 0 {
                message.truncate(place);
                return message;
            }
        }
    }
}

/// Status and place of the token at the end of a message.
pub(crate) fn last_done(message: &[u8]) -> (u16, usize) {
    let place = message.len() - DONE;
    assert!((0xFD..=0xFF).contains(&message[place]), "{message:?}");
    (u16::from_le_bytes([message[place + 1], message[place + 2]]), place)
}

/// Whether a text is somewhere in a message.
pub(crate) fn contains(message: &[u8], text: &str) -> bool {
    let holds = |part: &[u8]| message.windows(part.len()).any(|window| window == part);
    holds(text.as_bytes()) || holds(&utf16(text))
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// That there is no transaction, and one request at a time.
fn headers() -> Vec<u8> {
    let mut headers = vec![22, 0, 0, 0, 18, 0, 0, 0, 2, 0];
    headers.extend([0; 8]);
    headers.extend([1, 0, 0, 0]);
    headers
}

fn login(database: &str) -> Vec<u8> {
    const FIXED: usize = 94;
    let password = utf16(LOGIN.1).into_iter().map(|byte| byte.rotate_left(4) ^ 0xA5).collect();
    // Host, user, password, program, server, extension, library, language, database.
    let parts: [Vec<u8>; 9] = [
        utf16("test"),
        utf16(LOGIN.0),
        password,
        utf16("test"),
        utf16("server"),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        utf16(database),
    ];
    let mut fixed = vec![0; 4];
    fixed.extend(0x7400_0004_u32.to_le_bytes());
    fixed.extend(4096_u32.to_le_bytes());
    fixed.extend([0; 24]);
    let mut place = FIXED;
    for part in &parts {
        fixed.extend(u16::try_from(place).unwrap().to_le_bytes());
        fixed.extend(u16::try_from(part.len() / 2).unwrap().to_le_bytes());
        place += part.len();
    }
    fixed.resize(FIXED, 0);
    let text = parts.concat();
    let length = u32::try_from(FIXED + text.len()).unwrap().to_le_bytes();
    fixed[..4].copy_from_slice(&length);
    [fixed, text].concat()
}
