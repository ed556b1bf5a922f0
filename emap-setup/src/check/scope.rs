//! Which rows are looked at.

use chrono::{DateTime, SecondsFormat, Utc};

/// All rows, or those that were stored in a period.
#[derive(Debug, Default, clap::Args)]
pub struct Scope {
    /// Only rows that were stored at or after this instant, such as 2031-05-06T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub from: Option<DateTime<Utc>>,
    /// Only rows that were stored before this instant.
    #[arg(long, visible_alias = "to", value_name = "INSTANT")]
    pub until: Option<DateTime<Utc>>,
}

impl Scope {
    /// Puts the conditions in the places that a query leaves for them: `/*window ALIAS*/`, or `/*window ALIAS COLUMN*/`
    /// where the time is in another column than `stored_from`.
    pub(super) fn apply(&self, query: &str) -> String {
        let mut pieces = query.split("/*window ");
        let mut applied = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (place, rest) = piece.split_once("*/").unwrap_or((piece, ""));
            let (alias, column) = place.split_once(' ').unwrap_or((place, "stored_from"));
            applied.push_str(&self.conditions(alias, column));
            applied.push_str(rest);
        }
        applied
    }

    fn conditions(&self, alias: &str, column: &str) -> String {
        let bounds = [(">=", self.from), ("<", self.until)];
        let written = bounds.into_iter().filter_map(|(operator, instant)| {
            let instant = instant?.to_rfc3339_opts(SecondsFormat::Micros, true);
            Some(format!("AND {alias}.{column} {operator} '{instant}' "))
        });
        written.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_becomes_conditions() {
        let query = "WHERE true /*window v*/ OR b /*window w at*/";
        assert_eq!(Scope::default().apply(query), "WHERE true  OR b ");
        let scope = Scope { from: "2031-05-06T00:00:00Z".parse().ok(), until: None };
        assert_eq!(
            scope.apply(query),
            "WHERE true AND v.stored_from >= '2031-05-06T00:00:00.000000Z'  OR b AND w.at >= '2031-05-06T00:00:00.000000Z' "
        );
    }
}
