//! Files with passwords: who may read them, and how they are replaced.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown},
    path::Path,
};

/// The group of the images' user, for directories that belong to the group root.
const IMAGES_GROUP: u32 = 10001;

/// The owner, who writes, and the group, which operators and containers are in.
const MODE: u32 = 0o640;

/// The group that may read the files of a directory: containers are made members of it.
///
/// # Errors
/// The directory is not there.
pub fn group(directory: &Path) -> io::Result<u32> {
    Ok(fs::metadata(directory)?.gid())
}

/// Makes the directory; one of the group root is given to the images' group, so that nothing in a container needs
/// membership in the group root.
///
/// # Errors
/// It cannot be made.
pub(super) fn create_directory(directory: &Path) -> io::Result<()> {
    // The files hold passwords.
    DirBuilder::new().recursive(true).mode(0o770).create(directory)?;
    if group(directory)? == 0 && is_root()? {
        chown(directory, None, Some(IMAGES_GROUP))?;
    }
    Ok(())
}

/// Gives a file a new content, readable by its owner and the group of its directory. A file that has it already keeps
/// its time, by which compose sees whether settings have changed. A full disk leaves the former content.
///
/// # Errors
/// The file cannot be written.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|present| present == content) && is_private(path)? {
        return Ok(());
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = write(&beside, content).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What was written of it is of no use; the first error is the one that matters.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Copies a file, for the same group and with the same rights.
///
/// # Errors
/// It cannot be read, or the copy cannot be written.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let (original, copied) = (fs::metadata(from)?, fs::metadata(to)?);
    if copied.gid() != original.gid() {
        chown(to, None, Some(original.gid()))?;
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    restrict(&file, path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn restrict(file: &File, path: &Path) -> io::Result<()> {
    let group = group(directory(path))?;
    if file.metadata()?.gid() != group {
        fchown(file, None, Some(group))?;
    }
    file.set_permissions(fs::Permissions::from_mode(MODE))
}

fn is_private(path: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    Ok(metadata.mode() & 0o777 == MODE && metadata.gid() == group(directory(path))?)
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn is_root() -> io::Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owner_and_group_read_it_and_the_same_content_is_not_written_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("core-config-envs");
        fs::write(&path, "A=1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"A=1\n").unwrap();
        let first = fs::metadata(&path).unwrap();
        assert_eq!((first.mode() & 0o777, first.gid()), (0o640, group(directory.path()).unwrap()));
        replace(&path, b"A=1\n").unwrap();
        let second = fs::metadata(&path).unwrap();
        assert_eq!((first.ino(), first.modified().unwrap()), (second.ino(), second.modified().unwrap()));
        replace(&path, b"A=2\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=2\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_that_cannot_be_written_keeps_its_content() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("core-config-envs");
        fs::write(&path, "A=1\n").unwrap();
        // Where the new content would be written, nothing can be.
        fs::create_dir(directory.path().join("core-config-envs.new")).unwrap();
        assert!(replace(&path, b"A=2\n").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=1\n");
    }
}
