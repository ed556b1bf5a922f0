//! The directory in which a private server keeps everything it has.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{Error, account::Account, error::IoContext};

/// A directory that belongs to one server.
#[derive(Debug)]
pub(crate) enum PrivateDir {
    /// Deleted when this value is dropped.
    Temporary(TempDir),
    /// Kept for next time.
    Kept(PathBuf),
}

impl PrivateDir {
    /// Creates the directory (or takes the kept one), owned by the account and closed to everybody else.
    pub(crate) fn open(kept: Option<&Path>, prefix: &str, account: Option<&Account>) -> Result<Self, Error> {
        let dir = match kept {
            Some(path) => Self::kept(path)?,
            None => Self::temporary(prefix)?,
        };
        if let Some(account) = account {
            dir.give_to(account)?;
        }
        Ok(dir)
    }

    fn temporary(prefix: &str) -> Result<Self, Error> {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix(prefix).permissions(only_the_owner());
        builder.tempdir().map(Self::Temporary).doing("create a directory in", &std::env::temp_dir())
    }

    fn kept(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path).doing("create directory", path)?;
        let path = path.canonicalize().doing("find", path)?;
        fs::set_permissions(&path, only_the_owner()).doing("close to others", &path)?;
        Ok(Self::Kept(path))
    }

    fn give_to(&self, account: &Account) -> Result<(), Error> {
        for parent in self.path().ancestors().skip(1) {
            let about = fs::metadata(parent).doing("look at", parent)?;
            let open = about.mode() & 0o001 != 0 || (about.uid() == account.uid && about.mode() & 0o100 != 0);
            if !open {
                return Err(Error::NotReachable { dir: parent.to_owned(), user: account.name.clone() });
            }
        }
        chown(self.path(), Some(account.uid), Some(account.gid)).doing("change the owner of", self.path())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Kept(path) => path,
        }
    }

    /// The path, if the directory is to be deleted at the end.
    pub(crate) fn to_delete(&self) -> Option<&Path> {
        match self {
            Self::Temporary(dir) => Some(dir.path()),
            Self::Kept(_) => None,
        }
    }
}

fn only_the_owner() -> fs::Permissions {
    fs::Permissions::from_mode(0o700)
}

#[cfg(test)]
mod tests {
    use super::{PrivateDir, only_the_owner};
    use crate::{Error, account::Account};

    #[test]
    fn a_closed_parent_is_named() {
        let parent = tempfile::Builder::new().permissions(only_the_owner()).tempdir().unwrap();
        let stranger = Account { name: "stranger".into(), uid: 12_345, gid: 12_345 };
        let error = PrivateDir::open(Some(&parent.path().join("inner")), "x", Some(&stranger)).unwrap_err();
        let Error::NotReachable { dir, user } = error else { panic!("{error}") };
        assert_eq!(
            (dir.as_path(), user.as_str()),
            (parent.path().canonicalize().unwrap().as_path(), "stranger")
        );
    }
}
