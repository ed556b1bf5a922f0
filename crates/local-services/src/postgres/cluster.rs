//! The data directory: creating it, and reading its `postmaster.pid`.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use super::{durability::Durability, options::USER, programs::Programs};
use crate::{
    Error,
    account::Account,
    error::IoContext,
    private_dir::PrivateDir,
    process::{is_running, run},
};

/// A socket's path must fit into 107 bytes; `/.s.PGSQL.12345` comes after the directory.
const LONGEST_SOCKET_DIR: usize = 90;
/// The line of `postmaster.pid` that says `ready`, `starting`, ….
const STATUS_LINE: usize = 7;

/// Files and account of one cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    dir: PrivateDir,
    programs: Programs,
    account: Option<Account>,
}

impl Cluster {
    /// Creates a cluster, or takes the one that the kept directory has already.
    pub(super) fn open(kept: Option<&Path>) -> Result<Self, Error> {
        let account = Account::unprivileged()?;
        let dir = PrivateDir::open(kept, "emap-postgres-", account.as_ref())?;
        let programs = Programs::find(&dir.path().join("data"))?;
        let cluster = Self { dir, programs, account };
        if cluster.data().join("PG_VERSION").exists() {
            cluster.make_sure_it_is_idle()?;
        } else {
            cluster.initialise()?;
        }
        Ok(cluster)
    }

    fn initialise(&self) -> Result<(), Error> {
        let mut command = self.command("initdb");
        command.arg("-D").arg(self.data()).args(["-U", USER, "-E", "UTF8", "--locale=C"]);
        command.args(["-A", "trust", "--no-sync", "--no-instructions"]);
        run("initdb", &mut command).map(drop)
    }

    /// PostgreSQL itself refuses to start when the process id in a stale file belongs to any other process by now;
    /// whether it is a server that works in this very directory is what counts.
    fn make_sure_it_is_idle(&self) -> Result<(), Error> {
        let Some(pid) = self.pid_file_line(0).and_then(|line| line.parse::<u32>().ok()) else {
            return Ok(());
        };
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).ok();
        if works_in.as_deref() == Some(&self.data()) {
            return Err(Error::DataDirInUse { dir: self.dir.path().to_owned(), pid });
        }
        let stale = self.pid_file();
        fs::remove_file(&stale).doing("delete stale", &stale)
    }

    /// The command that runs the server in the foreground.
    pub(super) fn server_command(
        &self,
        port: u16,
        durability: Durability,
        extra: &[(String, String)],
    ) -> Command {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data());
        let mut set = |name: &str, value: &str| {
            command.arg("-c").arg(format!("{name}={value}"));
        };
        set("listen_addresses", "127.0.0.1");
        set("port", &port.to_string());
        set("unix_socket_directories", &self.socket_dir());
        for (name, value) in durability.settings() {
            set(name, value);
        }
        for (name, value) in extra {
            set(name, value);
        }
        command
    }

    fn socket_dir(&self) -> String {
        let dir = self.dir.path().to_string_lossy();
        if dir.len() > LONGEST_SOCKET_DIR || dir.contains(',') { String::new() } else { dir.into_owned() }
    }

    /// One of PostgreSQL's programs, run by the right account with nothing inherited that would mislead it.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.path(program));
        without_pg_variables(&mut command).env("LC_ALL", "C").current_dir(self.dir.path());
        if let Some(account) = &self.account {
            account.apply(&mut command);
        }
        command
    }

    /// True when the server with this process id accepts connections.
    pub(super) fn is_ready(&self, pid: i32) -> bool {
        self.pid_file_line(0).is_some_and(|line| line == pid.to_string())
            && self.pid_file_line(STATUS_LINE).is_some_and(|status| status == "ready")
    }

    /// After a crash: removes the id of the ended server, which another process may have by now.
    pub(super) fn forget_dead_server(&self) {
        let pid = self.pid_file_line(0).and_then(|line| line.parse().ok());
        if pid.is_some_and(|pid| !is_running(pid)) {
            // If it stays, PostgreSQL looks at it again.
            let _ = fs::remove_file(self.pid_file());
        }
    }

    fn pid_file_line(&self, number: usize) -> Option<String> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        text.lines().nth(number).map(|line| line.trim().to_owned())
    }

    fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Writes a file of the server's account, closed to others.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<PathBuf, Error> {
        let path = self.dir.path().join(name);
        fs::write(&path, content).doing("write", &path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).doing("close to others", &path)?;
        if let Some(Account { uid, gid, .. }) = &self.account {
            chown(&path, Some(*uid), Some(*gid)).doing("change the owner of", &path)?;
        }
        Ok(path)
    }

    /// The server's log file.
    pub(super) fn log(&self) -> PathBuf {
        self.dir.path().join("postgres.log")
    }

    /// The private directory.
    pub(super) fn dir(&self) -> &PrivateDir {
        &self.dir
    }
}

/// Takes `PGHOST`, `PGPORT`, `PGDATA` … of the caller's environment away from a command.
pub(super) fn without_pg_variables(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command
}
