//! Errors as a server sends them.

/// Class and condition of an error, five capitals or digits: appendix "PostgreSQL Error Codes" of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState([u8; 5]);

impl SqlState {
    /// `connection_failure`.
    pub const CONNECTION_FAILURE: Self = Self(*b"08006");
    /// `read_only_sql_transaction`.
    pub const READ_ONLY: Self = Self(*b"25006");
    /// `serialization_failure`.
    pub const SERIALIZATION_FAILURE: Self = Self(*b"40001");
    /// `deadlock_detected`.
    pub const DEADLOCK: Self = Self(*b"40P01");
    /// `insufficient_privilege`.
    pub const INSUFFICIENT_PRIVILEGE: Self = Self(*b"42501");
    /// `undefined_table`.
    pub const UNDEFINED_TABLE: Self = Self(*b"42P01");
    /// `disk_full`.
    pub const DISK_FULL: Self = Self(*b"53100");
    /// `out_of_memory`.
    pub const OUT_OF_MEMORY: Self = Self(*b"53200");
    /// `too_many_connections`; ends the connection.
    pub const TOO_MANY_CONNECTIONS: Self = Self(*b"53300");
    /// `lock_not_available`.
    pub const LOCK_NOT_AVAILABLE: Self = Self(*b"55P03");
    /// `query_canceled`, also by `statement_timeout`.
    pub const QUERY_CANCELED: Self = Self(*b"57014");
    /// `admin_shutdown`; ends the connection.
    pub const ADMIN_SHUTDOWN: Self = Self(*b"57P01");
    /// `cannot_connect_now`; ends the connection.
    pub const CANNOT_CONNECT_NOW: Self = Self(*b"57P03");
    /// `io_error`.
    pub const IO_ERROR: Self = Self(*b"58030");
    /// `internal_error`.
    pub const INTERNAL_ERROR: Self = Self(*b"XX000");

    /// Those that are the server's condition and no statement's fault.
    pub const UNWILLING: [Self; 12] = [
        Self::READ_ONLY,
        Self::SERIALIZATION_FAILURE,
        Self::INSUFFICIENT_PRIVILEGE,
        Self::UNDEFINED_TABLE,
        Self::DISK_FULL,
        Self::OUT_OF_MEMORY,
        Self::TOO_MANY_CONNECTIONS,
        Self::LOCK_NOT_AVAILABLE,
        Self::QUERY_CANCELED,
        Self::ADMIN_SHUTDOWN,
        Self::IO_ERROR,
        Self::INTERNAL_ERROR,
    ];

    /// The state with this code; none unless it has five capitals or digits.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 5] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).then_some(Self(bytes))
    }

    /// The five characters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether a server closes the connection after it.
    pub(super) fn ends_the_connection(self) -> bool {
        matches!(&self.0, b"53300" | b"57P01" | b"57P02" | b"57P03" | b"57P04" | b"57P05")
            || self.0.starts_with(b"08")
    }

    /// ErrorResponse.
    pub(super) fn response(self) -> Vec<u8> {
        let severity = if self.ends_the_connection() { "FATAL" } else { "ERROR" };
        let mut fields = Vec::new();
        for (field, value) in
            [(b'S', severity), (b'V', severity), (b'C', self.code()), (b'M', "refused by the fault injector")]
        {
            fields.push(field);
            fields.extend_from_slice(value.as_bytes());
            fields.push(0);
        }
        fields.push(0);
        message(b'E', &fields)
    }
}

/// A message with its first byte and its length.
pub(super) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let mut bytes = vec![tag];
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::SqlState;

    #[test]
    fn a_state_has_five_capitals_or_digits() {
        assert_eq!(SqlState::new("53100"), Some(SqlState::DISK_FULL));
        assert_eq!(SqlState::new("xx000"), None);
        assert_eq!(SqlState::new("531000"), None);
        assert_eq!(
            SqlState::DISK_FULL.response(),
            b"E\0\0\0\x39SERROR\0VERROR\0C53100\0Mrefused by the fault injector\0\0"
        );
    }
}
