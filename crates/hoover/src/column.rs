//! The columns that a query must return, and the SQL types that they have.

use std::fmt;

/// A type of T-SQL or, for the message store, of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    /// `bigint`
    BigInt,
    /// `int`
    Int,
    /// `bit`
    Bit,
    /// `float`
    Float,
    /// `date`
    Date,
    /// `datetime2` with so many digits of a second.
    DateTime2(u8),
    /// `varchar` with a length.
    Varchar(u16),
    /// `varchar(max)`
    VarcharMax,
    /// `text` of PostgreSQL.
    Text,
    /// `timestamptz` of PostgreSQL.
    Timestamptz,
}

impl fmt::Display for SqlType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BigInt => formatter.write_str("bigint"),
            Self::Int => formatter.write_str("int"),
            Self::Bit => formatter.write_str("bit"),
            Self::Float => formatter.write_str("float"),
            Self::Date => formatter.write_str("date"),
            Self::DateTime2(digits) => write!(formatter, "datetime2({digits})"),
            Self::Varchar(length) => write!(formatter, "varchar({length})"),
            Self::VarcharMax => formatter.write_str("varchar(max)"),
            Self::Text => formatter.write_str("text"),
            Self::Timestamptz => formatter.write_str("timestamptz"),
        }
    }
}

impl SqlType {
    /// Whether a column of the type that a server names (`bigint`, `nvarchar(80)`, `datetime2(7)`, `datetime2`) will do
    /// for this one. Texts may be of any length and of either kind, times may be finer.
    pub fn accepts(self, found: &str) -> bool {
        let (name, argument) = match found.split_once('(') {
            Some((name, argument)) => (name.trim(), argument.trim_end_matches(')').trim().parse::<u8>().ok()),
            None => (found, None),
        };
        match self {
            Self::BigInt => name == "bigint",
            Self::Int => name == "int" || name == "integer",
            Self::Bit => name == "bit",
            Self::Float => name == "float" || name == "double precision",
            Self::Date => name == "date",
            Self::DateTime2(digits) => name == "datetime2" && argument.is_none_or(|found| found >= digits),
            Self::Varchar(_) | Self::VarcharMax | Self::Text => {
                matches!(name, "varchar" | "nvarchar" | "text" | "ntext" | "character varying")
            }
            Self::Timestamptz => name == "timestamptz" || name == "timestamp with time zone",
        }
    }
}

/// A column of the result of a query.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the result.
    pub name: &'static str,
    /// Its type.
    pub sql_type: SqlType,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it means.
    pub meaning: &'static str,
}

/// What a server says of a column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundColumn {
    /// Its name.
    pub name: String,
    /// Its type in the words of the server's language, with length or digits where these are known.
    pub sql_type: String,
    /// Whether it may be null; `None` if the server does not say.
    pub nullable: Option<bool>,
}

/// One way in which a result differs from the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The column.
    pub column: String,
    /// What the contract wants.
    pub expected: String,
    /// What the server has.
    pub found: String,
    /// Whether rows can be read all the same, as only the permission to be null differs.
    pub is_readable: bool,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: expected {}, found {}", self.column, self.expected, self.found)
    }
}

/// In what the columns of a result differ from those of the contract. More columns than wanted are no difference.
pub fn differences(expected: &[Column], found: &[FoundColumn]) -> Vec<Difference> {
    // A server that says of every column that it may be null, of keys too, says nothing.
    let says_nullable = found.iter().any(|column| column.nullable == Some(false));
    expected.iter().filter_map(|column| difference(column, found, says_nullable)).collect()
}

fn difference(column: &Column, found: &[FoundColumn], says_nullable: bool) -> Option<Difference> {
    let new = |found: String| Difference {
        column: column.name.to_owned(),
        expected: column.sql_type.to_string(),
        found,
        is_readable: false,
    };
    let Some(found) = found.iter().find(|found| found.name.eq_ignore_ascii_case(column.name)) else {
        return Some(new("no such column".to_owned()));
    };
    if !column.sql_type.accepts(&found.sql_type) {
        return Some(new(found.sql_type.clone()));
    }
    let may_be_null = found.nullable == Some(true) && says_nullable;
    (may_be_null && !column.nullable).then(|| Difference {
        expected: column.to_string(),
        is_readable: true,
        ..new(format!("{} null", found.sql_type))
    })
}

impl fmt::Display for Column {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.sql_type, if self.nullable { "" } else { " not null" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, sql_type: &str, nullable: bool) -> FoundColumn {
        FoundColumn { name: name.to_owned(), sql_type: sql_type.to_owned(), nullable: Some(nullable) }
    }

    const COLUMNS: [Column; 3] = [
        Column { name: "unit_no", sql_type: SqlType::BigInt, nullable: false, meaning: "" },
        Column { name: "unit_name", sql_type: SqlType::Varchar(200), nullable: false, meaning: "" },
        Column { name: "changed_at_local", sql_type: SqlType::DateTime2(0), nullable: true, meaning: "" },
    ];

    #[test]
    fn wider_text_finer_times_and_more_columns_are_no_difference() {
        let wider = [
            found("changed_at_local", "datetime2(7)", true),
            found("UNIT_NAME", "nvarchar(max)", false),
            found("unit_no", "bigint", false),
            found("more", "xml", true),
        ];
        assert_eq!(differences(&COLUMNS, &wider), []);
    }

    #[test]
    fn renamed_retyped_and_nullable_columns_are_named_with_both_types() {
        let drifted = [
            found("unit_no", "int", false),
            found("unit_name", "varchar(200)", true),
            found("changed_on_local", "datetime2(0)", true),
        ];
        let lines: Vec<String> = differences(&COLUMNS, &drifted).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "unit_no: expected bigint, found int",
                "unit_name: expected varchar(200) not null, found varchar(200) null",
                "changed_at_local: expected datetime2(0), found no such column",
            ]
        );
    }

    #[test]
    fn a_server_that_calls_every_column_nullable_is_not_believed() {
        let silent = COLUMNS.map(|column| found(column.name, &column.sql_type.to_string(), true));
        assert_eq!(differences(&COLUMNS, &silent), []);
    }
}
