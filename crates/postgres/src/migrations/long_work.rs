//! What a step leaves to be done outside its transaction, because it takes long on a table with rows.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    result::{DatabaseErrorKind as Kind, Error},
    sql_query,
    sql_types::{Bool, Nullable, Text},
};

use super::{
    error::MigrationError,
    locking::{self, Attempt},
    stop::Stop,
};

/// A row of `pg_temp.long_work`.
#[derive(Debug, QueryableByName)]
struct Item {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = Nullable<Text>)]
    unless: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    first: Option<String>,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Nullable<Text>)]
    last: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    undo: Option<String>,
}

/// Forgets what steps before this one left.
pub(super) fn forget(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute("TRUNCATE pg_temp.long_work")
}

/// Whether the step left anything.
pub(super) fn is_left(connection: &mut PgConnection) -> QueryResult<bool> {
    diesel::select(sql::<Bool>("EXISTS (SELECT FROM pg_temp.long_work)")).get_result(connection)
}

/// Does what the step left. What rows or columns contradict is left out, with a warning; gives these.
pub(super) fn run(connection: &mut PgConnection, stop: &Stop<'_>) -> Result<Vec<String>, MigrationError> {
    let items: Vec<Item> =
        sql_query("SELECT what, unless, first, statement, last, undo FROM pg_temp.long_work ORDER BY id")
            .load(connection)?;
    let mut warnings = Vec::new();
    for item in items {
        tracing::info!("{}: begins; this may take long and blocks no reader or writer", item.what);
        match item.run(connection, stop) {
            Ok(None) => {}
            Ok(Some(impossible)) => warnings.push(format!("{} left out: {impossible}", item.what)),
            Err(MigrationError::Database(error)) if is_contradiction(&error) => {
                let done = if let Some(undo) = &item.undo {
                    stop.run(connection, |connection| connection.batch_execute(undo))?;
                    "left out"
                } else {
                    "holds for new rows only"
                };
                warnings.push(format!("{} {done}: rows contradict it ({error})", item.what));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(warnings)
}

impl Item {
    /// Does it; says what makes it impossible.
    fn run(&self, connection: &mut PgConnection, stop: &Stop<'_>) -> Result<Option<String>, MigrationError> {
        if let Some(unless) = &self.unless
            && stop.run(connection, |connection| answer(connection, unless))?
        {
            return Ok(Some("rows contradict it".to_owned()));
        }
        if let Some(first) = &self.first
            && let Some(impossible) = self.for_a_moment(connection, first, stop)?
        {
            return Ok(Some(impossible));
        }
        stop.run(connection, |connection| connection.batch_execute(&self.statement))?;
        self.last.as_ref().map_or(Ok(None), |last| self.for_a_moment(connection, last, stop))
    }

    fn for_a_moment(
        &self,
        connection: &mut PgConnection,
        statement: &str,
        stop: &Stop<'_>,
    ) -> Result<Option<String>, MigrationError> {
        let attempt = || Ok(locking::attempt(connection, statement)?);
        Ok(match locking::until_free(&self.what, stop, attempt)? {
            Attempt::Impossible(why) => Some(why),
            _ => None,
        })
    }
}

fn answer(connection: &mut PgConnection, question: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Nullable<Bool>)]
        answer: Option<bool>,
    }
    let answer: Answer = sql_query(format!("SELECT ({question}) AS answer")).get_result(connection)?;
    Ok(answer.answer.unwrap_or_default())
}

/// Rows that are there break a new constraint or unique index.
fn is_contradiction(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(
            Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::CheckViolation | Kind::NotNullViolation,
            _
        )
    )
}
