//! Primary keys, drawn from the schema's one sequence in blocks.

use diesel::{PgConnection, RunQueryDsl, sql_types::BigInt};

use crate::error::SessionError;

/// Keys drawn with one query. A busy batch of 500 messages uses a few thousand.
const BLOCK: i64 = 5_000;

/// Source of primary keys.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// Keys drawn and not yet used, in descending order.
    drawn: Vec<i64>,
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
        let block: Vec<Drawn> =
            diesel::sql_query("SELECT nextval('hibernate_sequence') AS id FROM generate_series(1, $1)")
                .bind::<BigInt, _>(BLOCK)
                .load(connection)?;
        self.drawn = block.into_iter().rev().map(|drawn| drawn.id).collect();
        Ok(())
    }
}
