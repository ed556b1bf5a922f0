//! A validation run, its waits, and what happens when something goes wrong.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use emap_local_services::postgres;
use emap_test_support::database;

use crate::project::{Project, Ran, YAML, contents};

const ONLY_READER: [&str; 3] = ["validation", "--yes", "--no-use-hoover"];

/// As rabbitmqctl prints it.
fn queues(number: u32) -> String {
    format!("name\tmessages\nhl7Queue\t{number}\ndatabaseExtracts\t0\n")
}

#[test]
fn the_steps_come_in_their_order_and_the_configuration_is_as_before() {
    let project = Project::ready(&YAML.replace("  emap:\n", "  emap:\n  hoover:\n"));
    let before = contents(&project.path("project/config"));
    let ran = project.run(&["validation", "--yes", "-s", "2031-02-01", "-e", "2031-02-08"]).expect_success();
    assert_eq!(
        project.calls(),
        [
            "down",
            "build",
            "up -d rabbitmq",
            "up -d core",
            "up --exit-code-from hl7-reader hl7-reader",
            "up --exit-code-from hoover hoover",
            "ps",
            "exec rabbitmq rabbitmqctl -q list_queues",
            "logs core",
            "logs rabbitmq",
            "down",
        ]
    );
    let printed = ran.stdout();
    assert!(printed.contains("Window:  2031-02-01T00:00:00.00Z -> 2031-02-08T00:00:00.00Z"), "{printed}");
    assert!(printed.contains("Schema:  star_validation"), "{printed}");
    let dates = project.read("bin/dates");
    assert!(dates.starts_with("IDS_CFG_DEFAULT_START_DATETIME=2031-02-01T00:00:00.00Z\n"), "{dates}");
    assert!(dates.contains("HOOVER_DATE_UNTIL=2031-02-08T00:00:00.00Z\n"), "{dates}");
    assert_eq!(contents(&project.path("project/config")), before);
    let logs = project.logs();
    let ends: Vec<&str> = logs.iter().map(|name| name.rsplit('_').next().unwrap()).collect();
    assert_eq!(ends, ["core.txt", "hl7-reader.txt", "hoover.txt", "rabbitmq.txt"]);
    let stamps: std::collections::BTreeSet<&str> =
        logs.iter().map(|name| name.rsplit_once('_').unwrap().0).collect();
    assert_eq!(stamps.len(), 1, "one stamp for all: {stamps:?}");
}

/// It would ask for a terminal otherwise.
#[test]
fn the_standalone_compose_is_asked_for_the_queues_without_a_terminal() {
    let project = Project::ready(YAML);
    std::fs::rename(project.path("bin/docker"), project.path("bin/docker-compose")).unwrap();
    let ran = project.command(&ONLY_READER).env("EMAP_COMPOSE", "docker-compose").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let calls = project.calls();
    assert!(calls.contains(&"exec -T rabbitmq rabbitmqctl -q list_queues".to_owned()), "{calls:?}");
}

#[test]
fn dates_of_the_yaml_count_unless_the_command_line_gives_others() {
    let project = Project::ready(YAML);
    let ran = project.run(&["validation", "--yes", "--no-use-hoover", "--skip-build", "-e", "2031-05-09"]);
    let printed = ran.expect_success().stdout();
    assert!(printed.contains("Window:  2031-05-06T07:08:09.00Z -> 2031-05-09T00:00:00.00Z"), "{printed}");
    assert!(!project.calls().contains(&"build".to_owned()));
}

#[test]
fn switches_choose_the_sources() {
    let project = Project::ready(YAML);
    let ran = project.run(&["validation", "--yes"]);
    ran.expect_failure(1, "hoover requested but is missing from repositories in global config");
    assert_eq!(project.calls(), Vec::<String>::new());
    assert_eq!(project.run(&["validation", "--use-hoover", "--no-use-hoover"]).code(), Some(2));
    for (option, instead) in [("--only-hl7", "--no-use-hoover"), ("--only-hoover", "--no-use-hl7-reader")] {
        let ran = project.run(&["validation", option]);
        ran.expect_failure(2, &format!("validation {option} is no longer supported; say {instead}"));
        assert_eq!(ran.stderr().lines().count(), 1);
    }
    assert_eq!(project.calls(), Vec::<String>::new());
    let with_hoover = Project::ready(&YAML.replace("  emap:\n", "  emap:\n  hoover:\n"));
    with_hoover.run(&["validation", "--yes", "--no-use-hl7"]).expect_success();
    let calls = with_hoover.calls().join(", ");
    assert!(calls.contains("hoover hoover") && !calls.contains("hl7-reader"), "{calls}");
}

#[test]
fn queues_are_waited_for() {
    for (populated, code) in [(0, 0), (1, 0), (99, 1)] {
        let project = Project::ready(YAML);
        // The file of queues is emptied after it was read `populated` times.
        project.write("bin/queues", &queues(u32::from(populated > 0)));
        project.respond(
            "exec",
            &format!(
                "echo x >>\"$here/looks\"; [ $(wc -l <\"$here/looks\") -ge {populated} ] && : >\"$here/queues\""
            ),
        );
        let ran = project.run(&[&ONLY_READER[..], &["--timeout", "0.0008"]].concat());
        assert_eq!(ran.code(), Some(code), "{populated}: {}", ran.stderr());
        let calls = project.calls();
        let count = |call: &str| calls.iter().filter(|made| *made == call).count();
        assert_eq!((count("logs core"), count("down"), count("up -d core")), (1, 2, 1), "{calls:?}");
        if code == 1 {
            ran.expect_failure(1, "Waiting for queue timed out");
        }
    }
}

#[test]
fn a_step_that_fails_saves_logs_and_stops() {
    let project = Project::ready(YAML);
    let before = contents(&project.path("project/config"));
    project.respond("up", "case \"$*\" in *hl7-reader*) exit 3;; esac");
    project
        .run(&ONLY_READER)
        .expect_failure(1, "up --exit-code-from hl7-reader hl7-reader ended with exit code 3");
    let calls = project.calls();
    assert_eq!(calls[calls.len() - 3..], ["logs core", "logs rabbitmq", "down"]);
    assert_eq!(contents(&project.path("project/config")), before);
    assert_eq!(project.logs().len(), 3);
}

#[test]
fn without_an_answer_nothing_starts() {
    let project = Project::ready(YAML);
    let before = contents(&project.path("project/config"));
    project.run(&["validation", "--no-use-hoover"]).expect_failure(1, "not confirmed");
    project.run(&["validation", "-s", "soon", "--no-use-hoover"]).expect_failure(1, "failed to parse");
    assert_eq!(project.calls(), Vec::<String>::new());
    assert_eq!(contents(&project.path("project/config")), before);
}

/// Starts a run, waits until the recorded docker is where a file `there` is written, and sends a signal.
fn interrupted(project: &Project, arguments: &[&str], signal: rustix::process::Signal) -> Option<i32> {
    let mut command = project.command(arguments);
    // An operator's terminal stays open.
    let mut child =
        command.stdin(Stdio::piped()).stderr(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let is_at_prompt = !arguments.contains(&"--yes");
    if is_at_prompt {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while !lines.next().unwrap().unwrap().starts_with("Press Enter") {}
    } else {
        let begin = Instant::now();
        while !project.path("bin/there").exists() {
            assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", project.calls());
            thread::sleep(Duration::from_millis(20));
        }
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, signal).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn an_interrupt_in_any_step_restores_the_configuration_and_calls_docker_no_more() {
    use rustix::process::Signal;

    for (command, step, signal) in [
        ("down", "", Signal::INT),
        ("build", "", Signal::TERM),
        ("up", "rabbitmq", Signal::INT),
        ("up", "core", Signal::INT),
        ("up", "hl7-reader", Signal::TERM),
        ("ps", "", Signal::INT),
        ("exec", "", Signal::INT),
        ("logs", "core", Signal::INT),
    ] {
        let project = Project::ready(YAML);
        let before = contents(&project.path("project/config"));
        project.respond(
            command,
            &format!("case \"$*\" in *{step}*) touch \"$here/there\"; exec sleep 20;; esac"),
        );
        let code = interrupted(&project, &ONLY_READER, signal);
        assert_eq!(code, Some(130), "{command} {step}");
        assert_eq!(contents(&project.path("project/config")), before, "{command} {step}");
        let calls = project.calls();
        let last = calls.last().unwrap();
        assert!(last.starts_with(command) && last.contains(step), "{command} {step}: {calls:?}");
    }
}

#[test]
fn an_interrupt_while_waiting_restores_the_configuration_and_calls_docker_no_more() {
    let project = Project::ready(YAML);
    let before = contents(&project.path("project/config"));
    project.write("bin/queues", &queues(3));
    project.respond("exec", "touch \"$here/there\"");
    let ran = interrupted(
        &project,
        &[&ONLY_READER[..], &["--timeout", "1"]].concat(),
        rustix::process::Signal::INT,
    );
    assert_eq!(ran, Some(130));
    assert_eq!(contents(&project.path("project/config")), before);
    assert!(project.calls().last().unwrap().starts_with("exec rabbitmq"));
}

#[test]
fn an_interrupt_at_the_question_changes_nothing() {
    let project = Project::ready(YAML);
    let before = contents(&project.path("project/config"));
    let code = interrupted(&project, &["validation", "--no-use-hoover"], rustix::process::Signal::INT);
    assert_ne!(code, Some(0));
    assert_eq!(contents(&project.path("project/config")), before);
    assert_eq!(project.calls(), Vec::<String>::new());
}

#[test]
fn a_schema_that_is_not_empty_is_refused_before_anything_starts() {
    let database = database::fresh();
    let url = database.jdbc_url().replace("127.0.0.1", "host.docker.internal");
    let uds = format!(
        "  UDS_SCHEMA: star\n  UDS_JDBC_URL: \"{url}\"\n  UDS_USERNAME: {}\n  UDS_PASSWORD: none\n",
        postgres::USER
    );
    let project = Project::ready(&YAML.replace("  UDS_SCHEMA: star_validation\n", &uds));
    let before = contents(&project.path("project/config"));
    let run = || {
        let mut command = project.command(&ONLY_READER);
        command.env_remove("EMAP_VALIDATION_CHECK_EMPTY");
        Ran::of(command)
    };
    database.execute("INSERT INTO etl_per_message_logging (id) VALUES (1)");
    run().expect_failure(1, "schema star is not empty (etl_per_message_logging has rows)");
    assert_eq!((project.calls(), contents(&project.path("project/config"))), (Vec::new(), before));
    database.execute("DELETE FROM etl_per_message_logging");
    run().expect_success();
}

#[test]
fn logs_that_cannot_be_written_fail_with_their_file_and_the_containers_go_down() {
    let project = Project::ready(YAML);
    let before = contents(&project.path("project/config"));
    // From then on nothing can be written there, as on a full disk.
    project.respond("exec", "rm -rf validation_logs; : >validation_logs");
    let ran = project.run(&ONLY_READER);
    ran.expect_failure(1, "_core.txt: ");
    assert_eq!(project.calls().last().unwrap(), "down");
    assert_eq!(contents(&project.path("project/config")), before);
    // Where not even the directory can be made, nothing starts.
    let project = Project::ready(YAML);
    project.write("project/validation_logs", "");
    project.run(&ONLY_READER).expect_failure(1, "validation_logs: ");
    assert_eq!(project.calls(), Vec::<String>::new());
}

#[test]
fn waveforms_are_read_after_the_queues_are_empty() {
    let project = Project::ready(&YAML.replace("  emap:\n", "  emap:\n  hoover:\n"));
    project.write("home/docker/waveform-reader/docker-compose.yml", "services: {}\n");
    let ran = project.run(&[
        "validation",
        "--yes",
        "--skip-build",
        "--use-waveform",
        "-s",
        "2031-02-08",
        "-e",
        "2031-02-01",
    ]);
    assert!(ran.expect_success().stderr().contains("the window ends before it starts"));
    assert_eq!(
        project.calls()[1..8],
        [
            "up -d rabbitmq",
            "up -d core",
            "up --exit-code-from hl7-reader hl7-reader",
            "up --exit-code-from hoover hoover",
            "exec rabbitmq rabbitmqctl -q list_queues",
            "up --exit-code-from waveform-reader waveform-reader",
            "ps",
        ]
    );
    let dates = project.read("bin/dates");
    assert!(dates.contains("HOOVER_DATE_FROM=2031-02-08T00:00:00.00Z\n"), "{dates}");
    assert!(project.read("bin/calls").contains("waveform-reader/docker-compose.yml"));
}
