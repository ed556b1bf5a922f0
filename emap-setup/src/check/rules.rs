//! The rules. Each is a query in `sql/checks` that gives the rows which break it: `place` (a table), `id` (primary key)
//! and `detail`, never anything of a patient. Its first line says what a row of it means.

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    /// Such as `I10`.
    pub(super) name: &'static str,
    sql: &'static str,
}

macro_rules! rules {
    ($($name:literal)*) => {
        /// All of them, in the order of the report.
        pub(super) const RULES: &[Rule] =
            &[$(Rule { name: $name, sql: include_str!(concat!("../../../sql/checks/", $name, ".sql")) }),*];
    };
}

rules! {
    "I01" "I02" "I03" "I04" "I05" "I06" "I07" "I08" "I09" "I10" "I11"
    "I12" "I13" "I14" "I15" "I16" "I17" "I18" "I19" "I20" "I21" "I22"
    "I23" "I24" "I25" "I26" "I27" "I28"
}

/// The tables that a rule is asked of, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tables {
    /// Those that have this column.
    With(&'static str),
    /// Audit twins.
    Audit,
    /// Tables that have an audit twin.
    Live,
}

impl Rule {
    /// What it means that rows are found.
    pub(super) fn meaning(&self) -> &'static str {
        self.sql.lines().next().unwrap_or_default().trim_start_matches("-- ")
    }

    /// Its rows may be as they should: a person looks at them.
    pub(super) fn is_for_inspection(&self) -> bool {
        self.marks().any(|mark| mark == "inspect")
    }

    /// The tables in whose place `{table}` stands; none if the query names its tables.
    pub(super) fn tables(&self) -> Option<Tables> {
        let of = self.marks().find_map(|mark| mark.strip_prefix("tables: "))?;
        Some(match of {
            "audit" => Tables::Audit,
            "live" => Tables::Live,
            column => Tables::With(column),
        })
    }

    /// The table, or the column as `table.column`, without which a schema has nothing that the rule is about: schemas of
    /// earlier releases lack some.
    pub(super) fn needs(&self) -> Option<&'static str> {
        self.marks().find_map(|mark| mark.strip_prefix("needs: "))
    }

    /// The query.
    pub(super) fn query(&self) -> &'static str {
        self.sql
    }

    fn marks(&self) -> impl Iterator<Item = &'static str> {
        self.sql.lines().map_while(|line| line.strip_prefix("-- "))
    }
}

/// A rule's name, in any case and with or without its zero.
pub(super) fn known(text: &str) -> Result<String, String> {
    let number = text.trim_start_matches(['i', 'I']).trim_start_matches('0');
    let named = RULES.iter().find(|rule| rule.name[1..].trim_start_matches('0') == number);
    named.map(|rule| rule.name.to_owned()).ok_or_else(|| "no such rule; they are I01 to I28".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_says_what_it_means_and_has_a_place_for_the_window() {
        for rule in RULES {
            assert!(rule.meaning().ends_with('.'), "{}", rule.name);
            assert!(rule.query().contains("/*window v"), "{}", rule.name);
            assert_eq!(rule.tables().is_some(), rule.query().contains("{table}"), "{}", rule.name);
        }
    }

    #[test]
    fn rules_are_named_in_several_ways() {
        assert_eq!(known("i7").unwrap(), "I07");
        assert_eq!(known("I22").unwrap(), "I22");
        assert!(known("I99").is_err());
    }
}
