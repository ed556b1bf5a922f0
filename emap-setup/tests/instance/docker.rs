//! Compose with the files, name and variables of an instance.

use std::fs;

use crate::project::{Project, YAML};

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
