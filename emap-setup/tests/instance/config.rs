//! Logins of the web pages.

use crate::project::{Project, YAML};

#[test]
fn a_login_is_three_lines_and_unknown_without_one_of_its_keys() {
    let project = Project::new(YAML);
    let printed = |arguments: &[&str]| project.run(arguments).expect_success().stdout();
    let rabbitmq = "Domain:    http://emap.example:5701\nUsername:  rab\nPassword:  p=w&%\\d\n";
    assert_eq!(printed(&["config", "-r"]), rabbitmq);
    assert_eq!(printed(&["config", "-p", "-g", "-r"]), format!("{rabbitmq}Unknown\nUnknown\n"));
    assert_eq!(printed(&["config"]), "");
}

#[test]
fn the_portal_comes_last_and_needs_its_four_keys() {
    let portal = "monitoring:\n  SERVER_EXTERNAL_HOSTNAME: emap.example\n  PORTAL_PORT: 7100\n  PORTAL_USERNAME: port\n";
    let project = Project::new(&format!("{YAML}{portal}  PORTAL_PASSWORD: pw\n"));
    let block = "Domain:    http://emap.example:7100\nUsername:  port\nPassword:  pw\n";
    let ran = project.run(&["config", "--print-portal", "--print-glowroot"]).expect_success();
    assert_eq!(ran.stdout(), format!("Unknown\n{block}"));
    let project = Project::new(&format!("{YAML}{portal}"));
    assert_eq!(project.run(&["config", "-p"]).expect_success().stdout(), "Unknown\n");
}
