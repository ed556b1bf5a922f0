//! `core orders`: one stream of messages from YAML files in many orders, in memory.

use std::{fs, io, path::PathBuf, process::ExitCode};

use anyhow::Context;
use emap_interchange::{Message, yaml};

use super::features::RulesArgs;
use crate::orders::{self, Choice};

/// Arguments of `core orders`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Most orders to try: all of them if there are no more, else so many that are picked at random.
    #[arg(long, value_name = "N", default_value_t = 5040)]
    sample: usize,
    /// Decides which orders are picked.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// For each table that depends on the order, report a few messages that alone show it.
    #[arg(long)]
    shortest: bool,
    #[command(flatten)]
    rules: RulesArgs,
    /// YAML files: one message, or a sequence of messages; together they are one stream.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let mut messages: Vec<Message> = Vec::new();
    for file in &args.files {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        messages.extend(yaml::read(&text).with_context(|| file.display().to_string())?);
    }
    let choice = Choice { at_most: args.sample, seed: args.seed };
    let (_, rules) = args.rules.load()?;
    let mut findings = orders::explore(&messages, rules, choice.orders(messages.len()))?;
    if args.shortest {
        orders::shorten(&messages, rules, choice, &mut findings)?;
    }
    orders::write(&mut io::stdout().lock(), &messages, &findings)?;
    Ok(ExitCode::SUCCESS)
}
