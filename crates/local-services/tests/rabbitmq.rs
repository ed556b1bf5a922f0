//! A private RabbitMQ server, from start to what is left of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod owner;

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
};

use emap_local_services::{
    Error,
    rabbitmq::{Options, Server, shared},
};

/// True if the broker answers the AMQP greeting with a method frame.
fn greets(server: &Server) -> bool {
    let greet = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect((server.host(), server.port()))?;
        stream.write_all(b"AMQP\0\0\x09\x01")?;
        let mut first = [0];
        stream.read_exact(&mut first)?;
        Ok(first[0])
    };
    greet().is_ok_and(|first| first == 1)
}

#[test]
fn it_serves_amqp_and_virtual_hosts() {
    let server = shared();
    assert!(greets(server));
    assert_eq!(server.url("/"), format!("amqp://guest:guest@127.0.0.1:{}/%2f", server.port()));
    let (one, two) = (server.fresh_virtual_host().unwrap(), server.fresh_virtual_host().unwrap());
    assert_ne!(one, two);
}

#[test]
fn two_servers_live_side_by_side_start_again_and_leave_nothing() {
    let (one, two) = (Server::start(Options::default()).unwrap(), Server::start(Options::default()).unwrap());
    assert!(greets(&one) && greets(&two));
    one.stop().unwrap();
    two.crash().unwrap();
    assert!(!greets(&one) && !greets(&two));
    one.start_again().unwrap();
    two.start_again().unwrap();
    assert!(greets(&one) && greets(&two));
    let dir = two.dir().unwrap().to_owned();
    drop(two);
    assert!(!dir.exists());
    assert_eq!(owner::processes_mentioning(dir.to_str().unwrap()), Vec::<String>::new());
}

#[test]
fn a_kept_directory_is_used_by_one_server_only_and_left_alone_at_the_end() {
    let parent = tempfile::tempdir().unwrap();
    let options = Options { data_dir: Some(parent.path().join("kept")) };
    let server = Server::start(options.clone()).unwrap();
    server.fresh_virtual_host().unwrap();
    let second = Server::start(options.clone()).unwrap_err();
    assert!(matches!(second, Error::DataDirInUse { .. }), "{second}");
    drop(server);
    assert!(parent.path().join("kept/mnesia").exists());
    assert!(greets(&Server::start(options).unwrap()));
}

#[test]
fn nothing_is_left_when_the_owner_is_killed() {
    if owner::is_owner() {
        owner::report_and_wait(&shared().dir().unwrap().display().to_string());
    }
    let (mut process, dir) = owner::start("nothing_is_left_when_the_owner_is_killed");
    let dir = PathBuf::from(dir);
    let ports = std::fs::read_to_string(dir.join("ports")).unwrap();
    let epmd_port = ports.split_whitespace().nth(2).unwrap().to_owned();
    process.kill().unwrap();
    process.wait().unwrap();
    owner::eventually("the directory is deleted", || !dir.exists());
    let left = || owner::processes_mentioning(dir.to_str().unwrap());
    owner::eventually("broker and guard end", || left().is_empty());
    let epmd = || owner::processes_mentioning(&format!("-port {epmd_port}"));
    owner::eventually("the port mapper ends", || epmd().is_empty());
}
