//! `ids-reader explain`: how HL7 files are routed, and which field each property comes from.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use emap_service::program::ConfigFile;

use crate::{
    ConvertSettings, ReaderSettings,
    explain::{ExplainedProperty, Explanation, explain},
};

/// Longer values are shortened.
const LONGEST_VALUE: usize = 44;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Files with one HL7 message each.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Explains each file on its own. What it prints has the content of the messages: nothing for a log.
///
/// # Errors
/// A setting or a file cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = ConvertSettings::from_settings(&args.config.load(ReaderSettings::GROUPS)?)?;
    for file in &args.files {
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        print(&file.display().to_string(), &explain(&settings, "0000000000", &text));
    }
    Ok(ExitCode::SUCCESS)
}

fn print(name: &str, explanation: &Explanation) {
    let header = explanation.header.as_ref();
    let kind =
        header.map(|header| format!("{}^{} from {}", header.message_type, header.trigger, header.sender));
    println!("{name}: {}", kind.as_deref().unwrap_or("no HL7 message"));
    if let Some(reason) = &explanation.nothing_because {
        println!("  {reason}");
    }
    for message in &explanation.messages {
        println!("\n  {}", message.class);
        message.properties.iter().for_each(print_property);
    }
    if !explanation.decisive.is_empty() {
        println!("\n  decisive for what the message gives; without it:");
    }
    for (place, consequence) in &explanation.decisive {
        println!("    {place:<14} {consequence}");
    }
}

fn print_property(property: &ExplainedProperty) {
    let mut value: String = property.value.chars().take(LONGEST_VALUE).collect();
    if value.len() < property.value.len() {
        value.push('…');
    }
    let off = property.off.map(|feature| format!(" (not sent: the feature {feature} is off)"));
    let (from, off) = (property.from.join(", "), off.unwrap_or_default());
    println!("    {:<34} {value:<46} {from}{off}", property.path);
}
