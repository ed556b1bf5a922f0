//! The command line of `emap`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{bench, demo, messages, replay, services};

/// Sets up, shows and measures EMAP.
#[derive(Debug, Parser)]
#[command(name = "emap", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure what this machine can do at most, and what EMAP makes of it, on private servers.
    Bench(bench::Args),
    /// One daemon of the bench in a process of its own.
    #[command(hide = true)]
    BenchStage(bench::stage::Args),
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
            Command::Bench(args) => bench::execute(&args),
            Command::BenchStage(args) => bench::stage::execute(&args),
            Command::Demo(args) => demo::execute(&args),
            Command::Messages(command) => messages::execute(&command),
            Command::Replay(args) => replay::execute(args),
            Command::Services(args) => services::execute(&args),
        }
    }
}
