//! The analysts' page: every query on it runs on the demo's database and finds something.
#![allow(clippy::unwrap_used)]

use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use emap_local_services::postgres::{Options, Server};

/// Printed between the answers.
const MARK: &str = "--- query";

/// Some of what the demo's day holds, and the heading under which a query must find it.
const FOUND: [(&str, &str); 12] = [
    ("All numbers of a person", "P4900017||"),
    ("Visits under a number that is no longer in force", "7100015|P4900017|40010168"),
    ("Planned and not yet done", "7100009|TRANSFER|SUR^SUR BAY 1^SUR-13"),
    ("Trend of vital signs", "|118|38.9|90|104/58"),
    ("Values that were corrected", "|95|92|probe had slipped"),
    ("The latest results of a patient", "C-reactive protein|187|mg/L|H"),
    ("Cultures with organisms and sensitivities", "|GENTAMICIN, NITROFURANTOIN|AMOXICILLIN, TRIMETHOPRIM"),
    ("Orders without a result", "40010023|Blood culture"),
    ("Allergies of a patient", "PENICILLINS|Drug Class|High|Hives, Wheeze"),
    ("Open consultation requests", "7100008|Dietitian"),
    ("Advance decisions in force", "7100003|NOT FOR CPR"),
    ("A result before its correction", "21.4|mg/L|PRELIMINARY"),
];

/// The SQL blocks of the page, each with the heading it stands under.
fn queries(page: &str) -> Vec<(String, String)> {
    let (mut queries, mut heading, mut block) = (Vec::new(), String::new(), None::<String>);
    for line in page.lines() {
        match (&mut block, line) {
            (None, "```sql") => block = Some(String::new()),
            (None, _) if line.starts_with('#') => {
                line.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            (None, _) => {}
            (Some(sql), "```") => {
                queries.push((heading.clone(), std::mem::take(sql)));
                block = None;
            }
            (Some(sql), line) => sql.extend([line, "\n"]),
        }
    }
    queries
}

/// One `psql` session, for some queries set what later ones use.
fn run_all(server: &Server, queries: &[(String, String)]) -> Vec<String> {
    let psql = server.psql_command("star");
    let mut words = psql.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for (heading, sql) in queries {
        // An error names the place by what was printed before.
        let heading = heading.replace('\'', "");
        writeln!(input, "\\echo {MARK}\n\\warn {heading}\n{sql}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "a query failed");
    let answers = String::from_utf8(output.stdout).unwrap();
    answers.split(MARK).skip(1).map(|answer| answer.trim().to_owned()).collect()
}

#[test]
fn every_query_runs_and_finds_something() {
    let everybody = std::fs::Permissions::from_mode(0o755);
    let parent = tempfile::Builder::new().permissions(everybody).tempdir().unwrap();
    let data_dir = parent.path().join("kept");
    let demo = Command::new(env!("CARGO_BIN_EXE_emap"))
        .args(["demo", "--data-dir", data_dir.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let server = Server::start(Options { data_dir: Some(data_dir), ..Options::default() }).unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/analysts.md");
    let queries = queries(&std::fs::read_to_string(page).unwrap());
    assert!(queries.len() >= 25, "{} queries", queries.len());
    let answers = run_all(&server, &queries);
    for ((heading, sql), answer) in queries.iter().zip(&answers) {
        assert!(sql.contains("\\gset") || !answer.is_empty(), "nothing found under: {heading}\n{sql}");
    }
    for (heading, text) in FOUND {
        let mut under = queries.iter().zip(&answers).filter(|((of, _), _)| of == heading).peekable();
        assert!(under.peek().is_some(), "no query under: {heading}");
        assert!(under.any(|(_, answer)| answer.contains(text)), "no {text} under: {heading}");
    }
}
