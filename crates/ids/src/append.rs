//! Adding messages to the store.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::{
    Connection, PgConnection, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz},
};
use emap_postgres::quote_identifier;

use crate::{
    error::IdsError,
    store::{IdsStore, MaybeUnid},
};

/// A message to be stored. Only the text and the times matter to the reader; the rest is for people who search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRow {
    /// Its number; `None` = one more than the highest so far.
    pub unid: Option<i64>,
    /// Given name.
    pub patient_name: Option<String>,
    /// Surname.
    pub patient_surname: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<DateTime<Utc>>,
    /// NHS number.
    pub nhs_number: Option<String>,
    /// MRN.
    pub hospital_number: Option<String>,
    /// PV1-2.
    pub patient_class: Option<String>,
    /// Location string of PV1-3.
    pub patient_location: Option<String>,
    /// PV1-44.
    pub admission_date: Option<DateTime<Utc>>,
    /// PV1-45.
    pub discharge_date: Option<DateTime<Utc>>,
    /// MSH-12.
    pub message_version: Option<String>,
    /// Trigger event, MSH-9.2.
    pub message_type: Option<String>,
    /// MSH-3.
    pub sender_application: Option<String>,
    /// Message control id, MSH-10.
    pub message_identifier: Option<String>,
    /// Time of the message, MSH-7.
    pub message_datetime: Option<DateTime<Utc>>,
    /// The whole message.
    pub hl7_message: Option<String>,
    /// When it was stored; `None` = null (such a row is in no window's bounds).
    pub persist_datetime: Option<DateTime<Utc>>,
}

/// Rows in one statement: bounds the memory that a large batch takes twice.
const ROWS_PER_STATEMENT: usize = 2000;

impl IdsStore {
    /// Stores one message and returns its number.
    ///
    /// # Errors
    /// When the connection is lost, the number is taken, or a text is too long or holds a NUL.
    pub fn append(&mut self, row: &NewRow) -> Result<i64, IdsError> {
        let unids = self.append_batch(std::slice::from_ref(row))?;
        Ok(unids[0])
    }

    /// Stores messages, all or none, and returns their numbers in the order given.
    ///
    /// Writers take turns until they have committed, and a number is one more than the highest that is there, so that
    /// it is never visible before a lower one, and a batch that fails leaves no gap. A reader that has seen a row has
    /// seen all before it, unless a caller gives a row a number below those that are there.
    ///
    /// # Errors
    /// As [`IdsStore::append`].
    pub fn append_batch(&mut self, rows: &[NewRow]) -> Result<Vec<i64>, IdsError> {
        self.connection.transaction(|connection| append_in_turn(connection, rows))
    }
}

/// Stores messages within the caller's open transaction, as [`IdsStore::append_batch`] does. Other writers wait until that
/// transaction ends.
///
/// For the rest of the transaction, names without schema are looked up in the store's, and `timestamp` columns hold the
/// local time of the store's zone: append last.
///
/// # Errors
/// As [`IdsStore::append`].
pub fn append_within(
    connection: &mut PgConnection,
    (schema, zone): (&str, Tz),
    rows: &[NewRow],
) -> Result<Vec<i64>, IdsError> {
    connection.batch_execute(&format!(
        "SET LOCAL search_path TO {}; SET LOCAL TIME ZONE '{}'",
        quote_identifier(schema),
        zone.name()
    ))?;
    append_in_turn(connection, rows)
}

/// The lock makes writers take turns until the transaction ends.
fn append_in_turn(connection: &mut PgConnection, rows: &[NewRow]) -> Result<Vec<i64>, IdsError> {
    connection.batch_execute("LOCK TABLE tbl_ids_master IN SHARE ROW EXCLUSIVE MODE")?;
    let unids = numbers(connection, rows)?;
    for (rows, unids) in rows.chunks(ROWS_PER_STATEMENT).zip(unids.chunks(ROWS_PER_STATEMENT)) {
        insert(connection, rows, unids)?;
    }
    Ok(unids)
}

/// The given numbers, and for the others the next free ones in order.
fn numbers(connection: &mut PgConnection, rows: &[NewRow]) -> Result<Vec<i64>, IdsError> {
    let highest = sql_query("SELECT max(unid)::int8 AS unid FROM tbl_ids_master");
    let mut highest = highest.get_result::<MaybeUnid>(connection)?.unid.unwrap_or(0).max(0);
    let numbered = rows.iter().map(|row| {
        let unid = row.unid.unwrap_or(highest + 1);
        highest = highest.max(unid);
        unid
    });
    Ok(numbered.collect())
}

/// Casts from `timestamptz` so that both `timestamp` and `timestamptz` columns get the right moment.
fn insert(connection: &mut PgConnection, rows: &[NewRow], unids: &[i64]) -> Result<(), IdsError> {
    type Texts = Array<Nullable<Text>>;
    type Times = Array<Nullable<Timestamptz>>;
    let texts = |field: fn(&NewRow) -> &Option<String>| -> Vec<Option<&str>> {
        rows.iter().map(|row| field(row).as_deref()).collect()
    };
    let times = |field: fn(&NewRow) -> Option<DateTime<Utc>>| -> Vec<Option<DateTime<Utc>>> {
        rows.iter().map(field).collect()
    };
    sql_query(
        "INSERT INTO tbl_ids_master (unid, patientname, patientsurname, dateofbirth, nhsnumber, hospitalnumber,
             patientclass, patientlocation, messagetype, senderapplication, messageidentifier, messagedatetime,
             hl7message, persistdatetime, admissiondate, dischargedate, messageversion)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind::<Array<BigInt>, _>(unids)
    .bind::<Texts, _>(texts(|row| &row.patient_name))
    .bind::<Texts, _>(texts(|row| &row.patient_surname))
    .bind::<Times, _>(times(|row| row.date_of_birth))
    .bind::<Texts, _>(texts(|row| &row.nhs_number))
    .bind::<Texts, _>(texts(|row| &row.hospital_number))
    .bind::<Texts, _>(texts(|row| &row.patient_class))
    .bind::<Texts, _>(texts(|row| &row.patient_location))
    .bind::<Texts, _>(texts(|row| &row.message_type))
    .bind::<Texts, _>(texts(|row| &row.sender_application))
    .bind::<Texts, _>(texts(|row| &row.message_identifier))
    .bind::<Times, _>(times(|row| row.message_datetime))
    .bind::<Texts, _>(texts(|row| &row.hl7_message))
    .bind::<Times, _>(times(|row| row.persist_datetime))
    .bind::<Times, _>(times(|row| row.admission_date))
    .bind::<Times, _>(times(|row| row.discharge_date))
    .bind::<Texts, _>(texts(|row| &row.message_version))
    .execute(connection)?;
    Ok(())
}
