//! The sockets of libpq, which does not show them: found among the open files of the process, and shut down.
//!
//! libpq waits for its server without a limit. What ends such a wait from outside is the end of the connection: after
//! `shutdown(2)` libpq reads "closed by the peer", and the statement fails as it does when a server goes away.

use std::{
    fs,
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
};

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, Shutdown, SocketAddrUnix, getpeername, recvmsg,
    shutdown, sockopt,
};

/// The open files of this process, by number.
const OPEN_FILES: &str = "/proc/self/fd";

/// What the names of PostgreSQL's local sockets begin with; a port follows.
const LOCAL_SOCKET: &[u8] = b".s.PGSQL.";

/// What one connection's socket is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Value of `TCP_USER_TIMEOUT`, milliseconds: no other connection of the process is given the same.
    pub(crate) user_timeout: u32,
    /// It may be a local socket instead, which bears no mark: then every local connection to PostgreSQL is meant.
    pub(crate) may_be_local: bool,
}

impl Mark {
    /// Shuts the connection down, also while it is being opened. Gives the number of sockets that were.
    ///
    /// # Errors
    /// The operating system does not show the open files.
    pub(crate) fn shut_down(self) -> io::Result<usize> {
        let mut count = 0;
        for file in fs::read_dir(OPEN_FILES)? {
            let Some(number) = file.ok().and_then(|file| socket_number(&file)) else { continue };
            // What cannot be had any more is closed.
            let Ok(socket) = duplicate(number) else { continue };
            if self.fits(&socket) && shutdown(&socket, Shutdown::Both).is_ok() {
                count += 1;
            }
        }
        Ok(count)
    }

    fn fits(self, socket: &OwnedFd) -> bool {
        match sockopt::tcp_user_timeout(socket) {
            Ok(user_timeout) => user_timeout == self.user_timeout,
            Err(_) => self.may_be_local && leads_to_postgres(socket),
        }
    }
}

fn leads_to_postgres(socket: &OwnedFd) -> bool {
    let peer = getpeername(socket).ok().flatten().and_then(|peer| SocketAddrUnix::try_from(peer).ok());
    peer.as_ref().and_then(SocketAddrUnix::path_bytes).is_some_and(|path| {
        path.rsplit(|byte| *byte == b'/').next().is_some_and(|name| name.starts_with(LOCAL_SOCKET))
    })
}

/// The number of an open file that is a socket.
fn socket_number(file: &fs::DirEntry) -> Option<RawFd> {
    let target = fs::read_link(file.path()).ok()?;
    target.to_str()?.strip_prefix("socket:")?;
    file.file_name().to_str()?.parse().ok()
}

/// A descriptor of our own for an open file that belongs to another part of the program, which may close it at any
/// moment. It goes through a pair of sockets, as only the kernel can say whether the number is still that of a file.
fn duplicate(number: RawFd) -> io::Result<OwnedFd> {
    let (near, far) = UnixStream::pair()?;
    let file = [ControlMessage::ScmRights(&[number])];
    sendmsg::<()>(near.as_raw_fd(), &[IoSlice::new(&[0])], &file, MsgFlags::empty(), None)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut received = RecvAncillaryBuffer::new(&mut space);
    recvmsg(&far, &mut [IoSliceMut::new(&mut [0])], &mut received, RecvFlags::CMSG_CLOEXEC)?;
    let descriptors = received.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    descriptors.and_then(|mut all| all.next()).ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read,
        net::{TcpListener, TcpStream},
        os::unix::net::UnixListener,
    };

    use rustix::net::sockopt;

    use super::*;

    #[test]
    fn only_the_socket_with_the_mark_is_shut_down() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let connect = |mark| {
            let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            sockopt::set_tcp_user_timeout(&socket, mark).unwrap();
            socket.set_nonblocking(true).unwrap();
            (socket, listener.accept().unwrap())
        };
        let (mut marked, _other_end) = connect(41_010);
        let (mut other, _its_other_end) = connect(41_020);
        let mark = Mark { user_timeout: 41_010, may_be_local: false };
        assert_eq!(mark.shut_down().unwrap(), 1);
        assert_eq!(marked.read(&mut [0]).unwrap(), 0);
        assert_eq!(other.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn local_sockets_are_known_by_the_name_of_the_servers() {
        let directory = tempfile::tempdir().unwrap();
        let connect = |name| {
            let path = directory.path().join(name);
            let listener = UnixListener::bind(&path).unwrap();
            let socket = UnixStream::connect(&path).unwrap();
            socket.set_nonblocking(true).unwrap();
            (socket, listener)
        };
        let (mut postgres, _its_server) = connect(".s.PGSQL.5432");
        let (mut other, _other_server) = connect("other");
        let mark = |may_be_local| Mark { user_timeout: 41_030, may_be_local };
        assert_eq!(mark(false).shut_down().unwrap(), 0);
        assert_eq!(mark(true).shut_down().unwrap(), 1);
        assert_eq!(postgres.read(&mut [0]).unwrap(), 0);
        assert_eq!(other.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
