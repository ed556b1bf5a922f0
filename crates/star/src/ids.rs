//! Primary keys, drawn from the schema's one sequence in blocks.

use diesel::{
    PgConnection, RunQueryDsl,
    sql_types::{BigInt, Text},
};

use crate::{error::SessionError, sequence::Sequence};

/// Keys drawn with one query. A busy batch of 500 messages uses a few thousand.
const BLOCK: i64 = 5_000;

/// Source of primary keys.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// Keys drawn and not yet used, in descending order.
    drawn: Vec<i64>,
    /// Where they come from, once that is known.
    sequence: Option<Sequence>,
    /// Last key given out without a database.
    counted: i64,
}

#[derive(diesel::QueryableByName)]
struct Drawn {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl Ids {
    /// The next key; without a database they are simply counted.
    pub(crate) fn next(&mut self, connection: Option<&mut PgConnection>) -> Result<i64, SessionError> {
        let Some(connection) = connection else {
            self.counted += 1;
            return Ok(self.counted);
        };
        if self.drawn.is_empty() {
            self.draw(connection)?;
        }
        self.drawn.pop().ok_or(SessionError::Database(diesel::result::Error::NotFound))
    }

    fn draw(&mut self, connection: &mut PgConnection) -> Result<(), SessionError> {
        let sequence = match self.sequence {
            Some(sequence) => sequence,
            None => *self.sequence.insert(Sequence::in_use(connection)?),
        };
        let values: Vec<Drawn> = diesel::sql_query(
            "SELECT nextval(format('%I.%I', current_schema(), $1)::regclass) AS id FROM generate_series(1, $2)",
        )
        .bind::<Text, _>(sequence.name())
        .bind::<BigInt, _>(BLOCK / sequence.keys())
        .load(connection)?;
        // A value is the last key of its block; the very first block has only one.
        let keys = |drawn: Drawn| (drawn.id - sequence.keys() + 1).max(1)..=drawn.id;
        self.drawn = values.into_iter().flat_map(keys).collect();
        self.drawn.reverse();
        Ok(())
    }
}
