//! Environment files from the configuration.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::project::{Project, YAML};

#[test]
fn the_configuration_fills_the_templates() {
    let project = Project::new(YAML);
    let ran = project.run(&["setup", "-g"]).expect_success();
    assert_eq!(
        project.read("project/config/core-config-envs"),
        "# the star\nUDS_SCHEMA=star_validation\n\n  # broker\nRABBITMQ_DEFAULT_PASS=p=w&%\\d\nTZ=Europe/Paris\nLOG=INFO\n"
    );
    assert_eq!(
        project.read("project/config/hl7-reader-config-envs"),
        "IDS_CFG_DEFAULT_START_DATETIME=2031-05-06T07:08:09.00Z\nIDS_CFG_END_DATETIME= \n"
    );
    assert_eq!(
        project.read("project/config/hoover-envs"),
        "HOOVER_DATE_FROM=2031-05-06T07:08:09.00Z\nHOOVER_DATE_UNTIL= \n"
    );
    assert!(!project.path("project/config/other-envs").exists(), "two directories below");
    let mode = fs::metadata(project.path("project/config")).unwrap().permissions().mode();
    assert_eq!(mode & 0o007, 0, "it holds passwords");
    let stderr = ran.stderr();
    let warnings: Vec<&str> = stderr.lines().filter(|line| line.contains("was not updated")).collect();
    assert_eq!(
        warnings,
        [
            "setup       : WARNING  LOG=INFO                       in core        was not updated from global-configuration.yaml",
            "setup       : WARNING  FAKEUDS_PORT=5433              in global      was not updated from global-configuration.yaml",
        ]
    );
}

/// They hold passwords, and may be there from an older version.
#[test]
fn only_owner_and_group_may_read_the_files() {
    let project = Project::ready(YAML);
    let path = project.path("project/config/core-config-envs");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o640);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    project.run(&["setup", "-g"]).expect_success();
    assert_eq!(mode(), 0o640);
}

#[test]
fn files_of_others_stay_and_a_second_run_changes_nothing() {
    let project = Project::ready(YAML);
    project.write("project/config/own-envs", "A=1\n");
    let before = crate::project::contents(&project.path("project/config"));
    project.run(&["setup", "-g"]).expect_success();
    assert_eq!(crate::project::contents(&project.path("project/config")), before);
}

#[test]
fn a_key_that_nothing_uses_is_named_with_what_may_be_meant() {
    let project = Project::new(&YAML.replace("RABBITMQ_PORT: 5700", "RABBITMQ_PROT: 5700"));
    let stderr = project.run(&["setup", "-g"]).expect_success().stderr();
    assert!(
        stderr.contains("global-configuration.yaml:9: nothing uses RABBITMQ_PROT; is RABBITMQ_PORT meant?"),
        "{stderr}"
    );
}

#[test]
fn what_is_wrong_is_one_line_with_its_place() {
    let wrong = |yaml: &str| {
        let project = Project::new(yaml);
        project.run(&["setup", "-g"])
    };
    wrong("").expect_failure(1, "global-configuration.yaml:1: empty");
    wrong("ids:\n\tIDS: 1\n").expect_failure(1, "global-configuration.yaml:2: ");
    wrong("a: 1\na: 2\n").expect_failure(1, "global-configuration.yaml:2: a stands twice");
    wrong("TZ: {a: b}\n").expect_failure(1, "global-configuration.yaml:1: TZ: a single value is expected");
    wrong("a: 1\nuds: star\n")
        .expect_failure(1, "global-configuration.yaml:2: uds: keys with values are expected");
    wrong("ids:\nglobal:\ndates: {start: tomorrow, end: }\n").expect_failure(1, "dates.start");
    let project = Project::new(YAML);
    project.write("home/docker/core/broken-envs.EXAMPLE", "A=1\nno variable\n");
    project.run(&["setup", "-g"]).expect_failure(1, "broken-envs.EXAMPLE:2: not of the form KEY=VALUE");
    fs::remove_file(project.path("project/global-configuration.yaml")).unwrap();
    project.run(&["setup", "-g"]).expect_failure(1, "global-configuration.yaml: not found");
    project.run(&["-f", "x.yaml", "setup", "-g"]).expect_failure(1, "x.yaml: not found");
}

#[test]
fn an_offset_of_a_date_is_ignored_with_its_line_or_honoured_in_quotes() {
    let project = Project::new(&YAML.replace("2031-05-06T07:08:09Z", "2031-05-06T07:08:09+02:00"));
    let ran = project.run(&["setup", "-g"]).expect_success();
    let warning = "global-configuration.yaml:14: the offset of dates.start is ignored; write the time as UTC";
    assert!(ran.stderr().contains(warning), "{}", ran.stderr());
    assert!(
        project.read("project/config/hoover-envs").starts_with("HOOVER_DATE_FROM=2031-05-06T07:08:09.00Z\n")
    );
    let project = Project::new(&YAML.replace("2031-05-06T07:08:09Z", "\"2031-05-06T07:08:09+02:00\""));
    let ran = project.run(&["setup", "-g"]).expect_success();
    assert!(!ran.stderr().contains("offset"), "{}", ran.stderr());
    assert!(
        project.read("project/config/hoover-envs").starts_with("HOOVER_DATE_FROM=2031-05-06T05:08:09.00Z\n")
    );
}

#[test]
fn former_options_are_refused_and_delete_nothing() {
    let project = Project::new(YAML);
    for option in ["-i", "-u", "-c", "--init"] {
        project.run(&["setup", option]).expect_failure(1, "no longer supported");
    }
    project.run(&["setup", "-g", "-b", "main"]).expect_failure(1, "no longer supported");
    project.run(&["setup"]).expect_failure(1, "emap setup --help");
    assert_eq!(project.run(&["setup", "-i", "-c"]).code(), Some(2));
    assert!(!project.path("project/config").exists() && project.path("home/docker/core").exists());
}
