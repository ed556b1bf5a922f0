//! The environment files as they were, to be put back whatever happens.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::access;
use crate::log;

/// What the name of a copy ends in; it begins with a dot.
const COPY: &str = ".before-validation";

/// Copies of a directory's files, beside them. When it is dropped, each file has its former content again; files that
/// came since stay.
///
/// Putting a copy back needs no room on the disk. Copies that a run left behind because it was killed are put back by
/// the next one.
#[derive(Debug)]
pub struct Snapshot {
    files: Vec<PathBuf>,
}

impl Snapshot {
    /// Copies the files of a directory; directories in it are left out.
    ///
    /// # Errors
    /// The directory cannot be read, or a file cannot be copied.
    pub fn of(directory: &Path) -> io::Result<Self> {
        for path in files(directory)?.iter().filter_map(|path| original(path)) {
            log::warn("config", format_args!("{}: put back after a run that was killed", path.display()));
            fs::rename(copy(&path), path)?;
        }
        // What is copied is put back, also if a later copy fails.
        let mut snapshot = Self { files: Vec::new() };
        for path in files(directory)? {
            if let Err(error) = access::copy(&path, &copy(&path)) {
                let _ = fs::remove_file(copy(&path));
                return Err(error);
            }
            snapshot.files.push(path);
        }
        Ok(snapshot)
    }

    /// The files that it holds.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        for path in &self.files {
            if let Err(error) = fs::rename(copy(path), path) {
                log::warn("config", format_args!("{}: not restored: {error}", path.display()));
            }
        }
    }
}

/// Removes the copy of a file that is being written anew, so that no later run puts it back.
pub(super) fn forget_copy(path: &Path) {
    let _ = fs::remove_file(copy(path));
}

fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut files = paths.collect::<io::Result<Vec<PathBuf>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

fn copy(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    path.with_file_name(format!(".{name}{COPY}"))
}

/// The file that this is a copy of.
fn original(path: &Path) -> Option<PathBuf> {
    let name = path.file_name().and_then(OsStr::to_str)?;
    Some(path.with_file_name(name.strip_prefix('.')?.strip_suffix(COPY)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("one-envs");
        fs::write(&file, "A=1\n").unwrap();
        (directory, file)
    }

    #[test]
    fn files_have_their_contents_again() {
        let (directory, one) = directory();
        let two = directory.path().join("two-envs");
        fs::create_dir(directory.path().join("below")).unwrap();
        let snapshot = Snapshot::of(directory.path()).unwrap();
        assert_eq!(snapshot.paths().collect::<Vec<_>>(), [one.as_path()]);
        fs::write(&one, "A=2\n").unwrap();
        fs::write(&two, "B=1\n").unwrap();
        drop(snapshot);
        assert_eq!(fs::read_to_string(&one).unwrap(), "A=1\n");
        assert_eq!(fs::read_to_string(&two).unwrap(), "B=1\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "no copies are left");
    }

    #[test]
    fn what_a_killed_run_left_is_put_back_by_the_next() {
        let (directory, file) = directory();
        // Not dropped, as by a kill.
        std::mem::forget(Snapshot::of(directory.path()).unwrap());
        fs::write(&file, "A=2\n").unwrap();
        let snapshot = Snapshot::of(directory.path()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "A=1\n");
        drop(snapshot);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_written_anew_has_no_copy_any_more() {
        let (directory, file) = directory();
        std::mem::forget(Snapshot::of(directory.path()).unwrap());
        fs::write(&file, "A=3\n").unwrap();
        forget_copy(&file);
        drop(Snapshot::of(directory.path()).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "A=3\n");
    }
}
