//! `emap services`: private PostgreSQL and RabbitMQ for developers and for test runs, and a stand-in for SQL Server.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use emap_local_services::{
    postgres::{self, Durability},
    rabbitmq,
};
use emap_service::program::wait_for_signal;

use crate::{
    databases::{self, Database, IDS, STAR},
    output::{heading, line},
    sources::{Content, Sources},
};

/// Arguments of `emap services`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the servers' data in this directory for next time.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Set only what test programs need to share the servers.
    #[arg(long, requires = "command")]
    for_tests: bool,
    /// Start a stand-in for SQL Server too, with the invented sources of hoover; they are loaded anew each time.
    #[arg(long, conflicts_with = "for_tests")]
    sql_server: bool,
    /// Start nothing but the stand-in for SQL Server, at this address, with the invented databases of `--fakes`.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "fakes", conflicts_with_all = ["data_dir", "for_tests", "sql_server", "command"])]
    only_sql_server: Option<SocketAddr>,
    /// Directory with the invented databases, a directory of T-SQL files each.
    #[arg(long, value_name = "DIR")]
    fakes: Option<PathBuf>,
    /// Run this with the environment set, then stop the servers; without it they run until Ctrl-C.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The two running servers.
struct Servers {
    postgres: postgres::Server,
    rabbitmq: rabbitmq::Server,
}

/// Starts the servers, and runs the command or waits for Ctrl-C.
///
/// # Errors
/// A server cannot be started, or the command cannot.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    if let (Some(address), Some(fakes)) = (args.only_sql_server, &args.fakes) {
        let postgres = postgres::Server::start(postgres::Options::default())?;
        let _sources = Sources::start_at(address, &postgres, fakes, Content::Cases)?;
        line(format_args!(
            "a stand-in for SQL Server (it is not one) with invented databases listens at {address}"
        ));
        wait_for_signal()?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.for_tests {
        let servers = Servers::start(None)?;
        let environment = servers.test_environment()?;
        return run(&args.command, &environment);
    }
    let servers = Servers::start(args.data_dir.as_deref())?;
    databases::prepare(&servers.postgres)?;
    let mut environment = servers.environment();
    let sources =
        if args.sql_server { Some(Sources::start(&servers.postgres, Content::Cases)?) } else { None };
    environment.extend(sources.iter().flat_map(Sources::environment));
    if args.command.is_empty() {
        servers.print(&environment);
        if let Some(sources) = &sources {
            sources.print();
        }
        heading("Ctrl-C stops all.");
        wait_for_signal()?;
        line("stopping");
        Ok(ExitCode::SUCCESS)
    } else {
        run(&args.command, &environment)
    }
}

type Environment = Vec<(&'static str, String)>;

impl Servers {
    /// Both at the same time: RabbitMQ takes a few seconds.
    fn start(data_dir: Option<&Path>) -> anyhow::Result<Self> {
        let durability = if data_dir.is_some() { Durability::Full } else { Durability::Test };
        let in_dir = |name| data_dir.map(|dir| dir.join(name));
        let postgres_options =
            postgres::Options { data_dir: in_dir("postgres"), durability, ..postgres::Options::default() };
        let rabbitmq_options =
            rabbitmq::Options { data_dir: in_dir("rabbitmq"), ..rabbitmq::Options::default() };
        std::thread::scope(|scope| {
            let rabbitmq = scope.spawn(|| rabbitmq::Server::start(rabbitmq_options));
            let postgres = postgres::Server::start(postgres_options)?;
            let rabbitmq =
                rabbitmq.join().map_err(|_| anyhow::anyhow!("starting RabbitMQ ended abnormally"))??;
            Ok(Self { postgres, rabbitmq })
        })
    }

    /// What daemons read.
    fn environment(&self) -> Environment {
        let database = |names: [&'static str; 3], database: Database| {
            let url = self.postgres.jdbc_url(database.name);
            names.into_iter().zip([url, postgres::USER.to_owned(), database.schema.to_owned()])
        };
        let mut environment: Environment =
            database(["IDS_JDBC_URL", "IDS_USERNAME", "IDS_SCHEMA"], IDS).collect();
        environment.extend(database(["UDS_JDBC_URL", "UDS_USERNAME", "UDS_SCHEMA"], STAR));
        environment.extend([
            ("SPRING_RABBITMQ_HOST", self.rabbitmq.host().to_owned()),
            ("SPRING_RABBITMQ_PORT", self.rabbitmq.port().to_string()),
            ("SPRING_RABBITMQ_USERNAME", rabbitmq::USER.to_owned()),
            ("SPRING_RABBITMQ_PASSWORD", rabbitmq::PASSWORD.to_owned()),
        ]);
        environment
    }

    fn test_environment(&self) -> anyhow::Result<Environment> {
        let dir = self.rabbitmq.dir().context("the broker is ours")?;
        Ok(vec![
            (postgres::SHARED_PORT_VARIABLE, self.postgres.port().to_string()),
            (rabbitmq::SHARED_DIR_VARIABLE, dir.to_string_lossy().into_owned()),
        ])
    }

    fn print(&self, environment: &Environment) {
        heading("PostgreSQL and RabbitMQ are ready. In another terminal:");
        for (name, value) in environment {
            line(format_args!("export {name}='{value}'"));
        }
        heading("Look around:");
        line(format_args!(
            "{}  # message store, schema {}",
            self.postgres.psql_command(IDS.name),
            IDS.schema
        ));
        line(format_args!("{}  # star, schema {}", self.postgres.psql_command(STAR.name), STAR.schema));
    }
}

fn run(command: &[OsString], environment: &Environment) -> anyhow::Result<ExitCode> {
    let Some((program, arguments)) = command.split_first() else { return Ok(ExitCode::SUCCESS) };
    let mut child = std::process::Command::new(program);
    child.args(arguments).envs(environment.iter().map(|(name, value)| (name, value)));
    let status = child.status().with_context(|| format!("cannot run {}", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
