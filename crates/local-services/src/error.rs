//! What can go wrong while a private server is started, used or stopped.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Why a private server could not be started, used or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server's binaries are not on this machine.
    #[error("{program} was not found in PATH nor in {looked_in}; on Debian: apt-get install {package}")]
    NotInstalled {
        /// The program that was looked for.
        program: &'static str,
        /// The usual place besides PATH.
        looked_in: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The kept data directory needs another major version of PostgreSQL than those installed.
    #[error("{} was made by PostgreSQL {needs}, which is not installed (found: {found})", dir.display())]
    WrongVersion {
        /// The data directory.
        dir: PathBuf,
        /// Its major version.
        needs: String,
        /// The installed major versions.
        found: String,
    },
    /// Another server uses the kept data directory.
    #[error("{} is in use by the server with process id {pid}; stop that one first", dir.display())]
    DataDirInUse {
        /// The data directory.
        dir: PathBuf,
        /// Process id of the server that runs there.
        pid: u32,
    },
    /// The server's user cannot reach the directory.
    #[error("user {user}, who runs the server, may not enter {}; choose another directory", dir.display())]
    NotReachable {
        /// The directory that is closed.
        dir: PathBuf,
        /// The user as whom the server would run.
        user: String,
    },
    /// Started by root, and there is no account to run PostgreSQL as.
    #[error("PostgreSQL does not run as root, and /etc/passwd has neither `postgres` nor `nobody`")]
    NoUnprivilegedUser,
    /// No free port was found.
    #[error("no free TCP port was found on 127.0.0.1")]
    NoFreePort,
    /// The program ended instead of doing its work.
    #[error("{program} failed ({status}): {output}")]
    Failed {
        /// The program.
        program: &'static str,
        /// Its exit status.
        status: String,
        /// The end of what it wrote.
        output: String,
    },
    /// The server runs but did not get ready in time.
    #[error("{server} was not ready after {} s; see {}", waited.as_secs(), log.display())]
    NotReady {
        /// The server.
        server: &'static str,
        /// How long it was waited for.
        waited: Duration,
        /// The server's log file.
        log: PathBuf,
    },
    /// The server belongs to another process (see `shared`), so it is not ours to stop or start.
    #[error("this {server} was started by another process and cannot be stopped or started here")]
    NotOurs {
        /// The server.
        server: &'static str,
    },
    /// A file or process operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

/// Adds the attempted action and its path to an I/O error.
pub(crate) trait IoContext<T> {
    /// Turns the I/O error into [`Error::Io`].
    fn doing(self, action: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn doing(self, action: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { action, path: path.to_owned(), source })
    }
}
