//! Reading the message store.

use std::time::Duration;

use chrono_tz::Tz;
use diesel::{PgConnection, RunQueryDsl, sql_query, sql_types::BigInt};

use crate::{
    columns,
    connection::{Address, DEFAULT_ZONE},
    error::IdsError,
    row::{IdsRow, RawRow, RowFrame},
};

/// How much one block may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockLimit {
    /// Most rows.
    pub rows: u32,
    /// Most bytes of message text; a single larger message is read all the same.
    pub bytes: u64,
}

impl Default for BlockLimit {
    fn default() -> Self {
        Self { rows: 1000, bytes: 16 << 20 }
    }
}

/// How often a single row is tried that cannot be read, and how long to wait in between.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(20);

/// The table `tbl_ids_master` of one schema.
pub struct IdsStore {
    address: Address,
    pub(crate) connection: PgConnection,
}

impl IdsStore {
    /// Connects and checks that the schema holds a message store. Local times are London's.
    ///
    /// # Errors
    /// When the database is not reachable, or the table or a column is missing or of an unsuitable type.
    pub fn connect(url: &str, schema: &str) -> Result<Self, IdsError> {
        Self::open(url, schema, DEFAULT_ZONE, false)
    }

    /// The same for reading only, with the zone of `timestamp` columns.
    ///
    /// # Errors
    /// As [`IdsStore::connect`].
    pub fn connect_for_reading(url: &str, schema: &str, zone: Tz) -> Result<Self, IdsError> {
        Self::open(url, schema, zone, true)
    }

    fn open(url: &str, schema: &str, zone: Tz, read_only: bool) -> Result<Self, IdsError> {
        let address = Address::new(url, schema, zone, read_only)?;
        let mut connection = address.connect()?;
        columns::validate(&mut connection, schema)?;
        Ok(Self { address, connection })
    }

    /// Opens a new connection in place of a lost one.
    ///
    /// # Errors
    /// While the database is not reachable.
    pub fn reconnect(&mut self) -> Result<(), IdsError> {
        self.connection = self.address.connect()?;
        Ok(())
    }

    /// The rows after `after_unid` with rising `unid`, up to the limit; empty when there are none.
    ///
    /// A row whose text the server cannot deliver comes as [`RowText::Unreadable`](crate::RowText::Unreadable)
    /// and does not hold up the others.
    ///
    /// # Errors
    /// When the connection is lost or the table cannot be read at all.
    pub fn read_block(&mut self, after_unid: i64, limit: BlockLimit) -> Result<Vec<IdsRow>, IdsError> {
        match self.read_rows(after_unid, limit) {
            Ok(rows) => Ok(rows),
            Err(error @ (IdsError::Refused(_) | IdsError::Unwilling(_))) => {
                self.read_one_by_one(after_unid, limit, error)
            }
            Err(error) => Err(error),
        }
    }

    /// One row by its number.
    ///
    /// # Errors
    /// As [`IdsStore::read_block`].
    pub fn read_row(&mut self, unid: i64) -> Result<Option<IdsRow>, IdsError> {
        let one = BlockLimit { rows: 1, ..BlockLimit::default() };
        let rows = self.read_block(unid.saturating_sub(1), one)?;
        Ok(rows.into_iter().next().filter(|row| row.unid == unid))
    }

    /// The highest number in the store.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn highest_unid(&mut self) -> Result<Option<i64>, IdsError> {
        let query = sql_query("SELECT max(unid)::int8 AS unid FROM tbl_ids_master");
        Ok(query.get_result::<MaybeUnid>(&mut self.connection)?.unid)
    }

    fn read_rows(&mut self, after_unid: i64, limit: BlockLimit) -> Result<Vec<IdsRow>, IdsError> {
        // `before` is the size of all texts before this row; `octet_length` does not fetch a long text.
        let query = sql_query(
            "SELECT unid, hl7message, messagedatetime, persistdatetime
               FROM (SELECT unid::int8 AS unid, hl7message,
                            messagedatetime::timestamptz AS messagedatetime,
                            persistdatetime::timestamptz AS persistdatetime,
                            sum(coalesce(octet_length(hl7message), 0)) OVER (ORDER BY unid)
                              - coalesce(octet_length(hl7message), 0) AS before
                       FROM (SELECT unid, hl7message, messagedatetime, persistdatetime FROM tbl_ids_master
                              WHERE unid > $1 ORDER BY unid LIMIT $2) AS block) AS measured
              WHERE before < $3 ORDER BY unid",
        );
        let rows: Vec<RawRow> = query
            .bind::<BigInt, _>(after_unid)
            .bind::<BigInt, _>(i64::from(limit.rows))
            .bind::<BigInt, _>(i64::try_from(limit.bytes).unwrap_or(i64::MAX))
            .load(&mut self.connection)?;
        Ok(rows.into_iter().map(IdsRow::from).collect())
    }

    /// The rows of a block that cannot be read as a whole; `block_error` if none can be read without its text.
    fn read_one_by_one(
        &mut self,
        after_unid: i64,
        limit: BlockLimit,
        block_error: IdsError,
    ) -> Result<Vec<IdsRow>, IdsError> {
        let query = sql_query(
            "SELECT unid::int8 AS unid, messagedatetime::timestamptz AS messagedatetime,
                    persistdatetime::timestamptz AS persistdatetime
               FROM tbl_ids_master WHERE unid > $1 ORDER BY unid LIMIT $2",
        )
        .bind::<BigInt, _>(after_unid)
        .bind::<BigInt, _>(i64::from(limit.rows));
        let frames: Vec<RowFrame> = query.load(&mut self.connection).map_err(|_| block_error)?;
        let (mut rows, mut bytes) = (Vec::with_capacity(frames.len()), 0);
        for frame in frames {
            let row = self.read_frame(frame)?;
            bytes += row.text.len() as u64;
            rows.push(row);
            if bytes >= limit.bytes {
                break;
            }
        }
        Ok(rows)
    }

    /// A failure counts as the row's own only when it comes every time while the server reads all of the row but its
    /// text: a lock, a missing right or a statement that is cancelled is not the row's.
    fn read_frame(&mut self, frame: RowFrame) -> Result<IdsRow, IdsError> {
        let mut reason = String::new();
        for _ in 0..TRIES {
            match self.read_rows(frame.unid - 1, BlockLimit { rows: 1, bytes: 1 }) {
                Ok(rows) => {
                    let row = rows.into_iter().next().filter(|row| row.unid == frame.unid);
                    return Ok(row.unwrap_or_else(|| frame.unreadable("the row is gone".to_owned())));
                }
                Err(IdsError::Refused(words) | IdsError::Unwilling(words)) => reason = words,
                Err(error) => return Err(error),
            }
            self.read_length(frame.unid)?;
            std::thread::sleep(PAUSE);
        }
        Ok(frame.unreadable(reason))
    }

    /// Reads how long the text of a row is, which needs the same rights and locks as to read it.
    fn read_length(&mut self, unid: i64) -> Result<(), IdsError> {
        let query = sql_query(
            "SELECT max(octet_length(hl7message))::int8 AS unid FROM tbl_ids_master WHERE unid = $1",
        );
        query.bind::<BigInt, _>(unid).get_result::<MaybeUnid>(&mut self.connection)?;
        Ok(())
    }
}

#[derive(diesel::QueryableByName)]
pub(crate) struct MaybeUnid {
    #[diesel(sql_type = diesel::sql_types::Nullable<BigInt>)]
    pub(crate) unid: Option<i64>,
}
