//! The account under which a server runs.

use std::{os::unix::process::CommandExt, path::Path, process::Command};

use crate::{Error, error::IoContext};

/// An account that a server runs as instead of root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Login name.
    pub(crate) name: String,
    /// User id.
    pub(crate) uid: u32,
    /// Group id.
    pub(crate) gid: u32,
}

impl Account {
    /// The account for servers that refuse root: `None` when we are not root and can stay who we are.
    pub(crate) fn unprivileged() -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = Path::new("/etc/passwd");
        let accounts = std::fs::read_to_string(passwd).doing("read", passwd)?;
        let found = ["postgres", "nobody"].iter().find_map(|name| Self::find(&accounts, name));
        found.map(Some).ok_or(Error::NoUnprivilegedUser)
    }

    fn find(passwd: &str, name: &str) -> Option<Self> {
        let fields = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let fields = fields.filter(|fields| fields.len() > 3).find(|fields| fields[0] == name)?;
        Some(Self { name: name.to_owned(), uid: fields[2].parse().ok()?, gid: fields[3].parse().ok()? })
    }

    /// Makes the command run as this account.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn accounts_are_found_by_their_exact_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:5:5::/:/bin/sh\npostgres:x:107:113::/x:/bin/sh\n";
        let found = Account::find(passwd, "postgres");
        assert_eq!(found, Some(Account { name: "postgres".into(), uid: 107, gid: 113 }));
        assert_eq!(Account::find(passwd, "nobody"), None);
    }
}
