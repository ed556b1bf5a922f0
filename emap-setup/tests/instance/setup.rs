//! Environment files from the configuration.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::project::{Project, Ran, YAML};

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
fn a_section_or_a_key_at_the_top_that_nothing_uses_is_named_too() {
    let yaml = YAML.replace("uds:\n", "udss:\n").replace("EMAP_PROJECT_NAME", "EMAP_PROJECT_NAM");
    let project =
        Project::new(&format!("git_org_url: https://git.example\n{yaml}hl7-reader: {{LOG: debug}}\n"));
    let stderr = project.run(&["setup", "-g"]).expect_success().stderr();
    for words in [
        "2: nothing uses EMAP_PROJECT_NAM; is EMAP_PROJECT_NAME meant?",
        "18: nothing uses udss; is uds meant?",
    ] {
        assert!(stderr.contains(&format!("global-configuration.yaml:{words}")), "{words}: {stderr}");
    }
    for used in ["git_org_url", "hl7-reader", "glowroot"] {
        assert!(!stderr.contains(&format!("nothing uses {used}")), "{used}: {stderr}");
    }
    project
        .run(&["docker", "ps"])
        .expect_failure(1, "global-configuration.yaml: EMAP_PROJECT_NAME is missing");
}

#[test]
fn without_a_name_compose_is_not_called() {
    let project = Project::ready(&YAML.replace("EMAP_PROJECT_NAME: lane", "EMAP_PROJECT_NAME:"));
    for command in [&["docker", "ps"][..], &["validation", "--yes", "--no-use-hoover"]] {
        let ran = project.run(command);
        ran.expect_failure(1, "global-configuration.yaml:1: EMAP_PROJECT_NAME: a name is expected");
    }
    assert_eq!(project.calls(), Vec::<String>::new());
}

#[test]
fn the_generation_that_the_example_names_reaches_the_reader() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let example = fs::read_to_string(home.join("docker/global-configuration-EXAMPLE.yaml")).unwrap();
    let chosen = example
        .replace("EMAP_INTERCHANGE_PRESET: 2026", "EMAP_INTERCHANGE_PRESET: develop")
        .replace("EMAP_INTERCHANGE_FEATURES: \"\"", "EMAP_INTERCHANGE_FEATURES: +admission_type");
    assert_ne!(chosen, example);
    let project = Project::new(&chosen);
    let mut command = project.command(&["setup", "-g"]);
    command.env("EMAP_HOME", home);
    let stderr = Ran::of(command).expect_success().stderr();
    let written = project.read("project/config/hl7-reader-config-envs");
    for line in ["EMAP_INTERCHANGE_PRESET=develop", "EMAP_INTERCHANGE_FEATURES=+admission_type"] {
        assert!(written.lines().any(|written| written == line), "{written}");
    }
    // The images are ours, and the example has nothing that nothing uses.
    assert!(!stderr.contains("refuses such messages") && !stderr.contains("nothing uses"), "{stderr}");
}

#[test]
fn messages_that_another_core_would_refuse_are_warned_of() {
    let project = Project::new(YAML);
    let warning = |image: &str, preset: &str, yaml: &str| {
        let compose = format!("services:\n  core:\n    image: {image}\n");
        project.write("home/docker/core/docker-compose.yml", &compose);
        let template = format!(
            "EMAP_INTERCHANGE_PRESET={preset}\nEMAP_INTERCHANGE_FEATURES=\nSPRING_RABBITMQ_HOST=rabbitmq\n"
        );
        project.write("home/docker/hl7-reader/hl7-reader-config-envs.EXAMPLE", &template);
        project.write("home/docker/core/core-config-envs.EXAMPLE", "SPRING_RABBITMQ_HOST=rabbitmq\n");
        project.write("project/global-configuration.yaml", &format!("{YAML}{yaml}"));
        let stderr = project.run(&["setup", "-g"]).expect_success().stderr();
        stderr.lines().find(|line| line.contains("refuses such messages")).map(str::to_owned)
    };
    let ours = "\"registry.example/${EMAP_IMAGE_PREFIX:-emap}-core:${EMAP_IMAGE_TAG:-latest}\"";
    assert_eq!(warning(ours, "2026", ""), None);
    assert_eq!(warning("theirs/core:4", "main", ""), None);
    let at = YAML.lines().count() + 2;
    for (image, preset, yaml, words) in [
        (
            "theirs/core:4",
            "develop",
            "",
            "EMAP_INTERCHANGE_PRESET is develop, but the image of core is theirs/core:4, not ours; a program that does not \
             know pending_discharge, pending_hospital_service refuses"
                .to_owned(),
        ),
        (
            "theirs/core:4",
            "main",
            "interchange:\n  EMAP_INTERCHANGE_FEATURES: +admission_type\n",
            "EMAP_INTERCHANGE_FEATURES is +admission_type, but".to_owned(),
        ),
        (
            ours,
            "main",
            "interchange:\n  EMAP_INTERCHANGE_PRESET: 2026\nhl7-reader: {SPRING_RABBITMQ_HOST: other.example}\n",
            format!(
                "global-configuration.yaml:{at}: EMAP_INTERCHANGE_PRESET is 2026, but hl7-reader sends to the broker \
                 other.example:5672, from which core of this instance takes nothing"
            ),
        ),
    ] {
        let found = warning(image, preset, yaml).unwrap_or_default();
        assert!(found.contains(&words) && found.starts_with("setup       : WARNING "), "{words}: {found}");
    }
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
    wrong("a: 1\nTZ: \"Europe/Paris\\n\"\n")
        .expect_failure(1, "global-configuration.yaml:2: TZ has several lines");
    wrong(&format!("{YAML}features: {{hoover: perhaps}}\n"))
        .expect_failure(1, "global-configuration.yaml:22: features.hoover: neither true nor false");
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

#[test]
fn the_section_that_serves_hoover_alone_may_have_the_name_of_the_service() {
    let until = |sections: &str| {
        let project = Project::ready(&format!("{YAML}{sections}"));
        let file = project.read("project/config/hoover-envs");
        file.lines().find_map(|line| line.strip_prefix("HOOVER_DATE_UNTIL=")).unwrap().to_owned()
    };
    let (service, file) =
        ("hoover: {HOOVER_DATE_UNTIL: service}\n", "hoover-envs: {HOOVER_DATE_UNTIL: file}\n");
    assert_eq!(until(service), "service");
    assert_eq!(until(file), "file");
    assert_eq!(until(&[service, file].concat()), "file");
}
