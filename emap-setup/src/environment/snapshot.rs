//! The environment files as they were, to be put back whatever happens.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::access;
use crate::log;

/// The contents of a directory's files. When it is dropped, each file has its former content again; files that came
/// since stay.
#[derive(Debug)]
pub struct Snapshot {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Snapshot {
    /// Reads the files of a directory; directories in it are left out.
    ///
    /// # Errors
    /// The directory or a file cannot be read.
    pub fn of(directory: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_file() {
                let content = fs::read(&path)?;
                files.push((path, content));
            }
        }
        Ok(Self { files })
    }

    /// The files that it holds.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        for (path, content) in &self.files {
            if let Err(error) = access::replace(path, content) {
                log::warn("config", format_args!("{}: not restored: {error}", path.display()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_contents_again() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (directory.path().join("one-envs"), directory.path().join("two-envs"));
        fs::write(&one, "A=1\n").unwrap();
        fs::create_dir(directory.path().join("below")).unwrap();
        let snapshot = Snapshot::of(directory.path()).unwrap();
        fs::write(&one, "A=2\n").unwrap();
        fs::write(&two, "B=1\n").unwrap();
        drop(snapshot);
        assert_eq!(fs::read_to_string(&one).unwrap(), "A=1\n");
        assert_eq!(fs::read_to_string(&two).unwrap(), "B=1\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
    }
}
