//! A private PostgreSQL server, from start to what is left of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod owner;

use std::path::{Path, PathBuf};

use emap_local_services::{
    Error,
    postgres::{Durability, Options, Server, shared},
};

fn start() -> Server {
    Server::start(Options::default()).unwrap()
}

#[test]
fn it_answers_sql_as_utf8() {
    let server = shared();
    assert_eq!(server.query("postgres", "SHOW server_encoding").unwrap(), "UTF8");
    assert_eq!(server.query("postgres", "SELECT 'Zoë', 1 UNION ALL SELECT 'b', 2").unwrap(), "Zoë|1\nb|2");
    assert_eq!(server.url(), format!("postgresql://emap@127.0.0.1:{}/postgres", server.port()));
    assert_eq!(server.jdbc_url("star"), format!("jdbc:postgresql://127.0.0.1:{}/star", server.port()));
}

#[test]
fn a_table_has_headings() {
    let table = shared().table("postgres", "SELECT 'W3' AS ward, 4 AS beds").unwrap();
    assert_eq!(table, " ward | beds \n------+------\n W3   |    4");
}

#[test]
fn an_sql_error_says_what_the_server_said() {
    let error = shared().query("postgres", "SELECT * FROM no_such_table").unwrap_err();
    assert!(error.to_string().contains("no_such_table"), "{error}");
}

#[test]
fn it_listens_on_the_loopback_interface_only() {
    assert_eq!(shared().query("postgres", "SHOW listen_addresses").unwrap(), "127.0.0.1");
}

#[test]
fn two_servers_live_side_by_side() {
    let (one, two) = (start(), start());
    one.create_database("only \"here\"").unwrap();
    let names = "SELECT datname FROM pg_database WHERE datname LIKE 'only%'";
    assert_eq!(one.query("postgres", names).unwrap(), "only \"here\"");
    assert_eq!(two.query("postgres", names).unwrap(), "");
}

#[test]
fn a_restart_and_a_crash_keep_committed_data_and_the_port() {
    let server = start();
    let port = server.port();
    server.query("postgres", "CREATE TABLE bed (name text); INSERT INTO bed VALUES ('B1')").unwrap();
    server.restart().unwrap();
    server.query("postgres", "INSERT INTO bed VALUES ('B2')").unwrap();
    server.crash().unwrap();
    assert!(server.query("postgres", "SELECT 1").is_err());
    server.start_again().unwrap();
    let beds = server.query("postgres", "SELECT string_agg(name, ',' ORDER BY name) FROM bed").unwrap();
    assert_eq!((beds.as_str(), server.port()), ("B1,B2", port));
}

#[test]
fn stopping_and_starting_twice_is_no_error() {
    let server = start();
    server.start_again().unwrap();
    server.stop().unwrap();
    server.stop().unwrap();
    assert_eq!(server.process_id(), None);
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let server = start();
    let dir = server.dir().unwrap().to_owned();
    assert!(dir.exists());
    drop(server);
    assert!(!dir.exists());
    assert_eq!(owner::processes_mentioning(dir.to_str().unwrap()), Vec::<String>::new());
}

#[test]
fn a_kept_directory_is_used_again_and_by_one_server_only() {
    let parent = tempfile::Builder::new().permissions(open_to_all()).tempdir().unwrap();
    let options = Options {
        data_dir: Some(parent.path().join("kept")),
        durability: Durability::Full,
        settings: vec![("work_mem".into(), "5MB".into())],
        ..Options::default()
    };
    let server = Server::start(options.clone()).unwrap();
    assert_eq!(server.query("postgres", "SHOW work_mem").unwrap(), "5MB");
    assert_eq!(server.query("postgres", "SHOW fsync").unwrap(), "on");
    server.query("postgres", "CREATE TABLE kept ()").unwrap();
    let second = Server::start(options.clone()).unwrap_err();
    assert!(
        matches!(second, Error::DataDirInUse { pid, .. } if Some(pid) == server.process_id()),
        "{second}"
    );
    drop(server);
    let server = Server::start(options).unwrap();
    assert_eq!(server.query("postgres", "SELECT count(*) FROM kept").unwrap(), "0");
}

#[test]
fn a_stale_pid_file_does_not_keep_a_server_from_starting() {
    let parent = tempfile::Builder::new().permissions(open_to_all()).tempdir().unwrap();
    let data_dir = Some(parent.path().join("kept"));
    let server = Server::start(Options { data_dir: data_dir.clone(), ..Options::default() }).unwrap();
    let data = server.dir().unwrap().join("data");
    drop(server);
    // The id of a living process that has nothing to do with it.
    std::fs::write(data.join("postmaster.pid"), format!("{}\n{}\n", std::process::id(), data.display()))
        .unwrap();
    Server::start(Options { data_dir, ..Options::default() }).unwrap();
}

#[test]
fn nothing_is_left_when_the_owner_is_killed() {
    if owner::is_owner() {
        let server = shared();
        owner::report_and_wait(&format!(
            "{} {}",
            server.process_id().unwrap(),
            server.dir().unwrap().display()
        ));
    }
    let (mut process, report) = owner::start("nothing_is_left_when_the_owner_is_killed");
    let (pid, dir) = report.split_once(' ').unwrap();
    let dir = PathBuf::from(dir);
    assert!(Path::new("/proc").join(pid).exists());
    process.kill().unwrap();
    process.wait().unwrap();
    owner::eventually("the directory is deleted", || !dir.exists());
    let left = || owner::processes_mentioning(dir.to_str().unwrap());
    owner::eventually("server and guard end", || left().is_empty());
}

fn open_to_all() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}
