//! The process that cleans up when ours ends in any way.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{Error, error::IoContext};

/// Reads what to watch (process ids; negative: process groups) line by line. At the end of the input without
/// `done`, our process is gone: stop what is watched, by force after ten seconds, and delete the directory.
const SCRIPT: &str = r#"
running() {
  # A process that has ended keeps its id until its exit status has been read.
  { read -r _ _ state _ <"/proc/${1#-}/stat"; } 2>/dev/null && [ "$state" != Z ]
}
targets=
while IFS= read -r line; do
  case $line in
    watch*) targets=${line#watch} ;;
    done) exit 0 ;;
  esac
done
for target in $targets; do kill -s "$1" -- "$target" 2>/dev/null; done
tries=0
for target in $targets; do
  while running "$target" && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  kill -s KILL -- "$target" 2>/dev/null
done
if [ -n "$2" ]; then rm -rf -- "$2" || { sleep 0.5; rm -rf -- "$2"; }; fi
"#;

/// Sees to it that a server does not outlive this process.
#[derive(Debug)]
pub(crate) struct Guard {
    process: Child,
}

impl Guard {
    /// Starts a guard that will send `signal` (a name such as `INT`) to what it watches and then delete a
    /// directory.
    pub(crate) fn start(signal: &str, delete: Option<&Path>) -> Result<Self, Error> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "emap-guard", signal]).arg(delete.unwrap_or(Path::new("")));
        // A group of its own, so that Ctrl-C in a terminal does not reach it; no shared output, so that
        // readers of our output see its end when we end.
        command.process_group(0).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().doing("start", Path::new("/bin/sh"))?;
        Ok(Self { process })
    }

    /// From now on watch these process ids (negative: groups), and nothing else.
    pub(crate) fn watch(&mut self, targets: &[i32]) -> Result<(), Error> {
        let targets = targets.iter().map(i32::to_string).collect::<Vec<_>>().join(" ");
        self.send(&format!("watch {targets}\n")).doing("send to the guard process", Path::new("/bin/sh"))
    }

    fn send(&mut self, line: &str) -> std::io::Result<()> {
        self.process.stdin.as_mut().map_or(Ok(()), |pipe| pipe.write_all(line.as_bytes()))
    }
}

impl Drop for Guard {
    /// An orderly end: the owner has stopped its server itself.
    fn drop(&mut self) {
        // If the guard has ended already, there is nothing to send.
        let _ = self.send("done\n");
        let _ = self.process.wait();
    }
}
