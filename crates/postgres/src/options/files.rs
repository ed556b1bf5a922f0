//! Files that options name.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    os::unix::ffi::OsStrExt,
};

use super::bad_option::BadOption;

/// Looks whether the file can be opened.
pub(super) fn readable(option: &'static str, path: &[u8]) -> Result<File, BadOption> {
    File::open(OsStr::from_bytes(path)).map_err(|error| BadOption::Unreadable(option, error.kind()))
}

/// Looks whether the file can be opened and is, as far as its first bytes show, a private key that libpq can read.
pub(super) fn readable_key(option: &'static str, path: &[u8]) -> Result<(), BadOption> {
    if path.contains(&b':') {
        // `engine:key`: a key in a piece of hardware.
        return Ok(());
    }
    let mut head = [0; 16];
    let count = read(&mut readable(option, path)?, &mut head);
    let count = count.map_err(|error| BadOption::Unreadable(option, error.kind()))?;
    only_java_reads(&head[..count]).map_or(Ok(()), |kind| Err(BadOption::KeyFormat(option, kind)))
}

fn read(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match file.read(&mut buffer[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}

/// What the file is, if it is nothing that libpq reads as a key.
fn only_java_reads(head: &[u8]) -> Option<&'static str> {
    const INTEGER: u8 = 2;
    const SEQUENCE: u8 = 0x30;
    match head {
        [0xFE, 0xED, 0xFE, 0xED, ..] => Some("a Java key store"),
        [SEQUENCE, length, rest @ ..] => {
            // The short form, or so many bytes of length.
            let more = if length & 0x80 == 0 { 0 } else { usize::from(length & 0x7F) };
            match rest.get(more..) {
                // A sequence with a version is a key if that is 0 or 1; with an algorithm, an encrypted key.
                Some([INTEGER, 1, 3, ..]) => Some("in PKCS #12"),
                Some([SEQUENCE, ..]) => Some("an encrypted key in DER"),
                _ => None,
            }
        }
        _ => None,
    }
}
