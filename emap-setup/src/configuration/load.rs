//! Reading the file.

use std::{fs, io::ErrorKind, path::Path};

use super::{dates, document::Document, error::ConfigurationError, lookups::Configuration};

/// Reads the file and derives the date keys.
///
/// # Errors
/// It is missing, not YAML, not a mapping, or has dates that cannot be read.
pub fn load(path: &Path) -> Result<Configuration, ConfigurationError> {
    let mut configuration = read(path)?;
    dates::derive(&mut configuration)?;
    Ok(configuration)
}

/// Reads the file as it is, without derived keys.
///
/// # Errors
/// It is missing, not YAML, or not a mapping.
pub fn read(path: &Path) -> Result<Configuration, ConfigurationError> {
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => ConfigurationError::NotFound(path.to_owned()),
        _ => ConfigurationError::Read { path: path.to_owned(), error },
    })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Configuration, ConfigurationError> {
    let document =
        Document::parse(text).map_err(|error| ConfigurationError::Yaml { path: path.to_owned(), error })?;
    let configuration = Configuration { path: path.to_owned(), document };
    configuration.check_sections()?;
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Scalar;

    fn parse(text: &str) -> Result<Configuration, String> {
        let mut parsed = super::parse(Path::new("g.yaml"), text).map_err(|error| error.to_string())?;
        dates::derive(&mut parsed).map_err(|error| error.to_string())?;
        Ok(parsed)
    }

    const EXAMPLE: &str = "\
EMAP_PROJECT_NAME: lane
global: {RABBITMQ_PORT: 5700, HL7_READER_PORT: 9000}
ids: {IDS_SCHEMA: store}
core: {LOG: debug, RABBITMQ_PORT: 1}
common:
glowroot: {DOMAIN: null}
dates:
  start: 2031-05-06T07:08:09.5Z
  end:
";

    #[test]
    fn a_key_is_looked_up_in_its_own_section_then_in_those_that_serve_all() {
        let configuration = parse(EXAMPLE).unwrap();
        let first = |key, section| configuration.get_first(key, section).map(Scalar::text);
        assert_eq!(first("RABBITMQ_PORT", "core").unwrap(), "1");
        assert_eq!(first("RABBITMQ_PORT", "hl7-reader").unwrap(), "5700");
        assert_eq!(first("IDS_SCHEMA", "nowhere").unwrap(), "store");
        assert_eq!(first("EMAP_PROJECT_NAME", "global").unwrap(), "lane");
        assert_eq!(first("DOMAIN", "core").unwrap(), "");
        assert_eq!(first("LOG", "hl7-reader").unwrap_err().to_string(), "g.yaml: LOG is missing");
        assert_eq!(
            first("dates", "core").unwrap_err().to_string(),
            "g.yaml:8: dates: a single value is expected"
        );
    }

    #[test]
    fn dates_are_written_as_the_daemons_read_them() {
        let configuration = parse(EXAMPLE).unwrap();
        let text = |keys: &[&str]| configuration.scalar(keys).unwrap().text().to_owned();
        assert_eq!(text(&["ids", "IDS_CFG_DEFAULT_START_DATETIME"]), "2031-05-06T07:08:09.00Z");
        assert_eq!(text(&["global", "HOOVER_DATE_FROM"]), "2031-05-06T07:08:09.00Z");
        assert_eq!(text(&["ids", "IDS_CFG_END_DATETIME"]), " ");
        assert_eq!(text(&["global", "HOOVER_DATE_UNTIL"]), " ");
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let error = |text| parse(text).unwrap_err();
        assert_eq!(error(""), "g.yaml:1: empty: sections are expected");
        assert_eq!(error("- a"), "g.yaml:1: a list where sections are expected");
        assert!(error("a:\n\tb: 1").starts_with("g.yaml:2: "), "{}", error("a:\n\tb: 1"));
        assert_eq!(error("a: {b: 1,\n b: 2}"), "g.yaml:2: b stands twice");
        assert_eq!(error("ids:\n  a: 1\ndates: {}"), "g.yaml: global is missing");
        assert_eq!(error("ids:\nglobal:\ndates: {start: 2031-01-01}"), "g.yaml: dates.end is missing");
        for text in ["a: 1\nuds: star", "a: 1\nrepositories: [hoover]"] {
            let section = if text.contains("uds") { "uds" } else { "repositories" };
            assert_eq!(error(text), format!("g.yaml:2: {section}: keys with values are expected"));
        }
        assert_eq!(
            error("ids:\nglobal:\ndates: {start: soon, end: }"),
            "g.yaml:3: dates.start: not a date or time such as 2031-05-06T07:08:09Z"
        );
    }

    #[test]
    fn switches_are_read_in_any_case() {
        let configuration = parse("a: {b: TRUE, c: off, d: maybe, e: }").unwrap();
        let switch = |key| configuration.switch(&["a", key]).map_err(|error| error.to_string());
        assert_eq!(
            (switch("b"), switch("c"), switch("e"), switch("f")),
            (Ok(true), Ok(false), Ok(false), Ok(false))
        );
        assert_eq!(switch("d"), Err("g.yaml:1: a.d: neither true nor false".to_owned()));
    }
}
