//! `hoover check` and `hoover contract`.

use emap_hoover::data_types::definitions;
use emap_local_services::{
    postgres,
    sql_server::{Encryption, Server},
};

use crate::{site::Site, sources::Sources};

fn check(site: &Sources, names: &[&str]) -> (Option<i32>, Vec<String>) {
    let output = site.hoover(&[&["check"], names].concat(), &[]);
    let lines = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    (output.status.code(), lines)
}

#[test]
fn databases_as_they_should_be_have_no_difference() {
    assert_eq!(check(Sources::shared(), &[]), (Some(0), Vec::new()));
}

#[test]
fn over_encrypted_connections_the_check_is_the_same() {
    let site = Site::new();
    let server = Server::start_on(postgres::shared(), Encryption::TestCertificate).unwrap();
    let (clarity, caboodle) = (server.jdbc_url(site.clarity.name()), server.jdbc_url(site.caboodle.name()));
    for encrypt in ["encrypt=false", "encrypt=true;trustServerCertificate=true"] {
        let with = |url: &str| url.replace("encrypt=false", encrypt);
        let (clarity, caboodle) = (with(&clarity), with(&caboodle));
        let output =
            site.hoover(&["check"], &[("CLARITY_JDBC_URL", &clarity), ("CABOODLE_JDBC_URL", &caboodle)]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{encrypt}");
        assert_eq!(output.status.code(), Some(0), "{encrypt}");
    }
}

#[test]
fn what_an_upgrade_changed_is_named_by_data_type_and_column() {
    let site = Site::new();
    let change = |sql: &str| site.clarity.run_on_postgres(sql).unwrap();
    change("ALTER TABLE dbo.rpt_infection RENAME COLUMN note_text TO remark");
    change("ALTER TABLE dbo.rpt_problem ALTER COLUMN state_code TYPE bigint");
    change("ALTER TABLE dbo.rpt_form ALTER COLUMN form_title DROP NOT NULL");
    change("ALTER TABLE dbo.rpt_interface_item ALTER COLUMN item_name TYPE varchar(400)");
    change("DROP TABLE dbo.rpt_lab_component");
    let (code, lines) = check(&site, &[]);
    assert_eq!(code, Some(1));
    let expected = [
        "LabMetadata clarity/lab_metadata.sql: error 208: Invalid object name 'dbo.rpt_lab_component'.",
        "FormMetadata clarity/form_metadata.sql form_title: expected varchar(200) not null, found varchar(200) null",
        "PatientInfection clarity/patient_infections.sql: error 207: Invalid column name 'note_text'.",
        "PatientProblem clarity/patient_problems.sql state_code: expected int, found bigint",
    ];
    assert_eq!(lines, expected);
    // Only what is named is looked at.
    assert_eq!(check(&site, &["PatientAllergy", "Flowsheet"]), (Some(0), Vec::new()));
    assert_eq!(check(&site, &["Nothing"]).0, Some(2));
}

#[test]
fn a_query_of_the_site_is_checked_and_used() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("clarity")).unwrap();
    let file = directory.path().join("clarity/form_metadata.sql");
    let own = ("HOOVER_SQL_DIR", directory.path().to_str().unwrap());
    std::fs::write(&file, "SELECT f.form_no, f.form_title, f.effective_from_local FROM dbo.rpt_form AS f")
        .unwrap();
    let output = Sources::shared().hoover(&["check", "FormMetadata"], &[own]);
    let line = String::from_utf8(output.stdout).unwrap();
    let expected =
        "FormMetadata clarity/form_metadata.sql patient_title: expected varchar(200), found no such column";
    assert_eq!(line.trim(), expected);
    std::fs::write(&file, "SELECT no FROM").unwrap();
    let output = Sources::shared().hoover(&["check", "FormMetadata"], &[own]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("error 102"));
}

#[test]
fn contracts_name_columns_and_parameters() {
    let output = Sources::shared().hoover(&["contract", "--json"], &[]);
    let contracts: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(contracts.len(), definitions().len());
    let lab = contracts.iter().find(|contract| contract["name"] == "LabMetadata").unwrap();
    assert_eq!(
        (lab["source"].as_str(), lab["file"].as_str()),
        (Some("clarity"), Some("clarity/lab_metadata.sql"))
    );
    assert_eq!(lab["columns"][0]["type"], "bigint");
    assert_eq!(lab["columns"][0]["nullable"], false);
    assert_eq!(lab["parameters"][2]["name"], "@P4");
}
