//! The optional YAML settings file.

use std::{fs, path::Path};

use config::{File, FileFormat, FileSourceString, Source, Value, ValueKind};

use super::{error::SettingsError, key::AnyKey};

/// Reads the file and checks that every name in it is declared.
pub(super) fn read(
    path: &Path,
    keys: &[&'static dyn AnyKey],
) -> Result<File<FileSourceString, FileFormat>, SettingsError> {
    let text = fs::read_to_string(path).map_err(|error| SettingsError::file(path, error))?;
    let source = File::from_str(&text, FileFormat::Yaml);
    let values = source.collect().map_err(|error| SettingsError::file(path, error))?;
    for (name, value) in values {
        check_names(&name, &value, keys).map_err(|reason| SettingsError::file(path, reason))?;
    }
    Ok(source)
}

fn check_names(name: &str, value: &Value, keys: &[&'static dyn AnyKey]) -> Result<(), String> {
    if let Some(secret) = keys.iter().find(|key| key.is_secret() && key.name() == name) {
        return match &value.kind {
            ValueKind::String(_) | ValueKind::Nil => Ok(()),
            // As anything else, it would not stay what it is: 0123 would be 123.
            _ => Err(format!("{} must be a text; write it in quotes", secret.name())),
        };
    }
    let declared = |key: &&dyn AnyKey| key.name() == name || key.is_secret() && key.file_name() == name;
    match &value.kind {
        ValueKind::Table(entries) => {
            entries.iter().try_for_each(|(part, value)| check_names(&format!("{name}.{part}"), value, keys))
        }
        ValueKind::Array(_) => Err(format!("{} is a list; a single value is wanted", shown(name))),
        _ if keys.iter().any(declared) => Ok(()),
        _ => Err(format!("{} is not a setting of this program", shown(name))),
    }
}

/// As much of a name as can be one: what follows may be a password with a colon or a blank forgotten before it.
fn shown(name: &str) -> String {
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter));
    end.map_or_else(|| name.to_owned(), |end| format!("{}…", &name[..end]))
}
