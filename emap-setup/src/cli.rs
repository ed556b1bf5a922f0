//! The command line of `emap`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{demo, messages, replay, services};

/// Sets up, shows and checks EMAP.
#[derive(Debug, Parser)]
#[command(name = "emap", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send a day of invented HL7 messages through the whole pipeline and show what an analyst sees.
    Demo(demo::Args),
    /// Check and describe the messages between daemons.
    #[command(subcommand)]
    Messages(messages::Command),
    /// Send messages that core had to reject once more to the queues they came from.
    Replay(replay::Args),
    /// Start private PostgreSQL and RabbitMQ servers for development, and print the environment to use.
    Services(services::Args),
}

impl Cli {
    /// Runs the command; the result is the process's exit code.
    ///
    /// # Errors
    /// What went wrong, to be printed on one line.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Demo(args) => demo::execute(&args),
            Command::Messages(command) => messages::execute(&command),
            Command::Replay(args) => replay::execute(args),
            Command::Services(args) => services::execute(&args),
        }
    }
}
