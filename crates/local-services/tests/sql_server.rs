//! The stand-in for SQL Server, through clients that know nothing of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::OnceLock,
};

use emap_local_services::{
    postgres,
    sql_server::{Database, Encryption, LOGIN, Server},
};

const TABLES: &str = "
CREATE TABLE dbo.person (ref varchar(20) NOT NULL PRIMARY KEY, name nvarchar(60) NULL, born date NULL, dose decimal(9,3) NULL)
GO
INSERT INTO dbo.person VALUES
('P1', N'Zoë Quill', '1951-05-08', 2.5), ('p2', N'bruno ', NULL, 0.125), ('P3', NULL, '2000-02-29', -12.34)
GO
CREATE FUNCTION dbo.born_since(@day date) RETURNS TABLE AS RETURN (SELECT ref FROM dbo.person WHERE born >= @day)
GO
";

fn server() -> &'static (Server, Database) {
    static SERVER: OnceLock<(Server, Database)> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Server::start_on(postgres::shared(), Encryption::TestCertificate).unwrap();
        let database = server.fresh_database("stand_in").unwrap();
        database.run_script(TABLES).unwrap();
        (server, database)
    })
}

/// What FreeTDS' `tsql` shows of some batches: rows, with columns separated by `|`, and messages.
fn shown(batches: &[&str]) -> Vec<String> {
    let (server, database) = server();
    let mut tsql = Command::new("tsql")
        .args(["-H", "127.0.0.1", "-p", &server.port().to_string(), "-U", LOGIN.0, "-P", LOGIN.1])
        .args(["-D", database.name(), "-o", "fhq", "-t", "|"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tsql of freetds-bin is installed; `make deps` does it");
    let mut input = tsql.stdin.take().unwrap();
    for batch in batches {
        writeln!(input, "{batch}\ngo").unwrap();
    }
    writeln!(input, "exit").unwrap();
    drop(input);
    let output = tsql.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_foreign_client_reads_rows_by_the_rules_of_t_sql() {
    // In any case, blanks at the end do not count, nulls come first, whole numbers divide whole.
    assert_eq!(shown(&["SELECT ref FROM dbo.person WHERE name = N'BRUNO'"]), ["p2"]);
    assert_eq!(shown(&["SELECT ref FROM dbo.person ORDER BY born, ref"]), ["p2", "P1", "P3"]);
    assert_eq!(shown(&["SELECT 7 / 2, 7 / 2.0, -7 % 3"]), ["3|3.500000|-1"]);
    assert_eq!(
        shown(&["SELECT name, dose FROM dbo.person WHERE ref LIKE 'p[13]' ORDER BY 1"]),
        ["NULL|-12.340", "Zoë Quill|2.500"]
    );
    assert_eq!(shown(&["SELECT ref FROM dbo.born_since('1960-01-01')"]), ["P3"]);
}

#[test]
fn several_results_come_one_after_the_other_and_an_error_after_them() {
    let lines = shown(&[
        "DECLARE @n int = 2; SELECT TOP (@n) ref FROM dbo.person ORDER BY ref DESC; SELECT 'x' AS a; SELECT 1 / 0 AS b",
    ]);
    assert_eq!(lines.get(..3).unwrap(), ["P3", "p2", "x"], "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("Msg 8134")), "{lines:?}");
}

#[test]
fn errors_have_the_numbers_of_sql_server_and_what_is_not_known_is_named() {
    let cases = [
        ("SELECT nothing FROM dbo.person", "Msg 207"),
        ("SELECT 1 FROM dbo.nothing", "Msg 208"),
        ("SELECT q.ref FROM dbo.person AS p", "Msg 4104"),
        ("SELECT ref FROM dbo.person WHERE", "Msg 102"),
        ("SELECT FROM dbo.person", "Msg 156"),
        ("SELECT 1 FROM dbo.person WHERE ref = 5", "Msg 245"),
        ("SELECT CAST('2024-02-30' AS date)", "Msg 241"),
        ("SELECT CAST(3000000000 AS int)", "Msg 8115"),
        ("INSERT INTO dbo.person (ref) VALUES ('p1 ')", "Msg 2627"),
        ("INSERT INTO dbo.person (ref) VALUES (NULL)", "Msg 515"),
        ("INSERT INTO dbo.person (ref) VALUES (REPLICATE('x', 21))", "Msg 2628"),
        ("SELECT ref, name FROM dbo.person GROUP BY ref", "Msg 8120"),
        ("SELECT @nothing", "Msg 137"),
        ("EXEC dbo.nothing", "Msg 2812"),
        ("SELECT FORMAT(1, 'N')", "FORMAT"),
        ("SELECT ref FROM dbo.person FOR JSON AUTO", "FOR JSON"),
    ];
    let batches: Vec<&str> = cases.iter().map(|(batch, _)| *batch).collect();
    let text = shown(&batches).join("\n");
    for (batch, expected) in cases {
        assert!(text.contains(expected), "{batch}: {text}");
    }
}

#[test]
fn a_wrong_password_and_a_missing_database_are_refused() {
    let (server, _) = server();
    let refused = |password: &str, database: &str| {
        let output = Command::new("tsql")
            .args([
                "-H",
                "127.0.0.1",
                "-p",
                &server.port().to_string(),
                "-U",
                LOGIN.0,
                "-P",
                password,
                "-D",
                database,
            ])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    assert!(refused("wrong", "master").contains("18456"));
    assert!(refused(LOGIN.1, "nothing_here").contains("4060"));
}
