//! A project directory, a home with templates and compose files, and a `docker` that records its calls.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// An instance with a reader and, if `hoover`, a hoover.
pub(crate) const YAML: &str = "\
EMAP_PROJECT_NAME: lane
repositories:
  emap:
rabbitmq:
  SPRING_RABBITMQ_HOST: rabbitmq
  RABBITMQ_DEFAULT_USER: rab
  RABBITMQ_DEFAULT_PASS: p=w&%\\d
global:
  RABBITMQ_PORT: 5700
  RABBITMQ_ADMIN_PORT: 5701
ids:
  IDS_SCHEMA: store
dates:
  start: 2031-05-06T07:08:09Z
  end:
uds:
  UDS_SCHEMA: star_validation
glowroot:
  DOMAIN: emap.example
core:
  TZ: Europe/Paris
";

/// Every call is a line of `calls`: its arguments, then the variables that matter. What `respond/NAME` holds decides
/// how a call with that first own argument goes: a shell text.
const DOCKER: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$* | $RABBITMQ_PORT $EMAP_HOME $NOT_PASSED" >>"$here/calls"
env | grep ^EMAP_ | sort >"$here/environment"
case "$*" in *list_queues*) cat "$here/queues" 2>/dev/null;; *) echo "output of $*";; esac
while [ $# -gt 0 ]; do
    case "$1" in -f | -p) shift 2;; compose) shift;; *) break;; esac
done
cat config/*-envs 2>/dev/null | grep DATE >>"$here/dates"
name="$here/respond/$1"
[ -f "$name" ] && . "$name"
exit 0
"#;

pub(crate) struct Project {
    directory: TempDir,
}

impl Project {
    /// An instance that is described by `yaml`.
    pub(crate) fn new(yaml: &str) -> Self {
        let project = Self { directory: tempfile::tempdir().unwrap() };
        project.write("project/global-configuration.yaml", yaml);
        for file in ["core/docker-compose.yml", "hl7-reader/docker-compose.yml", "hoover/docker-compose.yml"]
        {
            project.write(&format!("home/docker/{file}"), "services: {}\n");
        }
        project.write("home/docker/global-config-envs.EXAMPLE", "RABBITMQ_PORT=5672\nFAKEUDS_PORT=5433\n");
        project.write(
            "home/docker/core/core-config-envs.EXAMPLE",
            "# the star\nUDS_SCHEMA=schemaname\n\n  # broker\nRABBITMQ_DEFAULT_PASS=x\nTZ=Europe/London\nLOG=INFO\n",
        );
        project.write(
            "home/docker/hl7-reader/hl7-reader-config-envs.EXAMPLE",
            "IDS_CFG_DEFAULT_START_DATETIME=\nIDS_CFG_END_DATETIME=\n",
        );
        project.write("home/docker/hoover/hoover-envs.EXAMPLE", "HOOVER_DATE_FROM=\nHOOVER_DATE_UNTIL=");
        project.write("home/docker/core/deeper/other-envs.EXAMPLE", "A=1\n");
        project.write("bin/docker", DOCKER);
        fs::set_permissions(project.path("bin/docker"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(project.path("bin/respond")).unwrap();
        project
    }

    /// The same, with `config/` written.
    pub(crate) fn ready(yaml: &str) -> Self {
        let project = Self::new(yaml);
        project.run(&["setup", "-g"]).expect_success();
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// A shell text that the recorded docker runs for this compose command.
    pub(crate) fn respond(&self, command: &str, text: &str) {
        self.write(&format!("bin/respond/{command}"), text);
    }

    /// The command, ready to start in the project directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command
            .args(arguments)
            .current_dir(self.path("project"))
            .env("PATH", path)
            .env("EMAP_HOME", self.path("home"))
            .env("EMAP_VALIDATION_CHECK_EMPTY", "false")
            .env("EMAP_VALIDATION_POLL_SECONDS", "0.6")
            .env("EMAP_VALIDATION_SETTLE_SECONDS", "0")
            .env_remove("EMAP_COMPOSE")
            .env_remove("EMAP_CONFIG_GROUP")
            .stdin(std::process::Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    /// The commands so far, those of compose without files and project name.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.read("bin/calls");
        let own = |line: &str| {
            let (arguments, _) = line.split_once(" | ").unwrap();
            arguments.split_once("-p lane").map_or(arguments, |(_, own)| own).trim().to_owned()
        };
        calls.lines().map(own).collect()
    }

    /// The same without questions about images.
    pub(crate) fn compose_calls(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| !call.starts_with("image ")).collect()
    }

    /// What the last call had as a variable; none if it had not.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let environment = self.read("bin/environment");
        let mut variables = environment.lines().filter_map(|line| line.split_once('='));
        variables.find(|(present, _)| *present == name).map(|(_, value)| value.to_owned())
    }

    /// Names of the saved logs, without what differs from run to run.
    pub(crate) fn logs(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("project/validation_logs")) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

pub(crate) struct Ran(Output);

impl Ran {
    pub(crate) fn of(mut command: Command) -> Self {
        Self(command.output().unwrap())
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub(crate) fn expect_success(self) -> Self {
        assert_eq!(self.code(), Some(0), "{}", self.stderr());
        self
    }

    /// It failed with one line that holds this.
    pub(crate) fn expect_failure(&self, code: i32, words: &str) {
        assert_eq!(self.code(), Some(code), "{}", self.stderr());
        let stderr = self.stderr();
        let last = stderr.lines().last().unwrap_or_default();
        assert!(last.contains(words) && !stderr.contains("panicked"), "{stderr}");
    }
}

/// Files of a directory with their contents.
pub(crate) fn contents(directory: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}
