//! A validation run, its waits, and what happens when something goes wrong.

use std::{process::Stdio, thread, time::Duration};

use crate::project::{Project, YAML, contents};

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
    assert_eq!(project.run(&["validation", "--only-hl7"]).code(), Some(2));
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

#[test]
fn an_interrupt_restores_the_configuration_and_calls_docker_no_more() {
    let project = Project::ready(YAML);
    let before = contents(&project.path("project/config"));
    project.respond("up", "case \"$*\" in *hl7-reader*) touch \"$here/there\"; exec sleep 20;; esac");
    let mut child =
        project.command(&ONLY_READER).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while !project.path("bin/there").exists() {
        thread::sleep(Duration::from_millis(20));
    }
    assert_ne!(contents(&project.path("project/config")), before);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(contents(&project.path("project/config")), before);
    assert_eq!(project.calls().last().unwrap(), "up --exit-code-from hl7-reader hl7-reader");
}
