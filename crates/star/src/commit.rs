//! A commit whose answer was lost: whether it was done is asked after on the next connection.

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use thiserror::Error;

use crate::{
    error::SessionError,
    row::Row,
    rows::{EtlMessageReject, EtlPerMessageLogging},
    tables::{Holds, Tables},
};

/// A batch that was not committed, or perhaps was.
#[derive(Debug, Error)]
#[error("{error}")]
pub struct CommitError {
    /// Why there is no answer, or a bad one.
    #[source]
    pub error: SessionError,
    /// There is no answer: the batch may be committed all the same.
    pub uncertain: Option<Box<UncertainCommit>>,
}

impl From<SessionError> for CommitError {
    fn from(error: SessionError) -> Self {
        Self { error, uncertain: None }
    }
}

impl From<CommitError> for SessionError {
    fn from(error: CommitError) -> Self {
        error.error
    }
}

/// What a batch is recognised by, to learn its [`Fate`].
#[derive(Debug, Clone, PartialEq)]
pub struct UncertainCommit {
    transaction: TransactionId,
    witness: Option<Witness>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in the database.
    Committed,
    /// It is not, and never will be.
    RolledBack,
    /// The server is still at it.
    Undecided,
}

/// PostgreSQL's number of a transaction, the long one that is not used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TransactionId(pub(crate) i64);

/// The SQL for the present transaction's number, as a bigint.
pub(crate) const PRESENT_TRANSACTION: &str = "(SELECT pg_current_xact_id()::text::bigint)";

/// A row that the batch writes and nobody else.
#[derive(Debug, Clone, PartialEq)]
enum Witness {
    Logged(EtlPerMessageLogging),
    Rejected(EtlMessageReject),
}

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<String>,
}

impl TransactionId {
    /// The server has not finished the transaction.
    fn is_in_progress(self, connection: &mut PgConnection) -> Result<bool, SessionError> {
        // A server that took over from the one before may never have given out this number: then it knows nothing of it.
        let status: Status = sql_query(format!(
            "SELECT CASE WHEN $1 < {PRESENT_TRANSACTION} THEN pg_xact_status($1::text::xid8) END AS status"
        ))
        .bind::<BigInt, _>(self.0)
        .get_result(connection)?;
        Ok(status.status.as_deref() == Some("in progress"))
    }
}

impl UncertainCommit {
    /// Of a batch that is about to be written.
    pub(crate) fn of(transaction: TransactionId, tables: &Tables) -> Self {
        let logged = || Holds::<EtlPerMessageLogging>::table(tables).any_new().cloned().map(Witness::Logged);
        let rejected = || Holds::<EtlMessageReject>::table(tables).any_new().cloned().map(Witness::Rejected);
        Self { transaction, witness: logged().or_else(rejected) }
    }

    /// What became of it, asked on another connection.
    ///
    /// The server's word that a transaction of this number was committed is not enough: another server may have taken
    /// over, and given the number to another. The batch's own row is proof.
    pub(crate) fn fate(&self, connection: &mut PgConnection) -> Result<Fate, SessionError> {
        // First whether it is over: a row that is not there afterwards will not come.
        if self.transaction.is_in_progress(connection)? {
            return Ok(Fate::Undecided);
        }
        let is_there = match &self.witness {
            Some(Witness::Logged(row)) => is_stored(row, connection)?,
            Some(Witness::Rejected(row)) => is_stored(row, connection)?,
            None => false,
        };
        Ok(if is_there { Fate::Committed } else { Fate::RolledBack })
    }
}

fn is_stored<R: Row>(row: &R, connection: &mut PgConnection) -> Result<bool, SessionError> {
    Ok(R::load(connection, &[row.id()])?.contains(row))
}

#[cfg(test)]
mod tests {
    use diesel::{connection::SimpleConnection, dsl::sql, select};
    use emap_test_support::database::empty;

    use super::*;

    #[test]
    fn a_transaction_is_in_progress_until_it_ends() {
        let database = empty();
        let (mut one, mut other) = (database.connection(), database.connection());
        for end in ["COMMIT", "ROLLBACK"] {
            one.batch_execute("BEGIN").unwrap();
            let transaction =
                TransactionId(select(sql::<BigInt>(PRESENT_TRANSACTION)).get_result(&mut one).unwrap());
            assert!(transaction.is_in_progress(&mut other).unwrap());
            let commit = UncertainCommit { transaction, witness: None };
            assert_eq!(commit.fate(&mut other).unwrap(), Fate::Undecided);
            one.batch_execute(end).unwrap();
            assert!(!transaction.is_in_progress(&mut other).unwrap());
            assert_eq!(commit.fate(&mut other).unwrap(), Fate::RolledBack, "nothing of it was stored");
        }
    }

    /// As a server may see it that took over before it had all of the other's transactions.
    #[test]
    fn a_transaction_that_the_server_never_had_is_over() {
        let unheard_of = TransactionId(1 << 60);
        assert!(!unheard_of.is_in_progress(&mut empty().connection()).unwrap());
    }
}
