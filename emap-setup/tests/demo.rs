//! The demo from its command line, and the servers for developers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt, process::Command};

use emap_local_services::postgres;

fn emap(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_emap")).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || errors.is_empty(), "{errors}");
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// The lines from a heading to the next empty line.
fn section<'o>(output: &'o str, heading: &str) -> Vec<&'o str> {
    let lines = output.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::trim).collect()
}

#[test]
fn an_analyst_sees_the_day_and_a_second_run_adds_nothing() {
    let everybody = std::fs::Permissions::from_mode(0o755);
    let parent = tempfile::Builder::new().permissions(everybody).tempdir().unwrap();
    let data_dir = parent.path().join("kept");
    let run = || emap(&["demo", "--data-dir", data_dir.to_str().unwrap()]).1;

    let first = run();
    assert!(first.contains(": 97 in the message store, 3 came again, 2 refused"), "{first}");
    assert_eq!(first.matches("\n  refused: ").count(), 2, "{first}");
    let in_beds: Vec<_> = section(&first, "In the hospital").into_iter().skip(2).collect();
    let beds: Vec<_> = in_beds.iter().map(|line| line.split('|').nth(1).unwrap().trim()).collect();
    assert_eq!(beds, ["AMU-11", "AMU-13", "CAR-11", "CAR-12", "CAR-13", "CAR-22", "SUR-22"]);
    assert!(in_beds[2].starts_with("Cardiology     | CAR-11 | 40010023"), "wards have names: {in_beds:?}");
    let for_research: Vec<_> =
        section(&first, "Those of them whom research may see").into_iter().skip(2).collect();
    assert_eq!(for_research.len(), in_beds.len() - 1, "{for_research:?}");
    assert!(!for_research.iter().any(|line| line.contains("40010060")), "{for_research:?}");
    let journey = section(&first, "The way of one patient");
    assert!(
        journey[3].starts_with("Surgery, Bay 1, SUR-12        | 18:19:59 | 18:20:00 | arrival"),
        "{journey:?}"
    );
    let vital_signs = section(&first, "The vital signs of another");
    assert_eq!(vital_signs.len(), 2 + 6, "{vital_signs:?}");
    let laboratory = section(&first, "What the laboratories reported");
    let reported =
        |words: &[&str]| laboratory.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(
        reported(&["40010023 | C-reactive protein", "214 mg/L", "first reported as 21.4"]),
        "{laboratory:?}"
    );
    assert!(reported(&["40010072 | Urine culture", "Escherichia coli", "GENTAMICIN S"]), "{laboratory:?}");
    let to_bear_in_mind: Vec<_> = section(&first, "To bear in mind").into_iter().skip(2).collect();
    let kinds: BTreeSet<_> =
        to_bear_in_mind.iter().map(|line| line.split('|').nth(1).unwrap().trim()).collect();
    let expected = ["advance decision", "allergy", "consultation", "infection", "problem"];
    assert_eq!(kinds, BTreeSet::from(expected), "{to_bear_in_mind:?}");
    let of_others = ["40010084", "40010120", "CODEINE"];
    assert!(!to_bear_in_mind.iter().any(|line| of_others.iter().any(|other| line.contains(other))));
    let expected = section(&first, "Expected to leave");
    let found: Vec<_> =
        expected.iter().skip(2).map(|line| line.split(" | ").collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        found,
        ["40010023 cared for by RESP 18:50", "40010060 expected to leave 20:50"],
        "{expected:?}"
    );
    assert!(to_bear_in_mind.iter().any(|line| line.ends_with("Cardiology for 10:30")), "{to_bear_in_mind:?}");
    let form = section(&first, "A form that was filled in");
    assert!(form[2].contains("Falls assessment | 40010023") && form.len() == 6, "{form:?}");
    assert!(first.contains("Hoover: 62 messages about places"), "{first}");
    let rejects = section(&first, "What could not be used");
    assert_eq!(rejects.iter().filter(|line| line.starts_with("reader")).count(), 1, "{rejects:?}");
    assert!(first.contains("166 interchange messages processed, 0 in error"), "{first}");
    assert!(first.contains("psql postgresql://"));

    let second = run();
    assert!(second.contains("Nothing new in the message store"), "{second}");
    for heading in ["In the hospital", "What could not be used", "Rows per table"] {
        assert_eq!(section(&first, heading), section(&second, heading));
    }

    let options = postgres::Options { data_dir: Some(data_dir), ..postgres::Options::default() };
    let server = postgres::Server::start(options).unwrap();
    let (kept, rules) = emap(&["check", "--database-url", &server.database_url("star"), "--schema", "star"]);
    assert!(kept && rules.lines().filter(|line| line.ends_with("  ok")).count() > 20, "{rules}");
}

#[test]
fn a_command_runs_with_the_environment_of_the_servers_and_its_exit_code_counts() {
    let script = "echo $IDS_JDBC_URL $IDS_SCHEMA $UDS_JDBC_URL $SPRING_RABBITMQ_HOST; exit 3";
    let (succeeded, output) = emap(&["services", "--", "sh", "-c", script]);
    assert!(!succeeded);
    let words: Vec<_> = output.split_whitespace().collect();
    assert!(words[0].starts_with("jdbc:postgresql://127.0.0.1:") && words[0].ends_with("/ids"), "{output}");
    assert!(words[2].ends_with("/star"), "{output}");
    assert_eq!((words[1], words[3]), ("ids", "127.0.0.1"));
}
