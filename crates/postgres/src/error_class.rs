//! What a failed statement means for the program that sent it.
//!
//! Only what the driver gives as a code counts, never the words of an error: these depend on the server's language.
//! See `docs/decisions/database-errors.md` for what the driver hides.

use diesel::{
    PgConnection,
    connection::SimpleConnection,
    result::{DatabaseErrorKind, Error},
};

/// Whose fault a failed statement is, and so what may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The connection is gone. Connecting again may help.
    Lost,
    /// The server is up but refuses or lacks something: read-only, out of space or memory, no right, a lock or a
    /// statement that took too long, … Waiting may help. Also every error that the driver does not distinguish from
    /// these, as taking it for the statement's own fault would lose data.
    Unwilling,
    /// Another process did something at the same moment: a serialization failure, or the same unique value. Doing all
    /// of it again may help.
    Conflict,
    /// The statement or a value in it is at fault: it breaks a constraint, or the program cannot read the answer.
    /// Nothing helps.
    Refused,
}

impl ErrorClass {
    /// Classifies an error by its code (SQLSTATE), as far as the driver shows it.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::DatabaseError(kind, _) => Self::of_kind(*kind),
            Error::BrokenTransactionManager => Self::Lost,
            Error::RollbackErrorOnCommit { commit_error, .. } => Self::of(commit_error),
            _ => Self::Refused,
        }
    }

    fn of_kind(kind: DatabaseErrorKind) -> Self {
        use DatabaseErrorKind as Kind;
        match kind {
            // SQLSTATE 08000, 08001, 08004, 08006, and every error that ended the connection, such as 57P01.
            Kind::ClosedConnection | Kind::UnableToSendCommand => Self::Lost,
            // 40001, 23505
            Kind::SerializationFailure | Kind::UniqueViolation => Self::Conflict,
            // 23503, 23502, 23514, 23001, 23P01
            Kind::ForeignKeyViolation
            | Kind::NotNullViolation
            | Kind::CheckViolation
            | Kind::RestrictViolation
            | Kind::ExclusionViolation => Self::Refused,
            // 25006, and all others: the driver hides their codes.
            _ => Self::Unwilling,
        }
    }
}

/// The server answers on this connection; that it refuses to work in a failed transaction is an answer too.
pub fn is_alive(connection: &mut PgConnection) -> bool {
    match connection.batch_execute("SELECT 1") {
        Ok(()) => true,
        Err(error) => ErrorClass::of(&error) != ErrorClass::Lost,
    }
}
