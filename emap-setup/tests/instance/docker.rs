//! Compose with the files, name and variables of an instance.

use std::{fs, os::unix::fs::MetadataExt};

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

/// Containers of images of others read their passwords as members of this group.
#[test]
fn the_group_that_may_read_the_settings_is_that_of_their_directory() {
    let project = Project::ready(YAML);
    project.run(&["docker", "ps"]).expect_success();
    let group = fs::metadata(project.path("project/config")).unwrap().gid();
    assert_eq!(project.variable("EMAP_CONFIG_GROUP"), Some(group.to_string()));
    assert_ne!(group, 0, "nothing in a container is to be in the group root");
    let ran = project.command(&["docker", "ps"]).env("EMAP_CONFIG_GROUP", "7").output().unwrap();
    assert!(ran.status.success());
    assert_eq!(project.variable("EMAP_CONFIG_GROUP").as_deref(), Some("7"), "as the caller says");
}

/// By this, compose replaces containers whose settings have changed, and no others.
#[test]
fn a_change_of_settings_shows_in_the_variable_of_their_file_alone() {
    let project = Project::ready(YAML);
    let changed = || {
        project.run(&["setup", "-g"]).expect_success();
        project.run(&["docker", "up", "-d"]).expect_success();
        ["CORE_CONFIG", "HL7_READER_CONFIG", "HOOVER"]
            .map(|name| project.variable(&format!("EMAP_CHANGED_{name}_ENVS")).unwrap())
    };
    let first = changed();
    assert_eq!(changed(), first);
    project.write("project/global-configuration.yaml", &YAML.replace("TZ: Europe/Paris", "TZ: Europe/Rome"));
    let second = changed();
    assert_ne!(second[0], first[0]);
    assert_eq!(second[1..], first[1..]);
}

#[test]
fn a_reader_whose_window_ends_is_not_started_again_once_it_is_done() {
    let restart = |yaml: &str, arguments: &[&str]| {
        let project = Project::ready(yaml);
        project.run(arguments).expect_success();
        project.variable("EMAP_READER_RESTART").unwrap()
    };
    let bounded = YAML.replace("  end:\n", "  end: 2031-06-01T00:00:00Z\n");
    assert_eq!(restart(YAML, &["docker", "up"]), "unless-stopped");
    assert_eq!(restart(&bounded, &["docker", "up"]), "on-failure");
    assert_eq!(restart(YAML, &["validation", "--yes", "--no-use-hoover"]), "no");
}

#[test]
fn features_add_their_files_in_one_order_and_a_validation_run_uses_no_fakes() {
    let yaml = YAML.replace("  emap:\n", "  emap:\n  hoover:\n")
        + "features: {fake_uds: true, fake_ids: true, tls: true, connector: true, fake_sources: true}\n\
           waveform: {enable_export: true}\n";
    let project = Project::ready(&yaml);
    let overlays = [
        "core/docker-compose.fakeuds.yml",
        "core/docker-compose.fake-ids.yml",
        "core/docker-compose.tls.yml",
        "connector/docker-compose.yml",
        "connector/docker-compose.tls.yml",
        "hoover/docker-compose.yml",
        "hoover/docker-compose.tls.yml",
        "hoover/docker-compose.fake-sources.yml",
    ];
    for file in overlays {
        project.write(&format!("home/docker/{file}"), "services: {}\n");
    }
    let files = |call: &str| -> Vec<String> {
        let home = format!("{}/docker/", project.path("home").display());
        call.split_whitespace().filter_map(|word| word.strip_prefix(&home)).map(str::to_owned).collect()
    };
    project.run(&["docker", "ps"]).expect_success();
    assert_eq!(files(&project.read("bin/calls"))[2..], overlays);
    assert_eq!(project.variable("EMAP_WAVEFORM_EXPORT").as_deref(), Some("true"));
    project.write("bin/calls", "");
    project.run(&["validation", "--yes"]).expect_success();
    let calls = project.read("bin/calls");
    let used = files(calls.lines().next().unwrap());
    assert!(!used.iter().any(|file| file.contains("fake")), "{used:?}");
    assert!(used.contains(&"core/docker-compose.tls.yml".to_owned()), "{used:?}");
}

#[test]
fn a_compose_that_is_not_there_is_named_with_what_to_do() {
    let project = Project::ready(YAML);
    let ran = project.command(&["docker", "ps"]).env("EMAP_COMPOSE", "no-such-compose").output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(1), "{stderr}");
    assert!(stderr.lines().last().unwrap().contains("no-such-compose was not found; install it"), "{stderr}");
}
