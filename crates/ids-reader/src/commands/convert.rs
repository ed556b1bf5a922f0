//! `ids-reader convert`: shows what HL7 files, or a row of the message store, give; publishes nothing.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use emap_interchange::{Message, yaml};
use emap_service::{Settings, program::ConfigFile};

use super::stored;
use crate::{ConversionOutcome, ConvertSettings, Converter, PartialReject, ReaderSettings, message_id};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Id of the messages: a number (of a row of the message store) or any other text.
    #[arg(long, value_name = "ID", default_value = "0")]
    source_id: String,
    /// Convert this row of the message store (of `IDS_JDBC_URL` and `IDS_SCHEMA`) instead of files.
    #[arg(long, value_name = "N", conflicts_with_all = ["files", "source_id"])]
    unid: Option<i64>,
    /// Files with one HL7 message each, converted in this order.
    #[arg(required_unless_present = "unid", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What the files give together.
#[derive(Debug, Default)]
struct Converted {
    messages: Vec<Message>,
    /// Why files gave nothing, and what of them is left out, a line each.
    remarks: Vec<String>,
    any_rejected: bool,
}

/// Converts the files and prints one YAML sequence of all messages; reasons go to standard error.
///
/// A message that is wrong leaves an empty sequence and exit code 1; a skipped one is no failure. Fails if a
/// setting or a file cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(ReaderSettings::GROUPS)?;
    let converter = Converter::new(ConvertSettings::from_settings(&settings)?);
    let features = converter.settings().features;
    let converted = match args.unid {
        Some(unid) => convert_row(converter, &settings, unid)?,
        None => convert_files(converter, args)?,
    };
    for remark in &converted.remarks {
        eprintln!("{remark}");
    }
    let printed: &[Message] = if converted.any_rejected { &[] } else { &converted.messages };
    print!("{}", yaml::write_sequence_for(features, printed));
    Ok(if converted.any_rejected { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn convert_files(mut converter: Converter, args: &Args) -> anyhow::Result<Converted> {
    let source_id = args.source_id.parse().map_or_else(|_| args.source_id.clone(), message_id);
    let mut converted = Converted::default();
    for file in &args.files {
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        converted.add(&mut converter, &source_id, &text, &file.display().to_string());
    }
    Ok(converted)
}

fn convert_row(mut converter: Converter, settings: &Settings, unid: i64) -> anyhow::Result<Converted> {
    let text = stored::text_of_row(settings, unid, converter.settings().zone)?;
    let source_id = message_id(unid);
    let mut converted = Converted::default();
    converted.add(&mut converter, &source_id, &text, &format!("row {unid}"));
    Ok(converted)
}

impl Converted {
    fn add(&mut self, converter: &mut Converter, source_id: &str, text: &[u8], name: &str) {
        let conversion = converter.convert(source_id, text);
        let left_out = |item: &PartialReject| format!("{name}: left out: {}: {}", item.place, item.reason);
        self.remarks.extend(conversion.partial.iter().map(left_out));
        let reason = match conversion.outcome {
            ConversionOutcome::Messages(messages) => return self.messages.extend(messages),
            ConversionOutcome::Skipped { reason } => format!("skipped: {reason}"),
            ConversionOutcome::Rejected { reason } => {
                self.any_rejected = true;
                format!("rejected: {reason}")
            }
        };
        self.remarks.push(format!("{name}: {reason}"));
    }
}
