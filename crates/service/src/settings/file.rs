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
    match &value.kind {
        ValueKind::Table(entries) => {
            entries.iter().try_for_each(|(part, value)| check_names(&format!("{name}.{part}"), value, keys))
        }
        ValueKind::Array(_) => Err(format!("{name} is a list; a single value is wanted")),
        _ if keys.iter().any(|key| key.name() == name) => Ok(()),
        _ => Err(format!("{name} is not a setting of this program")),
    }
}
