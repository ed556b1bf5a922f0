//! Whom and what a batch is about: other processes keep off it until the batch ends.

use std::fmt;

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    sql_types::{Array, BigInt, Text},
};

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

/// Follows the numbers to patients and takes the locks, in ascending order, so that two processes never wait for each
/// other. The patients are those of the moment before the waiting.
const LOCK: &str = "
    WITH number (name, mrn_id) AS (
        SELECT 'mrn ' || number, mrn_id FROM unnest($1) AS number LEFT JOIN mrn ON mrn.mrn = number
        UNION ALL
        SELECT 'nhs ' || number, mrn_id FROM unnest($2) AS number LEFT JOIN mrn ON mrn.nhs_number = number
    ), subject (name) AS (
        SELECT coalesce('patient ' || live_mrn_id, name) FROM number LEFT JOIN mrn_to_live USING (mrn_id)
        UNION
        SELECT 'visit ' || encounter FROM unnest($3) AS encounter
        UNION
        SELECT 'department ' || department FROM unnest($4) AS department
    )
    SELECT name AS subject, {transaction} AS transaction, pg_advisory_xact_lock(key)
    FROM (SELECT name, hashtextextended(name, 0) AS key FROM subject ORDER BY key) AS in_order";

impl Subjects {
    /// Nothing is named.
    pub fn is_empty(&self) -> bool {
        self.mrns.is_empty()
            && self.nhs_numbers.is_empty()
            && self.encounters.is_empty()
            && self.departments.is_empty()
    }

    /// Waits until no other process works on any of these; names that cannot be stored are left out. Gives what is
    /// locked now, and, if that is anything, the transaction that holds it.
    pub(crate) fn lock(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(Vec<String>, Option<TransactionId>), SessionError> {
        let locked: Vec<Locked> = diesel::sql_query(LOCK.replace("{transaction}", PRESENT_TRANSACTION))
            .bind::<Array<Text>, _>(storable(&self.mrns))
            .bind::<Array<Text>, _>(storable(&self.nhs_numbers))
            .bind::<Array<Text>, _>(storable(&self.encounters))
            .bind::<Array<BigInt>, _>(&self.departments)
            .load(connection)?;
        let transaction = locked.first().map(|lock| TransactionId(lock.transaction));
        Ok((locked.into_iter().map(|lock| lock.subject).collect(), transaction))
    }
}

fn storable(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).filter(|name| is_storable(name)).collect()
}
