//! The files, ports and environment that make a broker private.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    options::Options,
    programs::{Programs, search_path},
};
use crate::{
    Error,
    error::IoContext,
    ports,
    process::{run, run_with_input},
};

/// Needs not be unique: the node registers with a port mapper of its own.
const NODE: &str = "emap@localhost";
const ERL_CALL: &str = "erl_call";
/// Erlang's distribution (which `rabbitmqctl` uses) on the loopback interface only, our own port mapper.
const ERLANG_ARGUMENTS: &str = "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false";

/// The ports of a private broker on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ports {
    /// AMQP.
    pub(super) amqp: u16,
    /// Erlang distribution.
    pub(super) distribution: u16,
    /// Erlang port mapper.
    pub(super) epmd: u16,
}

impl Ports {
    /// Three ports that are free now.
    pub(super) fn free() -> Result<Self, Error> {
        Ok(Self { amqp: ports::free()?, distribution: ports::free()?, epmd: ports::free()? })
    }

    /// True when a process listens on one of them.
    pub(super) fn any_taken(self) -> bool {
        [self.amqp, self.distribution, self.epmd].into_iter().any(ports::is_taken)
    }

    /// For other processes that share the broker.
    fn to_text(self) -> String {
        format!("{} {} {}\n", self.amqp, self.distribution, self.epmd)
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().map(|number| number.parse().ok());
        Some(Self { amqp: numbers.next()??, distribution: numbers.next()??, epmd: numbers.next()?? })
    }
}

/// Plugins that the broker of an instance has too, as far as programs depend on them.
const PLUGINS: &str = "rabbitmq_consistent_hash_exchange";

/// One broker: where its files are, how its programs are called.
#[derive(Debug, Clone)]
pub(super) struct Node {
    dir: PathBuf,
    programs: Programs,
    /// The ports in use.
    pub(super) ports: Ports,
}

impl Node {
    /// Prepares the directory of a new or kept broker.
    pub(super) fn prepare(dir: &Path, ports: Ports, options: &Options) -> Result<Self, Error> {
        let node = Self { dir: dir.to_owned(), programs: Programs::find()?, ports };
        for name in ["home", "log", "mnesia"] {
            let path = dir.join(name);
            fs::create_dir_all(&path).doing("create directory", &path)?;
        }
        node.write("rabbitmq.conf", &(node.configuration() + &options.configuration))?;
        let plugins = if options.bare { "" } else { PLUGINS };
        node.write("enabled_plugins", &format!("[{plugins}].\n"))?;
        node.write("rabbitmq-env.conf", "")?;
        node.write("ports", &ports.to_text())?;
        Ok(node)
    }

    /// A broker that another process has started in the directory.
    pub(super) fn attach(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("ports");
        let text = fs::read_to_string(&path).doing("read", &path)?;
        let ports =
            Ports::from_text(&text).ok_or(std::io::ErrorKind::InvalidData.into()).doing("read", &path)?;
        Ok(Self { dir: dir.to_owned(), programs: Programs::find()?, ports })
    }

    fn configuration(&self) -> String {
        let amqp = self.ports.amqp;
        format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp}\nnum_acceptors.tcp = 2\ndisk_free_limit.absolute = 20MB\n"
        )
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.dir.join(name);
        fs::write(&path, text).doing("write", &path)
    }

    /// Runs the broker in the foreground.
    pub(super) fn server_command(&self) -> Command {
        self.command(&self.programs.script("rabbitmq-server"))
    }

    /// Runs the port mapper in the foreground.
    pub(super) fn epmd_command(&self) -> Command {
        let mut command = self.command(&self.programs.epmd);
        command.args(["-address", "127.0.0.1", "-port"]).arg(self.ports.epmd.to_string());
        command
    }

    /// Adds a virtual host in which `guest` may do everything.
    pub(super) fn add_virtual_host(&self, name: &str) -> Result<(), Error> {
        let expression = format!(
            "rabbit_vhost:add(<<\"{name}\">>, <<\"emap\">>), rabbit_auth_backend_internal:set_permissions(\
             <<\"guest\">>, <<\"{name}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"emap\">>)."
        );
        self.evaluate(&expression).map(drop)
    }

    /// Evaluates Erlang expressions in the broker; what the last one gives, in Erlang's notation.
    pub(super) fn evaluate(&self, expressions: &str) -> Result<String, Error> {
        let Some(erl_call) = &self.programs.erl_call else {
            return self.control(&["eval", expressions]);
        };
        // Of two calls under one name at a time the second would be refused.
        let name = format!("evaluate-{}", next_number());
        let input = self.dir.join(&name);
        fs::write(&input, format!("{expressions}\n")).doing("write", &input)?;
        let cookie = self.dir.join("home").join(".erlang.cookie");
        let cookie = fs::read_to_string(&cookie).doing("read", &cookie)?;
        let file = fs::File::open(&input).doing("read", &input)?;
        let mut command = self.command(erl_call);
        command.args(["-h", &name, "-n", NODE, "-c", cookie.trim(), "-e"]);
        let answer = run_with_input(ERL_CALL, &mut command, file);
        // One that stays goes with the directory.
        let _ = fs::remove_file(&input);
        let answer = answer?;
        match answer.trim().strip_prefix("{ok, ").and_then(|rest| rest.strip_suffix('}')) {
            Some(given) => Ok(given.to_owned()),
            None => Err(Error::Failed { program: ERL_CALL, status: "error".to_owned(), output: answer }),
        }
    }

    /// Runs `rabbitmqctl` and returns what it prints.
    pub(super) fn control(&self, arguments: &[&str]) -> Result<String, Error> {
        let mut command = self.command(&self.programs.script("rabbitmqctl"));
        run("rabbitmqctl", command.args(arguments))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("RABBITMQ_") || name_text.starts_with("ERL_") {
                command.env_remove(&name);
            }
        }
        let path = std::env::join_paths(search_path()).unwrap_or_default();
        command.env("PATH", path).env("LC_ALL", "C.UTF-8").env("HOME", self.dir.join("home"));
        command.envs(self.variables()).current_dir(&self.dir);
        command
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.dir.join(name).to_string_lossy().into_owned();
        vec![
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("ERL_EPMD_PORT", self.ports.epmd.to_string()),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", path("advanced.config")),
            ("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf")),
            ("RABBITMQ_CONF_ENV_FILE", path("rabbitmq-env.conf")),
            ("RABBITMQ_DIST_PORT", self.ports.distribution.to_string()),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins")),
            ("RABBITMQ_GENERATED_CONFIG_DIR", path("generated")),
            ("RABBITMQ_LOG_BASE", path("log")),
            ("RABBITMQ_MNESIA_BASE", path("mnesia")),
            ("RABBITMQ_NODENAME", NODE.to_owned()),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODE_PORT", self.ports.amqp.to_string()),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG_ARGUMENTS.to_owned()),
        ]
    }

    /// Process id of a broker that runs in the directory already.
    pub(super) fn occupant(dir: &Path) -> Option<u32> {
        let pid = fs::read_to_string(dir.join("mnesia").join(format!("{NODE}.pid"))).ok()?;
        let pid = pid.trim().parse().ok()?;
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
        (works_in == dir).then_some(pid)
    }

    /// Log of the scripts and of the broker's standard output.
    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("server.log")
    }

    /// Log of the port mapper.
    pub(super) fn epmd_log(&self) -> PathBuf {
        self.dir.join("epmd.log")
    }
}

fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Several processes may share a broker.
    std::process::id().wrapping_mul(1000).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::Ports;

    #[test]
    fn ports_are_read_back_as_written() {
        let ports = Ports { amqp: 20_001, distribution: 20_002, epmd: 20_003 };
        assert_eq!(Ports::from_text(&ports.to_text()), Some(ports));
        assert_eq!(Ports::from_text("20001 20002"), None);
        assert_eq!(Ports::from_text("20001 20002 x"), None);
    }
}
