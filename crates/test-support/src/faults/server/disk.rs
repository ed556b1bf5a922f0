//! A disk that is full in earnest: a tablespace on a small file system in memory.
//!
//! Mounting needs rights that not everybody has; without them [`super::postgres::Database::refusing`] raises the same
//! state by a trigger. A process that is killed leaves the mount behind, empty.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use emap_local_services::postgres::Server;

use super::postgres::Database;

const TABLESPACE: &str = "emap_small_disk";

/// Why there is no small disk.
#[derive(Debug, thiserror::Error)]
pub enum NoDisk {
    /// Needs the server's directory, which only the process that has started it has.
    #[error("the server belongs to another process")]
    NotOurs,
    /// The account may not mount.
    #[error("mount failed: {0}")]
    NotMounted(String),
    /// A file operation failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A small disk with the tables that were moved to it. At the end the tables move back, unless the server is gone. One
/// for each server.
#[derive(Debug)]
pub struct SmallDisk {
    database: Database,
    mount: Mount,
    tables: Vec<String>,
}

impl SmallDisk {
    /// Mounts so many megabytes for a server of this process.
    ///
    /// # Errors
    /// See [`NoDisk`].
    pub fn mount(server: &Server, database: Database, megabytes: u32) -> Result<Self, NoDisk> {
        let data = server.dir().ok_or(NoDisk::NotOurs)?;
        let mount = Mount::new(data.join("small-disk"), fs::metadata(data)?.uid(), megabytes)?;
        let at = mount.0.join("tablespace");
        fs::create_dir(&at)?;
        std::os::unix::fs::chown(&at, Some(fs::metadata(data)?.uid()), None)?;
        database.run(&format!("CREATE TABLESPACE {TABLESPACE} LOCATION '{}'", at.display()));
        Ok(Self { database, mount, tables: Vec::new() })
    }

    /// Moves a table to the small disk; its indexes stay. `table` with its schema.
    pub fn take(&mut self, table: &str) {
        self.database.run(&format!("ALTER TABLE {table} SET TABLESPACE {TABLESPACE}"));
        self.tables.push(table.to_owned());
    }

    /// Fills what is left: every statement that needs another page fails (`53100`).
    ///
    /// # Errors
    /// The file that does it cannot be written, for another reason than that the disk is full.
    pub fn fill(&self) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.filler())?;
        loop {
            match file.write_all(&[0; 4096]) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// There is room again.
    ///
    /// # Errors
    /// The file that took it cannot be removed.
    pub fn make_room(&self) -> io::Result<()> {
        fs::remove_file(self.filler())
    }

    fn filler(&self) -> PathBuf {
        self.mount.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let back = self.tables.iter().map(|table| format!("ALTER TABLE {table} SET TABLESPACE pg_default"));
        // A tablespace is dropped outside of any transaction.
        for statement in back.chain([format!("DROP TABLESPACE {TABLESPACE}")]) {
            let _ = self.database.try_run(&statement);
        }
    }
}

/// A mounted file system in memory.
#[derive(Debug)]
struct Mount(PathBuf);

impl Mount {
    fn new(at: PathBuf, owner: u32, megabytes: u32) -> Result<Self, NoDisk> {
        fs::create_dir(&at)?;
        let options = format!("size={megabytes}m,mode=0700,uid={owner}");
        let output =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output()?;
        if !output.status.success() {
            fs::remove_dir(&at)?;
            return Err(NoDisk::NotMounted(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(Self(at))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

fn unmount(at: &Path) {
    // Lazily: a server that still has a file open there keeps it, and the rest goes.
    let _ = Command::new("umount").arg("-l").arg(at).output();
    let _ = fs::remove_dir(at);
}
