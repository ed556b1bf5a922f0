//! The command line of `emap`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    check, compare, demo, docker, doctor, instance::Instance, logins, messages, replay, retention, roles,
    services, setup, status, switch, validation,
};

/// Sets up, shows and checks EMAP.
#[derive(Debug, Parser)]
#[command(name = "emap", version)]
pub struct Cli {
    /// The file that describes the instance, for setup, docker, doctor, status, validation and config.
    #[arg(short, long, value_name = "PATH", default_value = "global-configuration.yaml")]
    filename: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the environment files of this instance.
    Setup(setup::Args),
    /// Run docker compose with this instance's files, name and ports.
    Docker(docker::Args),
    /// Look whether this instance would start and work, before it is started.
    Doctor(doctor::Args),
    /// Show how this instance, or daemons that are plain processes, are doing.
    Status(status::Args),
    /// Process some days into an empty schema, wait until all is done, and keep the logs.
    Validation(validation::Args),
    /// Ask the star database whether its rows keep the rules of a sound history.
    Check(check::Args),
    /// Compare two star schemas as analysts see them, whatever the numbers of their rows.
    Compare(compare::Args),
    /// Print logins of this instance's web pages.
    Config(logins::Args),
    /// Send a day of invented HL7 messages through the whole pipeline and show what an analyst sees.
    Demo(demo::Args),
    /// Check and describe the messages between daemons.
    #[command(subcommand)]
    Messages(messages::Command),
    /// Send messages that core had to reject once more to the queues they came from.
    Replay(replay::Args),
    /// Remove what is older than it is to be kept, and what is left of persons whose data was removed.
    Retention(retention::Args),
    /// Print or set roles of least privilege for daemons, analysts and monitoring.
    Roles(roles::Args),
    /// Lead the views that analysts read to another schema, at one moment.
    Switch(switch::Args),
    /// Start private PostgreSQL and RabbitMQ servers for development, and print the environment to use.
    Services(services::Args),
}

impl Cli {
    /// Runs the command; the result is the process's exit code.
    ///
    /// # Errors
    /// What went wrong, to be printed on one line.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let instance = || Instance::here(&self.filename);
        match self.command {
            Command::Setup(args) => setup::execute(&args, &instance()?),
            Command::Docker(args) => docker::execute(&args, &instance()?),
            Command::Doctor(args) => doctor::execute(&args, &self.filename),
            Command::Status(args) => status::execute(&args, &self.filename),
            Command::Validation(args) => validation::execute(&args, &instance()?),
            Command::Check(args) => check::execute(&args),
            Command::Compare(args) => compare::execute(&args),
            Command::Config(args) => logins::execute(&args, &instance()?),
            Command::Demo(args) => demo::execute(&args),
            Command::Messages(command) => messages::execute(&command),
            Command::Replay(args) => replay::execute(args),
            Command::Retention(args) => retention::execute(&args),
            Command::Roles(args) => roles::execute(&args),
            Command::Switch(args) => switch::execute(&args),
            Command::Services(args) => services::execute(&args),
        }
    }
}
