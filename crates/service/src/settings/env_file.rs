//! A file of `KEY=VALUE` lines that stands for environment variables, as compose and `emap setup` write it. Unlike
//! variables, what it holds is shown by no `docker inspect` and inherited by no process.

use std::{collections::HashMap, fs, path::Path};

use super::error::SettingsError;

/// The variables of a file; of a key that stands twice the later value counts.
///
/// # Errors
/// The file cannot be read, or a line that is neither blank nor a comment has no `=`. The error does not show the line,
/// which may hold a password.
pub(super) fn read(path: &Path) -> Result<HashMap<String, String>, SettingsError> {
    let text = fs::read_to_string(path).map_err(|error| SettingsError::file(path, error))?;
    let mut variables = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        if is_comment(line) {
            continue;
        }
        let (key, value) = key_and_value(line).ok_or_else(|| {
            SettingsError::file(path, format!("line {} is not of the form KEY=VALUE", index + 1))
        })?;
        variables.insert(key.to_owned(), value.to_owned());
    }
    Ok(variables)
}

/// Whether a line of such a file is blank or a comment.
pub fn is_comment(line: &str) -> bool {
    let content = line.trim();
    content.is_empty() || content.starts_with('#')
}

/// The key of a line and its value: all that follows the first `=`, but for blanks around it and one pair of quotes
/// around it. Nothing else in a value has a meaning, neither `$` nor `\` nor a later `#`.
pub fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim(), without_quotes(value.trim())))
}

fn without_quotes(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<HashMap<String, String>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn values_keep_every_sign() {
        let variables = of(
            "# A=0\n\n  # B=0\nURL=jdbc:x://h?a=b&c=%20\\d\r\nPASSWORD=p$w #1 {\nHOST=\"h 1\"\nEND= \nLAST=1",
        )
        .unwrap();
        let expected = [
            ("URL", "jdbc:x://h?a=b&c=%20\\d"),
            ("PASSWORD", "p$w #1 {"),
            ("HOST", "h 1"),
            ("END", ""),
            ("LAST", "1"),
        ];
        assert_eq!(variables, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn a_line_of_another_form_is_named_and_not_shown() {
        let error = of("A=1\nhunter2\n").unwrap_err();
        assert!(error.ends_with("line 2 is not of the form KEY=VALUE"), "{error}");
        let missing = read(Path::new("/no/such-envs")).unwrap_err().to_string();
        assert!(missing.starts_with("settings file /no/such-envs: "), "{missing}");
    }
}
