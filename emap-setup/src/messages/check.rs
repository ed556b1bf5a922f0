//! `emap messages check`: whether YAML files hold messages, and the line and property of all that is wrong.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use emap_interchange::{
    DecodeError, Features, Generation, LabIsolate, LabResult, Message, Position, Problem,
    yaml::{self, Defaults, Survey, Updatable, Update},
};

use crate::output::line;

/// Arguments of `emap messages check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Check them as programs of this generation read them, which refuse what is newer: main, develop or 2026. Without
    /// it, as core reads them: all generations.
    #[arg(long, value_name = "GENERATION")]
    generation: Option<Generation>,
    /// YAML files, or directories with YAML files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Prints a line for each fault and a count; fails if there was one.
///
/// # Errors
/// None: a file that cannot be read is a fault like the others.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for path in &args.files {
        let before = files.len();
        match collect(path, &mut files) {
            Ok(()) if files.len() == before => faults.push(Fault::of_file(path, "no YAML file is in it")),
            Ok(()) => {}
            Err(error) => faults.push(Fault::of_file(path, error)),
        }
    }
    let receivers = args.generation.map(Features::of);
    let mut messages = 0;
    for file in &files {
        match fs::read_to_string(file) {
            Ok(text) => messages += check(receivers, file, &text, &mut faults),
            Err(error) => faults.push(Fault::of_file(file, error)),
        }
    }
    for fault in &faults {
        line(fault);
    }
    line(format_args!("files: {}, sound messages: {messages}, faults: {}", files.len(), faults.len()));
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A file, or all YAML files of a directory and those below it, by name.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in entries(path)? {
        if entry.is_dir() || entry.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

/// Adds the faults of a file; returns how many messages in it are sound.
fn check(receivers: Option<Features>, file: &Path, text: &str, faults: &mut Vec<Fault>) -> usize {
    let of_text = |error: DecodeError| Fault::in_text(file, &error);
    if let Some((defaults, messages)) = Defaults::named_by(file).filter(|(_, messages)| messages.is_file()) {
        if let Some(found) = check_defaults(receivers, text, defaults, &messages) {
            faults.extend(found.into_iter().map(of_text));
        } else {
            let reason = format!("cannot be checked until {} is sound", messages.display());
            faults.push(Fault::of_file(file, reason));
        }
        return 0;
    }
    let survey = yaml::survey_as(receivers, text);
    let original = if is_update(&survey) { original(file) } else { None };
    let found = match original {
        Some(message) => check_update(receivers, text, [message]),
        None => survey.faults,
    };
    faults.extend(found.into_iter().map(of_text));
    survey.messages.len()
}

/// The faults of defaults, `None` if the messages they belong to do not say what they are.
fn check_defaults(
    receivers: Option<Features>,
    text: &str,
    defaults: Defaults,
    messages: &Path,
) -> Option<Vec<DecodeError>> {
    Some(match defaults {
        Defaults::Results | Defaults::Sensitivities => check_update(receivers, text, [LabResult::default()]),
        Defaults::Isolates => check_update(receivers, text, [LabIsolate::default()]),
        Defaults::Messages | Defaults::Orders => {
            let survey = yaml::survey(&fs::read_to_string(messages).ok()?);
            if survey.messages.is_empty() && !survey.faults.is_empty() {
                return None;
            }
            check_update(receivers, text, survey.messages)
        }
    })
}

/// The faults of an update when it is applied to any of the targets, which may be of different classes.
/// Without a target only its form is checked.
fn check_update<T: Updatable>(
    receivers: Option<Features>,
    text: &str,
    targets: impl IntoIterator<Item = T>,
) -> Vec<DecodeError> {
    let update = match Update::parse(text) {
        Ok(update) => update,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    for mut target in targets {
        for fault in update.try_on_as(receivers, &mut target) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// Whether a text is a single mapping without a class, so perhaps changes to a message of another file.
fn is_update(survey: &Survey) -> bool {
    match survey.faults.as_slice() {
        [only] => survey.messages.is_empty() && only.path.is_empty() && only.problem == Problem::ClassMissing,
        _ => false,
    }
}

/// The message that files without a class in this directory are changes to: it stands in a file that is
/// called defaults but belongs to no file of messages, such as `orm_defaults.yaml`.
fn original(file: &Path) -> Option<Message> {
    let beside = entries(file.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new(".")));
    beside.ok()?.into_iter().find_map(|other| {
        let (_, messages) = Defaults::named_by(&other)?;
        if messages.is_file() {
            return None;
        }
        yaml::survey(&fs::read_to_string(other).ok()?).messages.into_iter().next()
    })
}

/// Something wrong, as it is printed: the file, the line if there is one, what.
struct Fault {
    file: PathBuf,
    line: Option<usize>,
    what: String,
}

impl Fault {
    fn of_file(file: &Path, what: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), line: None, what: what.to_string() }
    }

    fn in_text(file: &Path, error: &DecodeError) -> Self {
        let line = match error.position {
            Position::Line(line) => Some(line),
            Position::Byte(_) => None,
        };
        let what = match error.path.as_str() {
            "" => error.problem.to_string(),
            path => format!("{path}: {}", error.problem),
        };
        Self { file: file.to_owned(), line, what }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(formatter, "{line}:")?;
        }
        write!(formatter, " {}", self.what)
    }
}
