//! A second process that owns a server, to see what is left when it is killed.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use emap_local_services::{postgres, rabbitmq};

/// Set in the second process.
const ROLE: &str = "EMAP_TEST_IS_OWNER";

/// True in the second process.
pub(crate) fn is_owner() -> bool {
    std::env::var_os(ROLE).is_some()
}

/// In the second process: prints what the first needs and waits to be killed.
pub(crate) fn report_and_wait(report: &str) -> ! {
    eprintln!("owner: {report}");
    loop {
        std::thread::park();
    }
}

/// Runs the named test of this program in a second process, and returns it with its report.
pub(crate) fn start(test: &str) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(ROLE, "1");
    // `shared` is to start a server of the second process's own.
    command.env_remove(postgres::SHARED_PORT_VARIABLE).env_remove(rabbitmq::SHARED_DIR_VARIABLE);
    let mut owner = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(owner.stderr.take().unwrap()).lines();
    let report = lines.map_while(Result::ok).find_map(|line| Some(line.strip_prefix("owner: ")?.to_owned()));
    (owner, report.expect("the owner reports"))
}

/// Waits up to 20 s for something to become true.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Command lines of living processes that mention the text.
pub(crate) fn processes_mentioning(text: &str) -> Vec<String> {
    let ids = std::fs::read_dir("/proc").unwrap().flatten();
    let command_lines = ids.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let command_lines = command_lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    command_lines.filter(|line| line.contains(text)).collect()
}
