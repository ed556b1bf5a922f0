//! Finding the installed PostgreSQL server programs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Error, process::run};

/// Where Debian puts the server programs, a directory per major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// One installed version of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    dir: PathBuf,
    /// Major version, such as `15`.
    major: String,
}

impl Programs {
    /// The first version in PATH, else the newest of Debian's; for an existing cluster, the version that made
    /// it.
    pub(super) fn find(cluster: &Path) -> Result<Self, Error> {
        let installed = Self::installed();
        if installed.is_empty() {
            return Err(Error::NotInstalled {
                program: "postgres",
                looked_in: "/usr/lib/postgresql/*/bin",
                package: "postgresql",
            });
        }
        let Ok(version) = std::fs::read_to_string(cluster.join("PG_VERSION")) else {
            return Ok(installed[0].clone());
        };
        let found = installed.iter().find(|programs| programs.major == version.trim()).cloned();
        found.ok_or_else(|| Error::WrongVersion {
            dir: cluster.to_owned(),
            needs: version.trim().to_owned(),
            found: installed.iter().map(|programs| programs.major.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    fn installed() -> Vec<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let in_path = std::env::split_paths(&path).collect::<Vec<_>>();
        in_path.into_iter().chain(debian_dirs()).filter_map(|dir| Self::in_dir(&dir)).collect()
    }

    /// PATH may hold a link to `postgres` alone; its companions are where the link leads.
    fn in_dir(dir: &Path) -> Option<Self> {
        let postgres = dir.join("postgres").canonicalize().ok()?;
        let dir = postgres.parent()?.to_owned();
        if !dir.join("initdb").exists() {
            return None;
        }
        let version = run("postgres", Command::new(&postgres).arg("--version")).ok()?;
        Some(Self { dir, major: major_version(&version)? })
    }

    /// The full path of one of the programs.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        let path = self.dir.join(program);
        // Client programs may be packaged elsewhere, then they are in PATH.
        if path.exists() { path } else { PathBuf::from(program) }
    }
}

fn debian_dirs() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(DEBIAN) else { return Vec::new() };
    let mut versions: Vec<u32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin")).collect()
}

/// `15` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_version(line: &str) -> Option<String> {
    let version = line.split_once("(PostgreSQL)")?.1.trim_start();
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!major.is_empty()).then_some(major)
}

#[cfg(test)]
mod tests {
    use super::{Programs, major_version};
    use crate::Error;

    #[test]
    fn the_major_version_is_read_from_the_version_line() {
        let line = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(major_version(line).as_deref(), Some("15"));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1").as_deref(), Some("18"));
        assert_eq!(major_version("something else"), None);
    }

    #[test]
    fn a_cluster_of_a_version_that_is_not_installed_is_refused() {
        let cluster = tempfile::tempdir().unwrap();
        std::fs::write(cluster.path().join("PG_VERSION"), "7\n").unwrap();
        let error = Programs::find(cluster.path()).unwrap_err();
        assert!(matches!(&error, Error::WrongVersion { needs, .. } if needs == "7"), "{error}");
    }
}
