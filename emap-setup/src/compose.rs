//! `docker compose` with the files, the project name and the variables of an instance.

mod overlays;
mod variables;

pub use self::overlays::Overlays;

use std::{
    env, fs,
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
        let docker = home.docker();
        let files: Vec<PathBuf> = overlays.files().into_iter().map(|file| docker.join(file)).collect();
        if files.iter().any(|file| !file.is_file()) {
            let expected: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            bail!("a compose file is missing; expected are {}", expected.join(", "));
        }
        let project_name = instance.configuration.scalar(&["EMAP_PROJECT_NAME"])?.text().to_owned();
        let directory = instance.project.join(DIRECTORY);
        if !directory.is_dir() {
            bail!("{} is missing: run emap setup -g first", directory.display());
        }
        let global = EnvFile::read(&directory.join(GLOBAL))?;
        let mut environment: Vec<(String, String)> =
            global.variables().into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        environment.extend(variables::of(instance, home.directory(), &directory)?);
        let given = env::var(COMPOSE).ok().filter(|given| !given.trim().is_empty());
        let command = given.as_deref().unwrap_or("docker compose").split_whitespace().map(str::to_owned);
        Ok(Self {
            command: command.collect(),
            files,
            project_name,
            project: instance.project.clone(),
            environment,
        })
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
        if let Some(path) = output {
            let file = fs::File::create(path).with_context(|| path.display().to_string())?;
            command.stdout(file).stdin(Stdio::null());
        }
        let mut child = command.spawn().with_context(|| self.cannot_start())?;
        Ok(interrupt.wait_for(&mut child, patience)?)
    }

    /// Runs one compose command and gives what it printed.
    ///
    /// # Errors
    /// It cannot be started, or fails.
    pub fn read(&self, arguments: &[String]) -> anyhow::Result<String> {
        let mut arguments = arguments.to_vec();
        // The standalone program asks for a terminal, which Docker's plugin does only where there is one.
        if self.is_standalone() && arguments.first().is_some_and(|first| first == "exec") {
            arguments.insert(1, "-T".to_owned());
        }
        let mut command = self.command(&arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let output = command.spawn().and_then(std::process::Child::wait_with_output);
        let output = output.with_context(|| self.cannot_start())?;
        if !output.status.success() {
            bail!("{} {}: {}", self.command.join(" "), arguments.join(" "), named(output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn is_standalone(&self) -> bool {
        self.command != ["docker", "compose"]
    }

    fn cannot_start(&self) -> String {
        format!(
            "{} cannot be started; install Docker with its compose, or name another compose in {COMPOSE}",
            self.command.join(" ")
        )
    }

    /// The command with all its arguments.
    fn command(&self, arguments: &[String]) -> Command {
        let mut words = self.command.clone();
        for file in &self.files {
            words.extend(["-f".to_owned(), file.display().to_string()]);
        }
        words.extend(["-p".to_owned(), self.project_name.clone()]);
        words.extend(arguments.iter().cloned());
        log::info("docker", words.join(" "));
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command
            .args(words)
            .current_dir(&self.project)
            .envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }
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
