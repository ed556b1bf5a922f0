//! Errors with SQL Server's numbers.

/// What is not known, or not right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) number: i32,
    pub(crate) message: String,
    pub(crate) state: u8,
    pub(crate) severity: u8,
    /// The rest of the batch does not run.
    pub(crate) ends_batch: bool,
}

pub(crate) type Bind<T> = Result<T, Refused>;

/// The number of what the stand-in does not know; SQL Server has it for errors of users.
pub(crate) const NOT_KNOWN: i32 = 50_000;

impl Refused {
    pub(crate) fn new(number: i32, message: impl Into<String>) -> Self {
        // After these the next statement of a batch runs.
        let goes_on = matches!(
            number,
            220 | 512 | 515 | 544 | 547 | 2601 | 2627 | 2628 | 3701 | 8115 | 8134 | 8152 | 535 | 3623
        );
        let severity = match number {
            1205 => 13,
            102 | 105 | 113 | 137 | 156 => 15,
            4060 => 11,
            18456 | 515 | 2627 | 2601 => 14,
            _ => 16,
        };
        Self { number, message: message.into(), state: 1, severity, ends_batch: !goes_on }
    }

    /// At the client's wish.
    pub(crate) fn cancelled() -> Self {
        Self::new(0, "Operation cancelled by user.")
    }

    /// Columns, parameters and variables have another number for types that are not there.
    pub(crate) fn of_declaration(self, declared: &dyn std::fmt::Display) -> Self {
        match self.number {
            243 => Self::new(
                2715,
                format!("Column, parameter, or variable #1: Cannot find data type {declared}."),
            ),
            _ => self,
        }
    }

    pub(crate) fn arguments(function: &str, count: &str) -> Self {
        Self::new(174, format!("The {function} function requires {count} argument(s)."))
    }
}

pub(crate) fn not_known(what: &str) -> Refused {
    Refused::new(NOT_KNOWN, format!("The stand-in for SQL Server does not know {what}."))
}

impl Refused {
    /// Of a procedure that is not there, or not known.
    pub(crate) fn missing_procedure(name: &str) -> Self {
        let last = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        if last.starts_with("sp_") || last.starts_with("xp_") {
            not_known(&format!("the procedure {name}"))
        } else {
            Self::new(2812, format!("Could not find stored procedure '{name}'."))
        }
    }

    /// Something that may not stand there.
    pub(crate) fn syntax(near: &str) -> Self {
        if is_keyword(near) {
            Self::new(156, format!("Incorrect syntax near the keyword '{near}'."))
        } else {
            Self::new(102, format!("Incorrect syntax near '{near}'."))
        }
    }
}

/// The words that T-SQL reserves.
const KEYWORDS: &str = " ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK \
    CHECKPOINT CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTAINSTABLE CONTINUE CONVERT \
    CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE \
    DEFAULT DELETE DENY DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE END ERRLVL ESCAPE EXCEPT EXEC EXECUTE EXISTS \
    EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE FROM FULL FUNCTION GOTO GRANT GROUP HAVING \
    HOLDLOCK IDENTITY IDENTITY_INSERT IDENTITYCOL IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO \
    LOAD MERGE NATIONAL NOCHECK NONCLUSTERED NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET \
    OPENXML OPTION OR ORDER OUTER OVER PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE PUBLIC RAISERROR READ \
    READTEXT RECONFIGURE REFERENCES REPLICATION RESTORE RESTRICT RETURN REVERT REVOKE RIGHT ROLLBACK ROWCOUNT ROWGUIDCOL RULE \
    SAVE SCHEMA SECURITYAUDIT SELECT SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE \
    THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE UPDATETEXT USE USER VALUES \
    VARYING VIEW WAITFOR WHEN WHERE WHILE WITH WITHIN WRITETEXT ";

pub(crate) fn is_keyword(word: &str) -> bool {
    !word.is_empty() && KEYWORDS.contains(&format!(" {} ", word.to_uppercase()))
}
