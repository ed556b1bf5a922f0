//! What every sweep does, whichever daemon and whichever of its conversations it is about.

use std::time::Duration;

use emap_local_services::rabbitmq;
use emap_queue::{BrokerConfig, Transport};
use emap_test_support::faults::{
    Proxy,
    plan::{FaultPlan, Positions},
};

use crate::positions::{Tries, Try};

/// What takes longer is stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two attempts of a daemon.
pub(crate) const PAUSES: Duration = Duration::from_millis(10);
/// Daemons that sweep at the same time.
const AT_ONCE: usize = 8;

/// Conversations that are looked at undisturbed. How often a server says something depends on when it is asked: what is
/// tried are the positions that every conversation has.
const UNDISTURBED: usize = 3;

/// A daemon at work, with databases, a virtual host and proxies of its own.
pub(crate) trait World {
    /// Gives it a batch, and waits until it is done with it.
    fn batch(&mut self, about: &str);
    /// Asks it to end, and waits for that.
    fn stop(self);
}

/// Sweeps one conversation of a daemon, over the proxy that leads to the server: finds out how long the conversation
/// about a batch is when its connection is made anew for it, tries every fault at every position, and then checks what
/// is left.
pub(crate) fn sweep<W: World, F, R>(
    what: &str,
    start: impl Fn() -> W + Sync,
    proxy: impl Fn(&W) -> &Proxy<F, R> + Sync,
    plan: impl Fn(Try) -> FaultPlan<F, R> + Sync,
    check: impl Fn(&W) + Sync,
) where
    F: Send + 'static,
    R: Clone + Send + 'static,
{
    let started = || {
        let mut world = start();
        world.batch("the first batch");
        world
    };
    let mut undisturbed = started();
    let lengths: Vec<Positions> = (0..UNDISTURBED)
        .map(|_| {
            proxy(&undisturbed).disarm();
            proxy(&undisturbed).cut();
            undisturbed.batch("an undisturbed batch");
            proxy(&undisturbed).positions()
        })
        .collect();
    undisturbed.stop();
    let positions = shortest(&lengths);
    let tries = Tries::new(positions);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut world = started();
                while let Some(one) = tries.next() {
                    proxy(&world).arm(plan(one));
                    proxy(&world).cut();
                    world.batch(&format!("{one:?}"));
                    proxy(&world).release();
                }
                tries.happened(proxy(&world));
                check(&world);
                world.stop();
            });
        }
    });
    tries.conclude(what, positions);
}

fn shortest(lengths: &[Positions]) -> Positions {
    let shortest = |length: fn(&Positions) -> u64| lengths.iter().map(length).min().unwrap_or_default();
    Positions {
        client: shortest(|length| length.client),
        server: shortest(|length| length.server),
        connections: shortest(|length| length.connections),
    }
}

/// The tests' broker, over the proxy at this port.
pub(crate) fn broker(port: u16, virtual_host: &str, silence: Duration) -> Transport {
    Transport::Amqp(BrokerConfig {
        host: rabbitmq::shared().host().to_owned(),
        port,
        virtual_host: virtual_host.to_owned(),
        silence,
        ..BrokerConfig::default()
    })
}

/// What a daemon runs in: it ends with its world.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
