//! `emap config`: where the web pages of an instance are and who may log in.

use std::process::ExitCode;

use crate::{configuration::Configuration, instance::Instance, output::line};

/// Arguments of `emap config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the login of the RabbitMQ console.
    #[arg(short = 'r', long)]
    print_rabbitmq: bool,
    /// Print the login of the observability server of old instances.
    #[arg(short = 'g', long)]
    print_glowroot: bool,
    /// Print the login of the portal.
    #[arg(short = 'p', long)]
    print_portal: bool,
}

/// Prints what is asked for.
///
/// # Errors
/// A value of the configuration is no single value.
pub fn execute(args: &Args, instance: &Instance) -> anyhow::Result<ExitCode> {
    let blocks: [(bool, [[&str; 2]; 4]); 3] = [
        (
            args.print_rabbitmq,
            [
                ["glowroot", "DOMAIN"],
                ["global", "RABBITMQ_ADMIN_PORT"],
                ["rabbitmq", "RABBITMQ_DEFAULT_USER"],
                ["rabbitmq", "RABBITMQ_DEFAULT_PASS"],
            ],
        ),
        (
            args.print_glowroot,
            [
                ["glowroot", "DOMAIN"],
                ["glowroot", "GLOWROOT_ADMIN_PORT"],
                ["glowroot", "GLOWROOT_USERNAME"],
                ["glowroot", "GLOWROOT_PASSWORD"],
            ],
        ),
        (
            args.print_portal,
            [
                ["monitoring", "SERVER_EXTERNAL_HOSTNAME"],
                ["monitoring", "PORTAL_PORT"],
                ["monitoring", "PORTAL_USERNAME"],
                ["monitoring", "PORTAL_PASSWORD"],
            ],
        ),
    ];
    for (_, keys) in blocks.iter().filter(|(asked, _)| *asked) {
        line(block(&instance.configuration, keys).as_deref().unwrap_or("Unknown"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Three lines, or none if a key is missing.
fn block(configuration: &Configuration, keys: &[[&str; 2]; 4]) -> Option<String> {
    let [domain, port, user, password] = keys.each_ref().map(|keys| configuration.scalar(keys).ok());
    Some(format!(
        "Domain:    http://{}:{}\nUsername:  {}\nPassword:  {}",
        domain?.text(),
        port?.text(),
        user?.text(),
        password?.text()
    ))
}
