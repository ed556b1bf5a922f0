//! Faults of a connection, at a message.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use emap_test_support::faults::{
    Proxy, amqp, mllp,
    plan::{Action, Fault, Side},
    postgres,
};
use fastrand::Rng;

use super::outcome::Outcome;
use crate::kinds::What;

/// A fault happens at one of so many messages from its beginning: a few batches.
const MESSAGES: u64 = 80;
/// The same on a connection over which little goes.
const FEW_MESSAGES: u64 = 12;
/// The same for messages of one kind, such as COMMIT.
const OF_A_KIND: u64 = 4;
/// How long a fault waits for its message: a connection that was lost takes a while to be made again.
const PATIENCE: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(5);

/// Between a daemon and PostgreSQL. `commit`: text of the statement that commits.
pub(super) fn postgres(
    (proxy, commit): (&postgres::Proxy, &str),
    what: What,
    lasts: Duration,
    random: &mut Rng,
) -> Outcome {
    use postgres::{Filter, SqlState};
    let commit = |action, random: &mut Rng| {
        Fault::at_client(Filter::statement(commit), action).nth(random.u64(1..=OF_A_KIND))
    };
    let state = random.choice(SqlState::UNWILLING).unwrap_or(SqlState::INTERNAL_ERROR);
    let refuse = |random: &mut Rng| {
        Fault::at_client(Filter::any(), Action::Refuse(state)).nth(random.u64(1..=MESSAGES))
    };
    match what {
        What::RefuseOnce => at_message(proxy, refuse(random)),
        What::RefuseAll => for_a_while(proxy, refuse(random).nth(1).always(), lasts),
        What::CutCommit => at_message(proxy, commit(Action::Cut, random)),
        What::LoseCommit => at_message(proxy, commit(Action::LoseAnswer, random)),
        _ => any((proxy, MESSAGES), Filter::any(), what, lasts, random),
    }
}

/// Between the connector and RabbitMQ: only some messages have actions.
pub(super) fn actions(proxy: &amqp::Proxy, what: What, lasts: Duration, random: &mut Rng) -> Outcome {
    amqp_within(FEW_MESSAGES, proxy, what, lasts, random)
}

/// Between another daemon and RabbitMQ.
pub(super) fn amqp(proxy: &amqp::Proxy, what: What, lasts: Duration, random: &mut Rng) -> Outcome {
    amqp_within(MESSAGES, proxy, what, lasts, random)
}

fn amqp_within(most: u64, proxy: &amqp::Proxy, what: What, lasts: Duration, random: &mut Rng) -> Outcome {
    use amqp::{Filter, Kind, ReplyCode};
    match what {
        What::CloseConnection => {
            let codes = [ReplyCode::CONNECTION_FORCED, ReplyCode::RESOURCE_ERROR, ReplyCode::INTERNAL_ERROR];
            let code = random.choice(codes).unwrap_or(ReplyCode::INTERNAL_ERROR);
            let close = Fault::at_client(Filter::any(), Action::Refuse(code));
            at_message(proxy, close.nth(random.u64(1..=most)))
        }
        What::LoseConfirm => {
            let lose = Fault::at_client(Kind::BASIC_PUBLISH, Action::LoseAnswer);
            at_message(proxy, lose.nth(random.u64(1..=most)))
        }
        What::CutContent => {
            // Messages come from the reader and the connector, and go from the broker to core: only one side has any.
            let nth = random.u64(1..=most);
            let cut = |side| Fault::at(side, Kind::Body, Action::Cut).nth(nth);
            let plan = amqp::FaultPlan::from(cut(Side::Client)).and(cut(Side::Server));
            at_message(proxy, plan)
        }
        What::LoseSettling => {
            let action = if random.bool() { Action::Cut } else { Action::LoseAnswer };
            at_message(proxy, Fault::at_client(Kind::BASIC_ACK, action).nth(random.u64(1..=OF_A_KIND)))
        }
        _ => any((proxy, most), Filter::any(), what, lasts, random),
    }
}

/// Between the sender and the connector.
pub(super) fn mllp(proxy: &mllp::Proxy, what: What, lasts: Duration, random: &mut Rng) -> Outcome {
    use mllp::{Fault, Frame};
    match what {
        What::LoseAnswer => {
            at_message(proxy, Fault::at_client(Frame, Action::LoseAnswer).nth(random.u64(1..=OF_A_KIND)))
        }
        _ => any((proxy, MESSAGES), Frame, what, lasts, random),
    }
}

/// What happens to connections of any protocol, at one of the next `most` messages. `every`: the filter that every message
/// fits.
fn any<F, R>(
    (proxy, most): (&Proxy<F, R>, u64),
    every: F,
    what: What,
    lasts: Duration,
    random: &mut Rng,
) -> Outcome
where
    F: Send + 'static,
    R: Clone + Send + 'static,
{
    let side = if random.bool() { Side::Client } else { Side::Server };
    let nth = random.u64(1..=most);
    let at = |action| Fault::at(side, every, action).nth(nth);
    match what {
        What::Cut => at_message(proxy, at(Action::Cut)),
        What::Stall => {
            let stalled = at_message(proxy, at(Action::Stall(Some(lasts))));
            if stalled == Outcome::Happened {
                sleep(lasts);
            }
            stalled
        }
        What::Slow => {
            let each = Duration::from_millis(random.u64(1..=20));
            for_a_while(proxy, at(Action::Delay(each)).nth(1).always(), lasts)
        }
        What::Silence => {
            let silent = at_message(proxy, at(Action::Silence));
            if silent == Outcome::Happened {
                sleep(lasts);
                // The host is there again and knows nothing of the connection.
                proxy.cut();
            }
            silent
        }
        _ => Outcome::NoOccasion("no fault of a connection"),
    }
}

/// Waits until the fault happens, for a while.
fn at_message<F, R>(
    proxy: &Proxy<F, R>,
    plan: impl Into<emap_test_support::faults::plan::FaultPlan<F, R>>,
) -> Outcome
where
    F: Send + 'static,
    R: Clone + Send + 'static,
{
    let happened = happens(proxy, plan);
    proxy.disarm();
    outcome(happened)
}

/// The time counts from the first message that it happens to.
fn for_a_while<F, R>(proxy: &Proxy<F, R>, fault: Fault<F, R>, lasts: Duration) -> Outcome
where
    F: Send + 'static,
    R: Clone + Send + 'static,
{
    let happened = happens(proxy, fault);
    if happened {
        sleep(lasts);
    }
    proxy.disarm();
    outcome(happened)
}

/// Whether the fault has happened within a while; it stays armed.
fn happens<F, R>(
    proxy: &Proxy<F, R>,
    plan: impl Into<emap_test_support::faults::plan::FaultPlan<F, R>>,
) -> bool
where
    F: Send + 'static,
    R: Clone + Send + 'static,
{
    let before = proxy.happened();
    proxy.arm(plan);
    let begin = Instant::now();
    while proxy.happened() == before && begin.elapsed() < PATIENCE {
        sleep(POLL);
    }
    proxy.happened() > before
}

fn outcome(happened: bool) -> Outcome {
    if happened { Outcome::Happened } else { Outcome::NoOccasion("no message") }
}
