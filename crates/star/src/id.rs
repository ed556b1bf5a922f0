//! Primary keys that know their table.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData};

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};

/// Primary key of a row of `R`. Every table has a name for its own, such as `LabOrderId`, so that a key of one table
/// cannot be taken for that of another.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Id<R: 'static> {
    number: i64,
    row: PhantomData<fn() -> R>,
}

impl<R> Id<R> {
    /// The key with this number in the database.
    pub const fn new(number: i64) -> Self {
        Self { number, row: PhantomData }
    }

    /// The number in the database.
    pub const fn number(self) -> i64 {
        self.number
    }
}

// Written out because derived ones would ask the same of the row.

impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Id<R> {}

impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<R> Eq for Id<R> {}

impl<R> PartialOrd for Id<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Id<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number)
    }
}

impl<R> hash::Hash for Id<R> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl<R> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl<R> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

/// For columns that lead to rows of several tables.
impl<R> From<Id<R>> for i64 {
    fn from(id: Id<R>) -> Self {
        id.number
    }
}

impl<R> ToSql<BigInt, Pg> for Id<R> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<BigInt, Pg>::to_sql(&self.number, out)
    }
}

impl<R> FromSql<BigInt, Pg> for Id<R> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(value).map(Self::new)
    }
}
