//! One step of a list.

/// A step: statements that bring a schema on. They may be run again if they were interrupted, and must not mind.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Its directory, `2031-05-17-000001_subject`. What stands before the first underscore is its version, by which
    /// steps are ordered.
    pub name: &'static str,
    /// Statements, in plain SQL and the words of `words.sql` and of the list's own helpers.
    pub sql: &'static str,
}

impl Step {
    /// The version as schemas note it: digits only.
    pub(super) fn version(&self) -> String {
        let version = self.name.split_once('_').map_or(self.name, |(version, _)| version);
        version.replace('-', "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_made_of_digits() {
        assert_eq!(Step { name: "2031-05-17-000001_some_subject", sql: "" }.version(), "20310517000001");
    }
}
