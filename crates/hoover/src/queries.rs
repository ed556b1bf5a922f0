//! The texts of the queries: built in, or a site's own.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::strategy::Definition;

/// The text of a built-in query, by its path below `sql/`.
macro_rules! built_in {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sql/", $path))
    };
}
pub(crate) use built_in;

/// A query that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum QueryFileError {
    /// The site's file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The site's file has no statement.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The directory is none.
    #[error("HOOVER_SQL_DIR: {} is no directory", path.display())]
    NoDirectory {
        /// What it names.
        path: PathBuf,
    },
}

/// The query of a data type: its text, or where that is found. A file that is missing or empty today may be right tomorrow.
#[derive(Debug, Clone)]
pub enum QueryText {
    /// As it is.
    Given(Arc<str>),
    /// Read when it is needed.
    In(Queries),
}

impl QueryText {
    /// The text.
    ///
    /// # Errors
    /// When the site's own file cannot be read or holds nothing.
    pub fn read(&self, definition: &Definition) -> Result<Arc<str>, QueryFileError> {
        match self {
            Self::Given(text) => Ok(Arc::clone(text)),
            Self::In(queries) => queries.of(definition),
        }
    }
}

/// Where queries come from.
#[derive(Debug, Clone, Default)]
pub struct Queries {
    directory: Option<PathBuf>,
}

impl Queries {
    /// Built-in queries, each replaced by the file of its name in `directory`, if there is one.
    ///
    /// # Errors
    /// When `directory` is none.
    pub fn new(directory: Option<PathBuf>) -> Result<Self, QueryFileError> {
        match directory {
            Some(path) if !path.is_dir() => Err(QueryFileError::NoDirectory { path }),
            directory => Ok(Self { directory }),
        }
    }

    /// The query of a data type.
    ///
    /// # Errors
    /// When the site's own file cannot be read or holds nothing.
    pub fn of(&self, definition: &Definition) -> Result<Arc<str>, QueryFileError> {
        self.text(definition.file, definition.built_in)
    }

    /// The query of a path below `sql/`.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn text(&self, file: &str, built_in: &str) -> Result<Arc<str>, QueryFileError> {
        match self.own(file)? {
            Some(own) => Ok(own.into()),
            None => Ok(built_in.into()),
        }
    }

    fn own(&self, file: &str) -> Result<Option<String>, QueryFileError> {
        let Some(directory) = &self.directory else { return Ok(None) };
        let path = directory.join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) if is_blank(&text) => Err(QueryFileError::Empty { path }),
            // Some editors of the platform of SQL Server write a byte order mark.
            Ok(text) => Ok(Some(text.trim_start_matches('\u{feff}').to_owned())),
            Err(error) if is_absent(&error, &path) => Ok(None),
            Err(source) => Err(QueryFileError::Unreadable { path, source }),
        }
    }
}

fn is_absent(error: &io::Error, path: &Path) -> bool {
    // A dangling link is no absent file: the site wanted one.
    error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err()
}

/// Nothing but blanks and comments to the end of a line.
fn is_blank(text: &str) -> bool {
    text.lines()
        .map(|line| line.trim_start_matches('\u{feff}').trim())
        .all(|line| line.is_empty() || line.starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_site_replaces_the_built_in_one_and_an_empty_one_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("clarity")).unwrap();
        let queries = Queries::new(Some(directory.path().to_owned())).unwrap();
        let text = |queries: &Queries| queries.text("clarity/units.sql", "SELECT 1");
        assert_eq!(text(&queries).unwrap().as_ref(), "SELECT 1");
        let path = directory.path().join("clarity/units.sql");
        std::fs::write(&path, "\u{feff}SELECT 2").unwrap();
        assert_eq!(text(&queries).unwrap().as_ref(), "SELECT 2");
        std::fs::write(&path, "-- later\n\n").unwrap();
        let error = text(&queries).unwrap_err().to_string();
        assert!(error.ends_with("clarity/units.sql is empty"), "{error}");
        assert!(Queries::new(Some(path)).is_err());
    }
}
