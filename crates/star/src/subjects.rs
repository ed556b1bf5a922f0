//! Whom and what a batch is about: other processes keep off it until the batch ends.

use std::fmt;

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{Array, BigInt, Bool, Text},
};
use foldhash::HashSet;

use crate::{
    commit::{PRESENT_TRANSACTION, TransactionId},
    error::SessionError,
    flush::is_storable,
    rows::MrnId,
};

/// What messages name. A number that leads to a known patient stands for that patient, whatever other numbers the
/// patient has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Hospital numbers.
    pub mrns: Vec<String>,
    /// NHS numbers.
    pub nhs_numbers: Vec<String>,
    /// Visit numbers.
    pub encounters: Vec<String>,
    /// Departments, by their number in the source system.
    pub departments: Vec<i64>,
    /// Patients, by the primary key of any of their identifiers.
    pub patients: Vec<MrnId>,
    /// Everything there is: no other process works at all.
    pub alone: bool,
}

/// One thing that a batch keeps other processes off. Its text is the name of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// All identifiers that lead to this live one, and what belongs to them.
    Patient(MrnId),
    /// A hospital number that nobody has yet.
    Mrn(&'a str),
    /// An NHS number that nobody has yet.
    NhsNumber(&'a str),
    /// A visit, known or not.
    Encounter(&'a str),
    /// A department, known or not, with its rooms and beds.
    Department(i64),
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patient(live_mrn_id) => write!(f, "patient {live_mrn_id}"),
            Self::Mrn(mrn) => write!(f, "mrn {mrn}"),
            Self::NhsNumber(number) => write!(f, "nhs {number}"),
            Self::Encounter(encounter) => write!(f, "visit {encounter}"),
            Self::Department(number) => write!(f, "department {number}"),
        }
    }
}

impl Subject<'_> {
    /// Something can be stored under this name. What cannot be stored needs no lock: every message that uses such a name
    /// fails, in every process.
    pub(crate) fn is_storable(&self) -> bool {
        match self {
            Self::Mrn(name) | Self::NhsNumber(name) | Self::Encounter(name) => is_storable(name),
            Self::Patient(_) | Self::Department(_) => true,
        }
    }
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = BigInt)]
    transaction: i64,
}

/// How long a batch that wants to be alone waits for the others: meanwhile none of them may begin.
const PATIENCE_ALONE: &str = "SET LOCAL lock_timeout = '10s'";

/// Follows the numbers to patients and takes the locks, in ascending order, so that two processes never wait for each
/// other. The patients are those of the moment before the waiting.
///
/// The first lock is the one on everything. All batches share it, but those that have to be alone.
const LOCK: &str = "
    WITH number (name, mrn_id) AS (
        SELECT 'mrn ' || number, mrn_id FROM unnest($1) AS number LEFT JOIN mrn ON mrn.mrn = number
        UNION ALL
        SELECT 'nhs ' || number, mrn_id FROM unnest($2) AS number LEFT JOIN mrn ON mrn.nhs_number = number
        UNION ALL
        SELECT NULL, mrn_id FROM unnest($5) AS mrn_id
    ), subject (name) AS (
        SELECT coalesce('patient ' || live_mrn_id, name) FROM number LEFT JOIN mrn_to_live USING (mrn_id)
        UNION
        SELECT 'visit ' || encounter FROM unnest($3) AS encounter
        UNION
        SELECT 'department ' || department FROM unnest($4) AS department
    ), wanted (name, key, is_shared) AS (
        SELECT name, hashtextextended(name, 0), false FROM subject WHERE name IS NOT NULL
        UNION ALL
        SELECT 'everything', '-9223372036854775808', NOT $6
    )
    SELECT name AS subject, {transaction} AS transaction, CASE
        WHEN is_shared THEN pg_advisory_xact_lock_shared(key)::text
        ELSE pg_advisory_xact_lock(key)::text
    END AS taken
    FROM (SELECT * FROM wanted ORDER BY key) AS in_order";

impl Subjects {
    /// Waits until no other process works on any of these; names that cannot be stored are left out. Gives what is
    /// locked now, and the transaction that holds it.
    pub(crate) fn lock(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(HashSet<String>, Option<TransactionId>), SessionError> {
        self.take(connection).map_err(SessionError::Locks)
    }

    fn take(&self, connection: &mut PgConnection) -> QueryResult<(HashSet<String>, Option<TransactionId>)> {
        if self.alone {
            connection.batch_execute(PATIENCE_ALONE)?;
        }
        let locked: Vec<Locked> = diesel::sql_query(LOCK.replace("{transaction}", PRESENT_TRANSACTION))
            .bind::<Array<Text>, _>(storable(&self.mrns))
            .bind::<Array<Text>, _>(storable(&self.nhs_numbers))
            .bind::<Array<Text>, _>(storable(&self.encounters))
            .bind::<Array<BigInt>, _>(&self.departments)
            .bind::<Array<BigInt>, _>(&self.patients)
            .bind::<Bool, _>(self.alone)
            .load(connection)?;
        let transaction = locked.first().map(|lock| TransactionId(lock.transaction));
        Ok((locked.into_iter().map(|lock| lock.subject).collect(), transaction))
    }
}

fn storable(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).filter(|name| is_storable(name)).collect()
}
