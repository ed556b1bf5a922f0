//! Bodies of rejected messages about persons whose data was removed.

use diesel::{
    QueryableByName,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};

use super::kept::Rejects;
use crate::{
    error::SessionError,
    rows::{
        EtlMessageRejectId, EtlPersonRemoval, EtlPersonRemovalId, etl_message_reject, etl_person_removal,
    },
};

/// Rejects that were searched.
#[derive(Debug, Clone, Default)]
pub struct Searched {
    /// Those whose bodies hold one of the numbers.
    pub found: Vec<EtlMessageRejectId>,
    /// The last that was searched, in order of primary key; none: there are no more.
    pub last: Option<EtlMessageRejectId>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Bool)]
    found: bool,
}

impl Rejects {
    /// Numbers of removed persons that have not been looked for yet.
    pub fn removals(&mut self) -> Result<Vec<EtlPersonRemoval>, SessionError> {
        let query = etl_person_removal::table.select(etl_person_removal::all_columns);
        Ok(query.order(etl_person_removal::etl_person_removal_id).load(&mut self.connection)?)
    }

    /// Searches the bodies of rejects after this one, at most so many, for any of the numbers, with neither letters nor
    /// digits beside it. The server searches: bodies may be large.
    pub fn search(
        &mut self,
        numbers: &[&str],
        after: Option<EtlMessageRejectId>,
        limit: u32,
    ) -> Result<Searched, SessionError> {
        let numbers: Vec<String> = numbers.iter().map(|number| literal(number)).collect();
        let pattern = format!("(^|[^[:alnum:]])({})([^[:alnum:]]|$)", numbers.join("|"));
        let rows: Vec<Row> = sql_query(
            "SELECT etl_message_reject_id AS id, body ~ $1 AS found FROM etl_message_reject
             WHERE etl_message_reject_id > $2 ORDER BY etl_message_reject_id LIMIT $3",
        )
        .bind::<Text, _>(pattern)
        .bind::<BigInt, _>(after.map_or(i64::MIN, EtlMessageRejectId::number))
        .bind::<BigInt, _>(i64::from(limit))
        .load(&mut self.connection)?;
        let id = |row: &Row| EtlMessageRejectId::new(row.id);
        Ok(Searched {
            found: rows.iter().filter(|row| row.found).map(id).collect(),
            last: rows.last().map(id),
        })
    }

    /// Removes the body of a reject; the rest of the row stays.
    pub fn remove_body(&mut self, id: EtlMessageRejectId) -> Result<(), SessionError> {
        let this = etl_message_reject::table.filter(etl_message_reject::etl_message_reject_id.eq(id));
        diesel::update(this).set(etl_message_reject::body.eq("")).execute(&mut self.connection)?;
        Ok(())
    }

    /// Forgets numbers: no body holds them any more.
    pub fn forget_removals(&mut self, ids: &[EtlPersonRemovalId]) -> Result<(), SessionError> {
        let these = etl_person_removal::table.filter(etl_person_removal::etl_person_removal_id.eq_any(ids));
        diesel::delete(these).execute(&mut self.connection)?;
        Ok(())
    }
}

/// A text as a regular expression that fits itself only.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_alphanumeric() {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_means_itself() {
        assert_eq!(literal("V.1*é"), "V\\.1\\*é");
    }
}
