//! Finding the installed RabbitMQ and Erlang programs.

use std::path::{Path, PathBuf};

use crate::Error;

/// Debian's scripts proper; those in `/usr/sbin` insist on the account `rabbitmq` and the system's
/// directories.
const DEBIAN: &str = "/usr/lib/rabbitmq/bin";
/// Added to PATH for the scripts, which call `erl`, `dirname`, `readlink` and the like.
const USUAL_PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// The programs of a private broker.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    scripts: PathBuf,
    /// Erlang's port mapper daemon.
    pub(super) epmd: PathBuf,
    /// Calls functions of a running node without starting an Erlang machine for it; comes with Erlang.
    pub(super) erl_call: Option<PathBuf>,
}

impl Programs {
    /// Debian's installation, else one in PATH.
    pub(super) fn find() -> Result<Self, Error> {
        let scripts = Self::scripts().ok_or(Error::NotInstalled {
            program: "rabbitmq-server",
            looked_in: DEBIAN,
            package: "rabbitmq-server",
        })?;
        let in_path =
            |name: &str| search_path().into_iter().map(|dir| dir.join(name)).find(|path| path.exists());
        let epmd = in_path("epmd").ok_or(Error::NotInstalled {
            program: "epmd",
            looked_in: "/usr/bin",
            package: "erlang-base",
        })?;
        Ok(Self { scripts, epmd, erl_call: in_path("erl_call") })
    }

    fn scripts() -> Option<PathBuf> {
        let in_path = search_path().into_iter().filter_map(|dir| {
            let server = dir.join("rabbitmq-server").canonicalize().ok()?;
            server.parent().map(Path::to_owned)
        });
        // Only the real scripts have this one beside them.
        std::iter::once(PathBuf::from(DEBIAN)).chain(in_path).find(|dir| dir.join("rabbitmq-env").exists())
    }

    /// Full path of one of RabbitMQ's scripts.
    pub(super) fn script(&self, name: &str) -> PathBuf {
        self.scripts.join(name)
    }
}

/// PATH and the usual places behind it.
pub(super) fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(USUAL_PATH.iter().map(PathBuf::from)).collect()
}
