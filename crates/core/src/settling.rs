//! Whether messages get settled: what readiness says of core as a whole.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use emap_service::Component;

/// Counts commits; clones share the number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commits(Arc<AtomicU64>);

impl Commits {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Watches over the component that says whether messages get settled.
///
/// It is up after a commit, or while no message waits and both servers are there. It is down while one of them is not,
/// and when messages wait and nothing was committed for so long, for whatever reason; then until the next commit.
#[derive(Debug)]
pub(crate) struct Settling {
    component: Component,
    servers: [Component; 2],
    limit: Duration,
    commits: Commits,
    seen: u64,
    /// When something was last committed, or nothing waited.
    last: Instant,
    /// Whether that was after the last trouble.
    proven: bool,
}

impl Settling {
    pub(crate) fn new(
        component: Component,
        servers: [Component; 2],
        limit: Duration,
        commits: Commits,
        now: Instant,
    ) -> Self {
        Self { component, servers, limit, commits, seen: 0, last: now, proven: false }
    }

    /// Brings the component up to date.
    pub(crate) fn look(&mut self, messages_wait: bool, now: Instant) {
        let commits = self.commits.so_far();
        let committed = std::mem::replace(&mut self.seen, commits) != commits;
        if !self.servers.iter().all(Component::is_up) {
            self.proven = false;
            self.component.down("waits for what is down");
        } else if committed || !messages_wait {
            (self.last, self.proven) = (now, true);
            self.component.up();
        } else if self.proven && now.saturating_duration_since(self.last) >= self.limit {
            self.proven = false;
            let seconds = self.limit.as_secs();
            self.component.down(format!("messages wait, and nothing was committed for {seconds} s"));
        }
    }
}

#[cfg(test)]
mod tests {
    use emap_service::Health;

    use super::*;

    struct World {
        health: Health,
        servers: [Component; 2],
        commits: Commits,
        settling: Settling,
        now: Instant,
    }

    impl World {
        fn new() -> Self {
            let (health, commits, now) = (Health::new(), Commits::default(), Instant::now());
            let servers = ["star", "broker"].map(|name| health.component(name));
            let limit = Duration::from_secs(25);
            let progress = health.component("progress");
            let settling = Settling::new(progress, servers.clone(), limit, commits.clone(), now);
            Self { health, servers, commits, settling, now }
        }

        fn connected() -> Self {
            let world = Self::new();
            world.servers.iter().for_each(Component::up);
            world
        }

        /// After so many seconds, looked at every second.
        fn is_ready_after(&mut self, seconds: u64, messages_wait: bool) -> bool {
            for _ in 0..seconds {
                self.now += Duration::from_secs(1);
                self.settling.look(messages_wait, self.now);
            }
            self.health.is_ready()
        }
    }

    #[test]
    fn up_when_nothing_waits_and_the_servers_are_there() {
        let mut world = World::new();
        assert!(!world.is_ready_after(1, false));
        world.servers.iter().for_each(Component::up);
        assert!(world.is_ready_after(1, false));
    }

    #[test]
    fn with_messages_waiting_up_after_a_commit_only() {
        let mut world = World::connected();
        assert!(!world.is_ready_after(5, true));
        world.commits.count();
        assert!(world.is_ready_after(1, true));
    }

    #[test]
    fn down_when_messages_wait_and_nothing_is_committed() {
        let mut world = World::connected();
        assert!(world.is_ready_after(100, false));
        assert!(world.is_ready_after(24, true));
        assert!(!world.is_ready_after(1, true));
        assert!(!world.is_ready_after(99, true));
        world.commits.count();
        assert!(world.is_ready_after(24, true));
    }

    #[test]
    fn connecting_again_is_not_enough() {
        let mut world = World::connected();
        assert!(world.is_ready_after(1, false));
        world.servers[0].down("lost");
        assert!(!world.is_ready_after(1, true));
        world.servers[0].up();
        assert!(!world.is_ready_after(9, true));
        world.commits.count();
        assert!(world.is_ready_after(1, true));
    }
}
