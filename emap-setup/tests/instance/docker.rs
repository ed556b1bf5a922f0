//! Compose with the files, name and variables of an instance.

use std::fs;

use crate::project::{Project, Ran, YAML};

#[test]
fn one_call_with_files_project_name_and_the_global_variables() {
    let project = Project::ready(&YAML.replace("  emap:\n", "  emap:\n  hoover: {branch: x}\n"));
    project.run(&["docker", "up -d", "\"core\"", "--help"]).expect_success();
    let home = project.path("home");
    let home = home.display();
    assert_eq!(
        project.read("bin/calls"),
        format!(
            "compose -f {home}/docker/core/docker-compose.yml -f {home}/docker/hl7-reader/docker-compose.yml \
             -f {home}/docker/hoover/docker-compose.yml -p lane up -d core --help | 5700 {home} \n"
        )
    );
}

#[test]
fn everything_that_is_switched_on_has_its_file_in_a_fixed_order() {
    let all = "fake_uds: {enable_fake_uds: true}\nconnector: {enable_connector: true}\n\
               waveform: {enable_waveform: true, enable_waveform_generator: true}\nmonitoring: {use_streamlit: true}\n\
               features: {hoover: true}\n";
    let project = Project::ready(&format!("{YAML}{all}"));
    let files = [
        "core/docker-compose.yml",
        "hl7-reader/docker-compose.yml",
        "core/docker-compose.fakeuds.yml",
        "connector/docker-compose.yml",
        "waveform-reader/docker-compose.yml",
        "waveform-generator/docker-compose.yml",
        "monitoring/docker-compose.yml",
        "hoover/docker-compose.yml",
    ];
    for file in files {
        project.write(&format!("home/docker/{file}"), "services: {}\n");
    }
    project.run(&["docker", "ps"]).expect_success();
    let home = project.path("home").display().to_string();
    let given: Vec<String> = files.iter().map(|file| format!("-f {home}/docker/{file}")).collect();
    assert!(project.read("bin/calls").starts_with(&format!("compose {} -p lane ps | ", given.join(" "))));
}

#[test]
fn a_compose_that_is_not_there_is_one_line() {
    let project = Project::ready(YAML);
    let mut command = project.command(&["docker", "ps"]);
    command.env("EMAP_COMPOSE", "no-such-compose");
    Ran::of(command).expect_failure(
        1,
        "no-such-compose was not found; install it, or name another compose in EMAP_COMPOSE",
    );
    let switch = Project::new(&format!("{YAML}features:\n  hoover: perhaps\n"));
    switch
        .run(&["docker", "ps"])
        .expect_failure(1, "global-configuration.yaml:23: features.hoover: neither true nor false");
}

#[test]
fn the_exit_code_is_that_of_docker() {
    let project = Project::ready(YAML);
    project.respond("ps", "exit 17");
    let ran = project.run(&["docker", "ps", "-q"]);
    ran.expect_failure(17, "exit code 17");
    assert_eq!(project.run(&["docker"]).code(), Some(0));
    assert_eq!(project.calls(), ["ps -q", ""]);
}

#[test]
fn another_compose_may_be_named() {
    let project = Project::ready(YAML);
    fs::rename(project.path("bin/docker"), project.path("bin/docker-compose")).unwrap();
    let ran = project.command(&["docker", "ps"]).env("EMAP_COMPOSE", "docker-compose").output().unwrap();
    assert!(ran.status.success());
    assert_eq!(project.calls(), ["ps"]);
}

#[test]
fn missing_files_are_listed() {
    let project = Project::ready(YAML);
    fs::remove_file(project.path("home/docker/hl7-reader/docker-compose.yml")).unwrap();
    let ran = project.run(&["docker", "ps"]);
    ran.expect_failure(1, "docker/core/docker-compose.yml, ");
    ran.expect_failure(1, "docker/hl7-reader/docker-compose.yml");
    let other = Project::new(YAML);
    other.run(&["docker", "ps"]).expect_failure(1, "run emap setup -g first");
    assert_eq!(project.calls().len() + other.calls().len(), 0);
}
