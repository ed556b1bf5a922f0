//! Asks a server whether it can encrypt at all, before the driver connects.
//!
//! With `encrypt=false` the login is encrypted if the server can. The driver has to know which it is: offered
//! encryption, it would wait for the handshake of a server that has none.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PRELOGIN: u8 = 0x12;
const END_OF_MESSAGE: u8 = 0x01;
const VERSION: u8 = 0x00;
const ENCRYPTION: u8 = 0x01;
const TERMINATOR: u8 = 0xFF;
const ENCRYPT_OFF: u8 = 0x00;
const ENCRYPT_NOT_SUPPORTED: u8 = 0x02;

/// Most bytes of an answer that are looked at.
const MOST: usize = 4096;

/// Whether the server can encrypt.
pub(super) async fn can_encrypt(stream: &mut TcpStream) -> io::Result<bool> {
    let options: [u8; 18] = [
        VERSION,
        0,
        11,
        0,
        6,
        ENCRYPTION,
        0,
        17,
        0,
        1,
        TERMINATOR, // Places and lengths of the values that follow.
        0,
        0,
        0,
        0,
        0,
        0,
        ENCRYPT_OFF,
    ];
    let length = u8::try_from(8 + options.len()).unwrap_or(u8::MAX);
    let mut request = vec![PRELOGIN, END_OF_MESSAGE, 0, length, 0, 0, 1, 0];
    request.extend(options);
    stream.write_all(&request).await?;
    let mut header = [0; 8];
    stream.read_exact(&mut header).await?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]])).saturating_sub(8).min(MOST);
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    Ok(encryption(&answer) != Some(ENCRYPT_NOT_SUPPORTED))
}

/// What an answer says of encryption.
fn encryption(answer: &[u8]) -> Option<u8> {
    for option in answer.chunks(5) {
        match option {
            [TERMINATOR, ..] => return None,
            [ENCRYPTION, high, low, ..] => {
                return answer.get(usize::from(u16::from_be_bytes([*high, *low]))).copied();
            }
            _ => (),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_found_by_its_place() {
        let answer = [VERSION, 0, 11, 0, 6, ENCRYPTION, 0, 17, 0, 1, TERMINATOR, 16, 0, 0, 0, 0, 0, 2];
        assert_eq!(encryption(&answer), Some(ENCRYPT_NOT_SUPPORTED));
        assert_eq!(encryption(&[TERMINATOR]), None);
        assert_eq!(encryption(&[ENCRYPTION, 9, 9, 0, 1]), None);
    }
}
