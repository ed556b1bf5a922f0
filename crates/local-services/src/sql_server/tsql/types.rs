//! The data types of T-SQL: their order, what two of them become together, and how PostgreSQL stores them.

use std::{cmp::Ordering, fmt};

use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, Expr, ObjectName, Value};

use super::refused::{Bind, Refused, not_known};

/// How texts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collation {
    /// As the database: without regard to case, with regard to accents.
    Default,
    CaseSensitive,
    AccentInsensitive,
    Binary,
}

impl Collation {
    pub(crate) fn named(name: &str) -> Bind<Self> {
        let lower = name.to_lowercase();
        let known = lower.starts_with("latin1_general_")
            || lower.starts_with("sql_latin1_general_")
            || lower == "database_default";
        let end = lower.split("_c").last().unwrap_or_default();
        match () {
            () if !known => Err(Refused::new(448, format!("Invalid collation '{name}'."))),
            () if lower == "database_default" => Ok(Self::Default),
            () if lower.ends_with("_bin") || lower.ends_with("_bin2") => Ok(Self::Binary),
            () if end == "i_as" => Ok(Self::Default),
            () if end == "s_as" => Ok(Self::CaseSensitive),
            () if end == "i_ai" => Ok(Self::AccentInsensitive),
            () => Err(not_known(&format!("the collation {name}"))),
        }
    }

    /// The collation of PostgreSQL.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Default => "tsql.ci_as",
            Self::CaseSensitive => "tsql.cs_as",
            Self::AccentInsensitive => "tsql.ci_ai",
            Self::Binary => "\"C\"",
        }
    }

    pub(crate) fn minds_case(self) -> bool {
        matches!(self, Self::CaseSensitive | Self::Binary)
    }
}

/// Where a collation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// From the database, as of literals and variables.
    Database,
    Column,
    /// It stands in the expression.
    Expression,
}

/// `varchar`, `nvarchar`, `char`, `nchar`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) national: bool,
    /// Filled up with blanks.
    pub(crate) fixed: bool,
    /// In characters; `None` is `max`.
    pub(crate) length: Option<u32>,
    pub(crate) collation: Collation,
    /// Whose collation it is; the stronger one counts.
    pub(crate) strength: Strength,
}

impl Text {
    pub(crate) const fn of(national: bool, length: Option<u32>) -> Self {
        Self { national, fixed: false, length, collation: Collation::Default, strength: Strength::Database }
    }

    /// The most characters of a text that is not `max`.
    pub(crate) fn limit(self) -> u32 {
        if self.national { 4000 } else { 8000 }
    }

    /// The text with another length, `max` beyond the limit cut to it.
    pub(crate) fn sized(self, length: Option<u64>) -> Self {
        let length = length.map(|length| u32::try_from(length).unwrap_or(u32::MAX).clamp(1, self.limit()));
        Self { length, fixed: false, ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlType {
    /// Of `NULL`, until something else gives it a type.
    Null,
    Bit,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Decimal(u8, u8),
    Money,
    Real,
    Float,
    Date,
    Time(u8),
    SmallDateTime,
    DateTime,
    DateTime2(u8),
    DateTimeOffset(u8),
    Text(Text),
    UniqueIdentifier,
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal(precision, scale) => write!(f, "decimal({precision},{scale})"),
            Self::Time(digits) => write!(f, "time({digits})"),
            Self::DateTime2(digits) => write!(f, "datetime2({digits})"),
            Self::DateTimeOffset(digits) => write!(f, "datetimeoffset({digits})"),
            Self::Text(Text { length: None, .. }) => write!(f, "{}(max)", self.family()),
            Self::Text(Text { length: Some(length), .. }) => write!(f, "{}({length})", self.family()),
            _ => f.write_str(self.family()),
        }
    }
}

impl SqlType {
    pub(crate) const fn varchar(length: u32) -> Self {
        Self::Text(Text::of(false, Some(length)))
    }

    pub(crate) const fn nvarchar(length: u32) -> Self {
        Self::Text(Text::of(true, Some(length)))
    }

    /// The name without lengths, as errors have it.
    pub(crate) fn family(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bit => "bit",
            Self::TinyInt => "tinyint",
            Self::SmallInt => "smallint",
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Decimal(..) => "numeric",
            Self::Money => "money",
            Self::Real => "real",
            Self::Float => "float",
            Self::Date => "date",
            Self::Time(_) => "time",
            Self::SmallDateTime => "smalldatetime",
            Self::DateTime => "datetime",
            Self::DateTime2(_) => "datetime2",
            Self::DateTimeOffset(_) => "datetimeoffset",
            Self::Text(Text { national: false, fixed: false, .. }) => "varchar",
            Self::Text(Text { national: true, fixed: false, .. }) => "nvarchar",
            Self::Text(Text { national: false, fixed: true, .. }) => "char",
            Self::Text(Text { national: true, fixed: true, .. }) => "nchar",
            Self::UniqueIdentifier => "uniqueidentifier",
        }
    }

    /// The type of PostgreSQL that values have in expressions.
    pub(crate) fn stored(self) -> &'static str {
        match self {
            Self::Null | Self::Int => "integer",
            Self::Bit => "boolean",
            Self::TinyInt | Self::SmallInt => "smallint",
            Self::BigInt => "bigint",
            Self::Decimal(..) | Self::Money => "numeric",
            Self::Real => "real",
            Self::Float => "double precision",
            Self::Date => "date",
            Self::Time(_) => "time",
            Self::SmallDateTime | Self::DateTime | Self::DateTime2(_) => "timestamp",
            Self::DateTimeOffset(_) => "tsql.moment",
            Self::Text(_) => "text",
            Self::UniqueIdentifier => "uuid",
        }
    }

    /// The type of PostgreSQL that columns of tables have.
    pub(crate) fn column(self) -> String {
        match self {
            Self::Decimal(precision, scale) => format!("numeric({precision},{scale})"),
            Self::Money => "numeric(19,4)".to_owned(),
            Self::Time(digits) => format!("time({})", digits.min(6)),
            Self::DateTime2(digits) => format!("timestamp({})", digits.min(6)),
            Self::Text(Text { length: Some(length), .. }) => format!("varchar({length})"),
            _ => self.stored().to_owned(),
        }
    }

    /// What a column of PostgreSQL is when no remark says otherwise.
    pub(crate) fn of_column(stored: &str) -> Bind<Self> {
        let (name, arguments) = stored.split_once('(').unwrap_or((stored, ""));
        let mut numbers = arguments.split([',', ')']).filter_map(|number| number.trim().parse::<u32>().ok());
        let (first, second) = (numbers.next(), numbers.next());
        let byte = |number: Option<u32>, default: u8| {
            number.map_or(default, |number| u8::try_from(number).unwrap_or(default))
        };
        Ok(match name.trim() {
            "boolean" => Self::Bit,
            "smallint" => Self::SmallInt,
            "integer" => Self::Int,
            "bigint" => Self::BigInt,
            "numeric" => Self::Decimal(byte(first, 38), byte(second, 0)),
            "real" => Self::Real,
            "double precision" => Self::Float,
            "date" => Self::Date,
            "time" | "time without time zone" => Self::Time(byte(first, 6)),
            "timestamp" | "timestamp without time zone" => Self::DateTime2(byte(first, 6)),
            "character varying" => Self::Text(Text::of(false, first)),
            "text" => Self::Text(Text::of(false, None)),
            "uuid" => Self::UniqueIdentifier,
            _ => return Err(not_known(&format!("columns of the type {stored} of PostgreSQL"))),
        })
    }

    /// With a collation of this strength, if it is a text.
    pub(crate) fn with_strength(self, strength: Strength) -> Self {
        match self {
            Self::Text(text) => Self::Text(Text { strength, ..text }),
            other => other,
        }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text(_))
    }

    pub(crate) fn text(self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::TinyInt | Self::SmallInt | Self::Int | Self::BigInt)
    }

    pub(crate) fn is_number(self) -> bool {
        self.is_whole()
            || matches!(self, Self::Bit | Self::Decimal(..) | Self::Money | Self::Real | Self::Float)
    }

    /// Has a date, a time or both.
    pub(crate) fn is_time(self) -> bool {
        matches!(
            self,
            Self::Date
                | Self::Time(_)
                | Self::SmallDateTime
                | Self::DateTime
                | Self::DateTime2(_)
                | Self::DateTimeOffset(_)
        )
    }

    /// The higher one gives two types theirs.
    fn rank(self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Text(Text { national, fixed, .. }) => 1 + u8::from(!fixed) + 2 * u8::from(national),
            Self::UniqueIdentifier => 5,
            Self::Bit => 6,
            Self::TinyInt => 7,
            Self::SmallInt => 8,
            Self::Int => 9,
            Self::BigInt => 10,
            Self::Money => 11,
            Self::Decimal(..) => 12,
            Self::Real => 13,
            Self::Float => 14,
            Self::Time(_) => 15,
            Self::Date => 16,
            Self::SmallDateTime => 17,
            Self::DateTime => 18,
            Self::DateTime2(_) => 19,
            Self::DateTimeOffset(_) => 20,
        }
    }

    /// A number as a decimal: precision and scale.
    pub(crate) fn as_decimal(self) -> Option<(u8, u8)> {
        Some(match self {
            Self::Bit => (1, 0),
            Self::TinyInt => (3, 0),
            Self::SmallInt => (5, 0),
            Self::Int => (10, 0),
            Self::BigInt => (19, 0),
            Self::Decimal(precision, scale) => (precision, scale),
            Self::Money => (19, 4),
            _ => return None,
        })
    }

    /// The digits of a second.
    fn digits(self) -> u8 {
        match self {
            Self::DateTime => 3,
            Self::Time(digits) | Self::DateTime2(digits) | Self::DateTimeOffset(digits) => digits,
            _ => 0,
        }
    }

    /// The type of two together.
    pub(crate) fn with(self, other: Self) -> Bind<Self> {
        let (high, low) = if self.rank() >= other.rank() { (self, other) } else { (other, self) };
        Ok(match (high, low) {
            (_, Self::Null) => high,
            (Self::Text(a), Self::Text(b)) => {
                let (collation, strength) = common_collation(a, b)?;
                let national = a.national || b.national;
                let length = match (a.length, b.length) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
                Self::Text(Text { national, fixed: a.fixed && b.fixed, length, collation, strength })
            }
            (Self::Decimal(p, s), _) if low.as_decimal().is_some() => {
                let (p2, s2) = low.as_decimal().unwrap_or((p, s));
                let scale = s.max(s2);
                let whole = (p - s).max(p2 - s2);
                Self::Decimal((whole + scale).min(38), scale.min(38 - whole.min(38)))
            }
            (Self::DateTime2(_), _) if low.is_time() => Self::DateTime2(high.digits().max(low.digits())),
            (Self::DateTimeOffset(_), _) if low.is_time() => {
                Self::DateTimeOffset(high.digits().max(low.digits()))
            }
            (Self::Time(_), Self::Time(_)) => Self::Time(high.digits().max(low.digits())),
            (Self::Date, Self::Time(_)) => {
                return Err(Refused::clash(self, other));
            }
            _ => high,
        })
    }

    /// From a declaration. `default_length` is that of a text without one: 1 for columns, 30 for casts.
    pub(crate) fn declared(of: &DataType, default_length: u32) -> Bind<Self> {
        let text = |national: bool, fixed: bool, length: Option<&CharacterLength>| -> Bind<Self> {
            let kind = Text { fixed, ..Text::of(national, None) };
            let length = match length {
                None => Some(u64::from(default_length)),
                Some(CharacterLength::Max) => None,
                Some(CharacterLength::IntegerLength { length, unit: None }) => Some(*length),
                Some(other) => return Err(not_known(&format!("the length {other}"))),
            };
            text_of(kind, length)
        };
        Ok(match of {
            DataType::Bit(None) => Self::Bit,
            DataType::TinyInt(None) => Self::TinyInt,
            DataType::SmallInt(None) => Self::SmallInt,
            DataType::Int(None) | DataType::Integer(None) => Self::Int,
            DataType::BigInt(None) => Self::BigInt,
            DataType::Real | DataType::Float(ExactNumberInfo::Precision(1..=24)) => Self::Real,
            DataType::Float(ExactNumberInfo::None | ExactNumberInfo::Precision(25..=53))
            | DataType::DoublePrecision => Self::Float,
            DataType::Decimal(info) | DataType::Numeric(info) | DataType::Dec(info) => match info {
                ExactNumberInfo::None => Self::Decimal(18, 0),
                ExactNumberInfo::Precision(precision) => decimal(*precision, 0)?,
                ExactNumberInfo::PrecisionAndScale(precision, scale) => decimal(*precision, *scale)?,
            },
            DataType::Date => Self::Date,
            DataType::Time(digits, sqlparser::ast::TimezoneInfo::None) => {
                Self::Time(fraction(digits.unwrap_or(7))?)
            }
            DataType::Datetime(None) => Self::DateTime,
            DataType::Varchar(length)
            | DataType::CharVarying(length)
            | DataType::CharacterVarying(length) => text(false, false, length.as_ref())?,
            DataType::Nvarchar(length) => text(true, false, length.as_ref())?,
            DataType::Char(length) | DataType::Character(length) => text(false, true, length.as_ref())?,
            DataType::Custom(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                custom(name, &arguments, default_length)?
            }
            other => return Err(not_known(&format!("the type {other}"))),
        })
    }

    /// From its own words, as remarks about columns have them.
    pub(crate) fn parsed(words: &str) -> Bind<Self> {
        let dialect = sqlparser::dialect::MsSqlDialect {};
        let parsed = sqlparser::parser::Parser::new(&dialect)
            .try_with_sql(words)
            .and_then(|mut p| p.parse_data_type());
        Self::declared(&parsed.map_err(|_| not_known(&format!("the type {words}")))?, 1)
    }
}

impl Refused {
    /// Two types that do not go together.
    pub(crate) fn clash(a: SqlType, b: SqlType) -> Self {
        Self::new(206, format!("Operand type clash: {} is incompatible with {}", a.family(), b.family()))
    }

    pub(crate) fn operand(of: SqlType, what: &str) -> Self {
        Self::new(8117, format!("Operand data type {} is invalid for {what} operator.", of.family()))
    }
}

fn common_collation(a: Text, b: Text) -> Bind<(Collation, Strength)> {
    match a.strength.cmp(&b.strength) {
        _ if a.collation == b.collation => Ok((a.collation, a.strength.max(b.strength))),
        Ordering::Greater => Ok((a.collation, a.strength)),
        Ordering::Less => Ok((b.collation, b.strength)),
        Ordering::Equal => Err(Refused::new(468, "Cannot resolve the collation conflict in the operation.")),
    }
}

fn decimal(precision: u64, scale: i64) -> Bind<SqlType> {
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if scale <= precision => Ok(SqlType::Decimal(precision, scale)),
        _ => Err(Refused::new(2750, format!("The precision and scale ({precision},{scale}) are not valid."))),
    }
}

fn fraction(digits: u64) -> Bind<u8> {
    match u8::try_from(digits) {
        Ok(digits @ 0..=7) => Ok(digits),
        _ => Err(Refused::new(1002, format!("Specified scale {digits} is invalid."))),
    }
}

fn text_of(kind: Text, length: Option<u64>) -> Bind<SqlType> {
    match length {
        Some(length) if length == 0 || length > u64::from(kind.limit()) => Err(Refused::new(
            131,
            format!("The size ({length}) exceeds the maximum allowed for any data type ({}).", kind.limit()),
        )),
        _ => Ok(SqlType::Text(Text {
            length: length.map(|length| u32::try_from(length).unwrap_or(u32::MAX)),
            ..kind
        })),
    }
}

/// The types that the parser does not know.
fn custom(name: &ObjectName, arguments: &[String], default_length: u32) -> Bind<SqlType> {
    let name = name.to_string().to_lowercase();
    let number = |default: u64| match arguments {
        [] => Ok(default),
        [one] => one.parse().map_err(|_| not_known(&format!("the type {name}({one})"))),
        _ => Err(not_known(&format!("the type {name} with several arguments"))),
    };
    let is_max = matches!(arguments, [one] if one.eq_ignore_ascii_case("max"));
    Ok(match name.as_str() {
        "datetime" => SqlType::DateTime,
        "smalldatetime" => SqlType::SmallDateTime,
        "datetime2" => SqlType::DateTime2(fraction(number(7)?)?),
        "datetimeoffset" => SqlType::DateTimeOffset(fraction(number(7)?)?),
        "money" => SqlType::Money,
        "sysname" => SqlType::nvarchar(128),
        "uniqueidentifier" => SqlType::UniqueIdentifier,
        "nchar" => {
            text_of(Text { fixed: true, ..Text::of(true, None) }, Some(number(default_length.into())?))?
        }
        "nvarchar" if is_max => SqlType::Text(Text::of(true, None)),
        "nvarchar" => text_of(Text::of(true, None), Some(number(default_length.into())?))?,
        "varbinary" | "binary" | "image" | "ntext" | "xml" | "sql_variant" | "timestamp" | "rowversion"
        | "smallmoney" | "hierarchyid" | "geography" | "geometry" | "cursor" => {
            return Err(not_known(&format!("the type {name}")));
        }
        _ => return Err(Refused::new(243, format!("Type {name} is not a defined system type."))),
    })
}

/// A number that stands in the text.
pub(crate) fn literal_number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        Expr::Nested(inner) => literal_number(inner),
        _ => None,
    }
}
