//! `docker compose` with the files, the project name and the variables of an instance.

mod overlays;
mod variables;

pub use self::overlays::Overlays;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::{
    environment::{DIRECTORY, EnvFile, GLOBAL},
    instance::Instance,
    interrupt::{Ended, Interrupt},
    log,
};

/// Names another compose than `docker compose`, such as `docker-compose`.
const COMPOSE: &str = "EMAP_COMPOSE";

/// Compose for one instance.
#[derive(Debug)]
pub struct Compose {
    command: Vec<String>,
    files: Vec<PathBuf>,
    project_name: String,
    project: PathBuf,
    environment: Vec<(String, String)>,
}

impl Compose {
    /// Compose with the given overlays.
    ///
    /// # Errors
    /// A compose file is missing, or `config/` is.
    pub fn new(instance: &Instance, overlays: Overlays) -> anyhow::Result<Self> {
        let home = instance.home()?;
        let files = overlays.paths(&home);
        if files.iter().any(|file| !file.is_file()) {
            let expected: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            bail!("a compose file is missing; expected are {}", expected.join(", "));
        }
        let project_name = instance.configuration.project_name()?.to_owned();
        let directory = instance.project.join(DIRECTORY);
        if !directory.is_dir() {
            bail!("{} is missing: run emap setup -g first", directory.display());
        }
        let global = EnvFile::read(&directory.join(GLOBAL))?;
        let mut environment: Vec<(String, String)> =
            global.variables().into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        environment.extend(variables::of(instance, home.directory(), &directory)?);
        Ok(Self { command: program(), files, project_name, project: instance.project.clone(), environment })
    }

    /// The same for runs of sources that end by themselves: a source whose exit code is waited for is not started again.
    #[must_use]
    pub fn for_bounded_runs(mut self) -> Self {
        self.environment.push((variables::READER_RESTART.to_owned(), "no".to_owned()));
        self
    }

    /// Runs one compose command and waits for it; what it prints goes where ours does, or its standard output to a
    /// file. After a signal it has `patience` to end by itself.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(
        &self,
        arguments: &[String],
        output: Option<&Path>,
        interrupt: &Interrupt,
        patience: Duration,
    ) -> anyhow::Result<Ended> {
        let mut command = self.command(arguments);
        log::info("docker", shown(&command));
        if let Some(path) = output {
            let file = fs::File::create(path).with_context(|| path.display().to_string())?;
            command.stdout(file).stdin(Stdio::null());
        }
        let mut child = command.spawn().map_err(|error| self.not_started(&error))?;
        Ok(interrupt.wait_for(&mut child, patience)?)
    }

    /// Runs one compose command and gives what it printed.
    ///
    /// # Errors
    /// It cannot be started, or fails.
    pub fn read(&self, arguments: &[String]) -> anyhow::Result<String> {
        let mut command = self.command(&self.without_terminal(arguments));
        log::info("docker", shown(&command));
        let (status, printed) = self.printed(command.stdin(Stdio::null()))?;
        if !status.success() {
            bail!("{} {}: {}", self.command.join(" "), arguments.join(" "), named(status));
        }
        Ok(printed)
    }

    /// The same whatever the exit code, without a line in the log and without what it says on standard error.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn read_whatever_the_code(&self, arguments: &[String]) -> anyhow::Result<String> {
        let mut command = self.command(&self.without_terminal(arguments));
        Ok(self.printed(command.stdin(Stdio::null()).stderr(Stdio::null()))?.1)
    }

    fn printed(&self, command: &mut Command) -> anyhow::Result<(ExitStatus, String)> {
        let output = command.stdout(Stdio::piped()).spawn().and_then(std::process::Child::wait_with_output);
        let output = output.map_err(|error| self.not_started(&error))?;
        Ok((output.status, String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    fn not_started(&self, error: &io::Error) -> anyhow::Error {
        let command = self.command.join(" ");
        match error.kind() {
            io::ErrorKind::NotFound => anyhow::anyhow!(
                "{command}: {} was not found; install it, or name another compose in {COMPOSE}",
                self.command.first().map_or("docker", String::as_str)
            ),
            _ => anyhow::anyhow!("{command}: {error}"),
        }
    }

    /// The standalone program asks for a terminal, which Docker's plugin does only where there is one.
    fn without_terminal(&self, arguments: &[String]) -> Vec<String> {
        let mut arguments = arguments.to_vec();
        if self.command != ["docker", "compose"] && arguments.first().is_some_and(|first| first == "exec") {
            arguments.insert(1, "-T".to_owned());
        }
        arguments
    }

    /// The command with all its arguments.
    fn command(&self, arguments: &[String]) -> Command {
        let mut words = self.command.clone();
        for file in &self.files {
            words.extend(["-f".to_owned(), file.display().to_string()]);
        }
        words.extend(["-p".to_owned(), self.project_name.clone()]);
        words.extend(arguments.iter().cloned());
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command
            .args(words)
            .current_dir(&self.project)
            .envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }
}

/// A command as a shell would take it, but for quotes.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The words that compose is called with: `docker compose`, or what `EMAP_COMPOSE` names.
pub fn program() -> Vec<String> {
    let given = env::var(COMPOSE).ok().filter(|given| !given.trim().is_empty());
    given.as_deref().unwrap_or("docker compose").split_whitespace().map(str::to_owned).collect()
}

/// How a status is called in messages.
pub fn named(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

/// An operator's arguments: each may hold a whole sub-command line. Quotes around a piece are dropped.
pub fn split(arguments: &[String]) -> Vec<String> {
    let pieces = arguments.iter().flat_map(|argument| argument.split_whitespace());
    pieces.map(|piece| piece.trim_matches('"').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_and_lose_their_quotes() {
        let arguments = ["up -d".to_owned(), "\"core\"".to_owned(), "logs".to_owned()];
        assert_eq!(split(&arguments), ["up", "-d", "core", "logs"]);
    }
}
