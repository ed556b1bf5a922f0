//! The one cause that matters.

use serde::Serialize;

use super::{
    daemon::{Daemon, State},
    queues::Queue,
};

/// How it is, all in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    /// As it should be.
    Healthy,
    /// Something is not as it should be, and messages wait or some of them do.
    Degraded,
    /// No message gets into the star database, because core does not run or nothing does.
    Down,
}

impl Condition {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// How it is, and why.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verdict {
    pub(super) condition: Condition,
    /// What to look at first; what follows from it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<String>,
}

/// What others depend on comes first: who does not run, then servers, then single components, then queues.
pub(super) fn of(daemons: &[Daemon], queues: &[Queue]) -> Verdict {
    let verdict = |condition, cause: String| Verdict { condition, cause: Some(cause) };
    let gone = |daemon: &&Daemon| daemon.state.is_fault() && daemon.state != State::NotReady;
    if !daemons.is_empty() && daemons.iter().all(|daemon| gone(&daemon)) {
        let all_missing = daemons.iter().all(|daemon| daemon.state == State::Missing);
        let cause = if all_missing {
            "nothing was started".to_owned()
        } else {
            with_detail("nothing runs", &daemons[0])
        };
        return verdict(Condition::Down, cause);
    }
    let cores: Vec<&Daemon> = daemons.iter().filter(|daemon| is_core(daemon)).collect();
    if !cores.is_empty() && cores.iter().all(|core| gone(core) || core.state == State::Ended) {
        return verdict(
            Condition::Down,
            with_detail(&format!("core {}", does_not_run(cores[0].state)), cores[0]),
        );
    }
    let cause = gone_broker(daemons)
        .or_else(|| not_settling(&cores))
        .or_else(|| {
            daemons
                .iter()
                .find(gone)
                .map(|daemon| with_detail(&format!("{} {}", daemon.name, does_not_run(daemon.state)), daemon))
        })
        .or_else(|| daemons.iter().find_map(not_working))
        .or_else(|| queues.iter().find_map(held_up));
    match cause {
        Some(cause) => verdict(Condition::Degraded, cause),
        None => Verdict { condition: Condition::Healthy, cause: None },
    }
}

fn is_core(daemon: &Daemon) -> bool {
    daemon.name == "core" || daemon.name.starts_with("core ")
}

fn does_not_run(state: State) -> &'static str {
    match state {
        State::Unreachable => "does not answer",
        State::Missing => "was not started",
        _ => "does not run",
    }
}

fn with_detail(text: &str, daemon: &Daemon) -> String {
    match &daemon.detail {
        Some(detail) => format!("{text}: {detail}"),
        None => text.to_owned(),
    }
}

fn gone_broker(daemons: &[Daemon]) -> Option<String> {
    let broker = daemons.iter().find(|daemon| daemon.name == "rabbitmq" && daemon.state.is_fault())?;
    let how = if broker.state == State::NotReady { "is not ready" } else { does_not_run(broker.state) };
    Some(with_detail(&format!("no messages flow: the broker {how}"), broker))
}

/// What keeps core from settling messages.
fn not_settling(cores: &[&Daemon]) -> Option<String> {
    let core = cores.iter().find(|core| core.state == State::NotReady)?;
    Some(why(core, "is not settling"))
}

fn not_working(daemon: &Daemon) -> Option<String> {
    (daemon.state == State::NotReady).then(|| why(daemon, "is held up"))
}

/// Of a daemon's components the servers come before what follows from them.
fn why(daemon: &Daemon, how: &str) -> String {
    let ranked = [
        ("ids", "message store "),
        ("star", "star database "),
        ("database", "its database "),
        ("broker", "broker "),
        ("progress", ""),
    ];
    let cause = ranked.iter().find_map(|(name, words)| Some(format!("{words}{}", daemon.down.get(*name)?)));
    let cause = cause.or_else(|| daemon.down.iter().next().map(|(name, reason)| format!("{name}: {reason}")));
    match cause {
        Some(cause) => format!("{} {how}: {cause}", daemon.name),
        None => with_detail(&format!("{} is not ready", daemon.name), daemon),
    }
}

fn held_up(queue: &Queue) -> Option<String> {
    let Queue { name, messages, consumers, most, .. } = queue;
    if *messages > 0 && *consumers == 0 {
        return Some(format!("nobody takes messages from {name}, and {messages} wait"));
    }
    let most = (*most)?;
    (*messages >= most).then(|| format!("{name} is full ({most}): core is slower than what fills it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daemon(name: &str, state: State, down: &[(&str, &str)]) -> Daemon {
        let mut daemon = Daemon::new(name, state);
        daemon.down = down.iter().map(|(name, reason)| ((*name).to_owned(), (*reason).to_owned())).collect();
        daemon
    }

    fn queue(messages: u32, consumers: u32) -> Queue {
        Queue {
            name: "hl7Queue".to_owned(),
            messages,
            consumers,
            most: Some(1000),
            published_per_second: None,
            taken_per_second: None,
        }
    }

    fn cause(daemons: &[Daemon], queues: &[Queue]) -> (Condition, String) {
        let Verdict { condition, cause } = of(daemons, queues);
        (condition, cause.unwrap_or_default())
    }

    #[test]
    fn what_others_depend_on_is_the_cause() {
        use Condition::{Degraded, Down, Healthy};
        use State::{Ended, Missing, NotReady, Ready, Stopped, Unreachable};

        let read_only =
            daemon("core", NotReady, &[("progress", "nothing settled for 30 s"), ("star", "read-only")]);
        let reader = daemon("hl7-reader", Ready, &[]);
        let held_up = daemon("hl7-reader", NotReady, &[("progress", "no progress"), ("star", "read-only")]);
        let ready = daemon("core", Ready, &[]);
        let mut dead = daemon("core", Stopped, &[]);
        dead.detail = Some("exit code 3".to_owned());
        let broker = |state| daemon("rabbitmq", state, &[]);
        for (daemons, queues, expected) in [
            (vec![ready.clone(), reader.clone()], vec![queue(5, 1)], (Healthy, "")),
            (vec![broker(Ready), ready.clone(), daemon("hl7-reader", Ended, &[])], vec![], (Healthy, "")),
            (
                vec![read_only.clone(), held_up.clone()],
                vec![],
                (Degraded, "core is not settling: star database read-only"),
            ),
            (vec![dead.clone(), held_up], vec![queue(5, 0)], (Down, "core does not run: exit code 3")),
            (
                vec![broker(Stopped), read_only],
                vec![],
                (Degraded, "no messages flow: the broker does not run"),
            ),
            (
                vec![ready.clone(), daemon("hl7-reader", Unreachable, &[])],
                vec![],
                (Degraded, "hl7-reader does not answer"),
            ),
            (
                vec![ready.clone(), daemon("hoover", NotReady, &[("Flowsheet", "away")])],
                vec![],
                (Degraded, "hoover is held up: Flowsheet: away"),
            ),
            (
                vec![ready.clone()],
                vec![queue(5, 0)],
                (Degraded, "nobody takes messages from hl7Queue, and 5 wait"),
            ),
            (
                vec![ready],
                vec![queue(1000, 1)],
                (Degraded, "hl7Queue is full (1000): core is slower than what fills it"),
            ),
            (vec![broker(Missing), daemon("core", Missing, &[])], vec![], (Down, "nothing was started")),
            (vec![dead], vec![], (Down, "nothing runs: exit code 3")),
        ] {
            let (condition, text) = expected;
            assert_eq!(cause(&daemons, &queues), (condition, text.to_owned()));
        }
    }

    #[test]
    fn one_core_of_several_suffices_to_be_up() {
        let daemons = [daemon("core 1", State::Ready, &[]), daemon("core 2", State::Stopped, &[])];
        assert_eq!(cause(&daemons, &[]), (Condition::Degraded, "core 2 does not run".to_owned()));
    }
}
