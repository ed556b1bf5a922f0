//! Which partitions this core may work on: the worker takes and loses them with its database session, and the side that
//! faces the broker consumes what the worker has.
//!
//! ```text
//!          lock taken                 too many
//! (none) ─────────────► Held ──────────────────────► Leaving
//!    ▲                   │ session lost                 │ consumer closed
//!    │ consumer closed   ▼                              ▼
//!    ├────────────────  Lost ◄─────── session lost ─── Left
//!    └───────────────────────────────── lock released ──┘
//! ```
//!
//! A claim has a term of its own. Messages that were taken under one term are never processed under another: there
//! may be messages between them that another core had.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use emap_star::{Session, SessionError, SessionId};
use tokio::sync::Notify;

/// How often the worker looks who takes part.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// How often a new session asks for the partition of the batch in hand, and how long it waits in between: the server
/// may need a moment to end the former one.
const REGAIN: (u32, Duration) = (20, Duration::from_millis(50));

/// The right to work on a partition, for one term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) partition: u8,
    term: u64,
}

/// What is with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It holds; messages are taken.
    Held,
    /// It holds; what is on its way is finished, and nothing more is taken.
    Leaving,
    /// It holds, and nothing is taken any more: it can be let go.
    Left,
    /// It is another's, or nobody's. Nothing that was taken may be processed.
    Lost,
}

/// What the worker and the side that faces the broker know of each other; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    table: Arc<Mutex<Table>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Table {
    claims: BTreeMap<u8, (Claim, State)>,
    terms: u64,
    /// Partitions into which messages are divided now or soon.
    configured: u8,
    /// Partitions that have a queue.
    there: u8,
    /// Whether this core takes part.
    takes_part: bool,
}

impl Claims {
    /// Of a core that is to divide messages among so many partitions.
    pub(crate) fn new(configured: u8) -> Self {
        let claims = Self::default();
        claims.table().configured = configured;
        claims
    }

    /// So many partitions have a queue; whether this core takes part in sharing them out.
    pub(crate) fn set_there(&self, there: u8, takes_part: bool) {
        let mut table = self.table();
        (table.there, table.takes_part) = (there, takes_part);
    }

    /// All claims with their states.
    pub(crate) fn all(&self) -> Vec<(Claim, State)> {
        self.table().claims.values().copied().collect()
    }

    /// Waits until a state may have changed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Nothing is taken under the claim, and the broker knows.
    pub(crate) fn closed(&self, claim: Claim) {
        let mut table = self.table();
        match table.state_of(claim) {
            Some(State::Lost) => {
                table.claims.remove(&claim.partition);
            }
            Some(_) => {
                table.claims.insert(claim.partition, (claim, State::Left));
            }
            None => {}
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Every change is a single one.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn state_of(&self, claim: Claim) -> Option<State> {
        self.claims.get(&claim.partition).filter(|(known, _)| *known == claim).map(|(_, state)| *state)
    }

    fn set(&mut self, claim: Claim, state: State) {
        self.claims.insert(claim.partition, (claim, state));
    }

    fn in_state(&self, wanted: State) -> Vec<Claim> {
        self.claims.values().filter(|(_, state)| *state == wanted).map(|(claim, _)| *claim).collect()
    }

    /// The session that had the claims is gone.
    fn lose_all_but(&mut self, kept: Option<Claim>) {
        let held: Vec<Claim> = self.claims.values().map(|(claim, _)| *claim).collect();
        for claim in held.into_iter().filter(|claim| Some(*claim) != kept) {
            self.lose(claim);
        }
    }

    fn lose(&mut self, claim: Claim) {
        match self.state_of(claim) {
            // Nobody has to be told.
            Some(State::Left) => {
                self.claims.remove(&claim.partition);
            }
            Some(_) => self.set(claim, State::Lost),
            None => {}
        }
    }

    /// The partitions that are shared out together: those of the present division, and those that only a former one
    /// had, which are nearly always empty.
    fn groups(&self) -> [Vec<u8>; 2] {
        let present = self.configured.min(self.there);
        [(0..present).collect(), (present..self.there).collect()]
    }
}

/// The worker's part: what is asked of its session.
#[derive(Debug)]
pub(crate) struct Claimant {
    claims: Claims,
    schema: String,
    /// The session that has the locks.
    session: Option<SessionId>,
    is_member: bool,
    next_look: Instant,
}

impl Claimant {
    pub(crate) fn new(claims: Claims, schema: String) -> Self {
        Self { claims, schema, session: None, is_member: false, next_look: Instant::now() }
    }

    /// Whether this core has to do with partitions at all: one that takes no part any more has to let its own go.
    pub(crate) fn is_on(&self) -> bool {
        let table = self.claims.table();
        self.is_member || table.takes_part || !table.claims.is_empty()
    }

    pub(crate) fn may_process(&self, claim: Claim) -> bool {
        matches!(self.claims.table().state_of(claim), Some(State::Held | State::Leaving))
    }

    /// A new session takes the place of the one before, which is ended. Every claim is lost, unless this session gets
    /// that of the batch in hand; says whether it does.
    ///
    /// # Errors
    /// When the database refuses or is lost; then another session has to be begun.
    pub(crate) fn renew(
        &mut self,
        session: &mut Session,
        in_hand: Option<Claim>,
    ) -> Result<bool, SessionError> {
        self.claims.table().lose_all_but(in_hand);
        self.claims.changed.notify_one();
        self.is_member = false;
        if let Some(former) = &self.session {
            session.end_former(former)?;
            self.session = None;
        }
        let Some(claim) = in_hand else { return Ok(true) };
        let regained = self.may_process(claim) && self.regain(session, claim)?;
        if !regained {
            self.claims.table().lose(claim);
        }
        Ok(regained)
    }

    /// Messages that were taken under the claim are not processed: neither may those behind them be.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub(crate) fn give_up(&mut self, session: &mut Session, claim: Claim) -> Result<(), SessionError> {
        if self.may_process(claim) {
            session.unclaim(&self.schema, claim.partition)?;
            self.claims.table().lose(claim);
            self.claims.changed.notify_one();
        }
        Ok(())
    }

    fn regain(&mut self, session: &mut Session, claim: Claim) -> Result<bool, SessionError> {
        self.session = session.id()?;
        let (tries, pause) = REGAIN;
        for _ in 0..tries {
            if session.try_claim(&self.schema, claim.partition)? {
                return Ok(true);
            }
            std::thread::sleep(pause);
        }
        Ok(false)
    }

    /// Whether it is time to [look](Self::look) again.
    pub(crate) fn is_due(&self) -> bool {
        self.is_on() && Instant::now() >= self.next_look
    }

    /// Lets go what is left, and takes or leaves partitions, so that every core has its share.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub(crate) fn look(&mut self, session: &mut Session) -> Result<(), SessionError> {
        self.next_look = Instant::now() + LOOK;
        if self.session.is_none() {
            self.session = session.id()?;
        }
        self.take_part(session)?;
        let left = self.claims.table().in_state(State::Left);
        for claim in left {
            session.unclaim(&self.schema, claim.partition)?;
            self.claims.table().claims.remove(&claim.partition);
        }
        let members = if self.is_member { session.members(&self.schema)?.max(1) } else { 0 };
        let groups = self.claims.table().groups();
        for group in groups {
            let share = if members == 0 { 0 } else { group.len().div_ceil(members) };
            self.balance(session, &group, share)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 64")]
        metrics::gauge!("emap_core_partitions_held")
            .set(self.claims.table().in_state(State::Held).len() as f64);
        self.claims.changed.notify_one();
        Ok(())
    }

    fn take_part(&mut self, session: &mut Session) -> Result<(), SessionError> {
        let wanted = self.claims.table().takes_part;
        if wanted && !self.is_member {
            session.join(&self.schema)?;
        } else if !wanted && self.is_member {
            session.leave(&self.schema)?;
        }
        self.is_member = wanted;
        Ok(())
    }

    fn balance(&mut self, session: &mut Session, group: &[u8], share: usize) -> Result<(), SessionError> {
        let mut held = self.claims.table().in_state(State::Held);
        held.retain(|claim| group.contains(&claim.partition));
        // What came last goes first.
        held.sort_unstable_by_key(|claim| claim.term);
        for surplus in held.iter().skip(share) {
            self.claims.table().set(*surplus, State::Leaving);
        }
        let mut lacking = share.saturating_sub(held.len());
        for partition in group {
            if lacking == 0 {
                break;
            }
            // Another's, or a claim of ours that is on its way out.
            if self.claims.table().claims.contains_key(partition)
                || !session.try_claim(&self.schema, *partition)?
            {
                continue;
            }
            let mut table = self.claims.table();
            table.terms += 1;
            let claim = Claim { partition: *partition, term: table.terms };
            table.set(claim, State::Held);
            lacking -= 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use emap_test_support::database::{Database, SCHEMA, fresh};

    use super::*;

    const PARTITIONS: u8 = 8;

    /// A core's worker and what it knows.
    struct Core {
        claims: Claims,
        claimant: Claimant,
        session: Session,
    }

    impl Core {
        fn new(database: &Database) -> Self {
            let claims = Claims::new(PARTITIONS);
            claims.set_there(PARTITIONS, true);
            let claimant = Claimant::new(claims.clone(), SCHEMA.to_owned());
            Self { claims, claimant, session: Self::session(database) }
        }

        fn session(database: &Database) -> Session {
            Session::on_database(emap_star::connect(&database.url(), SCHEMA).unwrap()).unwrap()
        }

        /// A look if there is to be one, and the broker's side closes at once what it is to close.
        fn look(&mut self) {
            if !self.claimant.is_on() {
                return;
            }
            self.claimant.look(&mut self.session).unwrap();
            for (claim, state) in self.claims.all() {
                if state != State::Held {
                    self.claims.closed(claim);
                }
            }
        }

        fn held(&self) -> Vec<u8> {
            let held = self.claims.table().in_state(State::Held);
            held.iter().map(|claim| claim.partition).collect()
        }
    }

    #[test]
    fn every_core_gets_its_share_when_one_comes_or_goes() {
        let database = fresh();
        let mut one = Core::new(&database);
        one.look();
        assert_eq!(one.held(), [0, 1, 2, 3, 4, 5, 6, 7]);
        let mut other = Core::new(&database);
        for _ in 0..3 {
            other.look();
            one.look();
        }
        other.look();
        assert_eq!((one.held(), other.held()), (vec![0, 1, 2, 3], vec![4, 5, 6, 7]));
        drop(one);
        let mut tries = 0;
        while other.held().len() < usize::from(PARTITIONS) {
            other.look();
            tries += 1;
            assert!(tries < 1000, "{:?}", other.held());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_core_that_takes_no_part_lets_everything_go() {
        let database = fresh();
        let (mut one, mut other) = (Core::new(&database), Core::new(&database));
        one.look();
        one.claims.set_there(PARTITIONS, false);
        one.look();
        one.look();
        assert!(one.held().is_empty());
        other.look();
        assert_eq!(other.held().len(), usize::from(PARTITIONS));
    }

    #[test]
    fn a_claim_that_is_leaving_is_kept_until_nothing_is_taken_any_more() {
        let database = fresh();
        let (mut one, mut other) = (Core::new(&database), Core::new(&database));
        one.look();
        other.look();
        one.claimant.look(&mut one.session).unwrap();
        let leaving = one.claims.table().in_state(State::Leaving);
        assert_eq!(leaving.len(), 4);
        assert!(leaving.iter().all(|claim| one.claimant.may_process(*claim)));
        other.look();
        assert!(other.held().is_empty());
        one.claims.closed(leaving[0]);
        assert!(!one.claimant.may_process(leaving[0]));
        one.claimant.look(&mut one.session).unwrap();
        other.look();
        assert_eq!(other.held(), [leaving[0].partition]);
    }

    #[test]
    fn with_the_session_every_claim_is_lost_but_that_of_the_batch_in_hand() {
        let database = fresh();
        let mut one = Core::new(&database);
        one.look();
        let held = one.claims.table().in_state(State::Held);
        let (in_hand, rest) = held.split_first().unwrap();
        // The former session still has its locks: the new one ends it.
        let mut session = Core::session(&database);
        assert!(one.claimant.renew(&mut session, Some(*in_hand)).unwrap());
        assert!(one.claimant.may_process(*in_hand));
        assert!(rest.iter().all(|claim| !one.claimant.may_process(*claim)));
        // What is lost is not claimed anew before its consumer is closed.
        one.session = session;
        one.claimant.look(&mut one.session).unwrap();
        assert_eq!(one.held(), [in_hand.partition]);
        for claim in rest {
            one.claims.closed(*claim);
        }
        one.look();
        assert_eq!(one.held().len(), usize::from(PARTITIONS));
        assert!(!one.claimant.may_process(rest[0]), "of the term before");
    }

    #[test]
    fn a_batch_whose_partition_another_core_has_meanwhile_is_given_up() {
        let database = fresh();
        let mut one = Core::new(&database);
        one.look();
        let in_hand = one.claims.table().in_state(State::Held)[0];
        let lost = std::mem::replace(&mut one.session, Core::session(&database));
        drop(lost);
        let mut other = Core::new(&database);
        let mut tries = 0;
        while !other.held().contains(&in_hand.partition) {
            other.look();
            tries += 1;
            assert!(tries < 1000, "the session does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut session = Core::session(&database);
        assert!(!one.claimant.renew(&mut session, Some(in_hand)).unwrap());
        assert!(!one.claimant.may_process(in_hand));
    }
}
