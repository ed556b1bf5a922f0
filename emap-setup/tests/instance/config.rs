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
