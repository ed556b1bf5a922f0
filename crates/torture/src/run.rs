//! One run: undisturbed, then with faults, then the verdict.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::ensure;
use emap_interchange::queues::HL7_QUEUE;
use emap_test_support::faults::{
    ledger::balance::Messages,
    process::{Usage, free_port},
    server::rabbitmq::queue_length,
};

use crate::{
    daemons::{Addresses, Supervised, connector, core, reader},
    databases::Databases,
    diagnose,
    engine::Engine,
    lanes::{self, Faults},
    outbox,
    output::line,
    report, rules,
    servers::{Names, Servers},
    site::{Lines, Site},
    stream::Row,
    verdict::{Reference, Verdict, account},
    watch::{Endpoints, Progress},
    writer::Writer,
};

/// An undisturbed run that takes longer is stuck.
const UNDISTURBED: Duration = Duration::from_secs(600);
/// After the last fault: the longest pause of a retry, and the work that has piled up.
const TO_DRAIN: Duration = Duration::from_secs(240);
const START: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);
/// Looks in a row at which nothing was left to do.
const AT_REST: usize = 3;

/// What a run needs.
pub(crate) struct Run {
    pub(crate) servers: Servers,
    /// Directory with the daemons' programs.
    pub(crate) programs: PathBuf,
    /// Directory for logs.
    pub(crate) logs: PathBuf,
    pub(crate) rows: Vec<Row>,
    pub(crate) faults: Faults,
    pub(crate) databases: Databases,
    /// Among which core divides the messages; 0 for none.
    pub(crate) partitions: u16,
}

impl Run {
    /// Does it all; whether the promise was kept.
    ///
    /// # Errors
    /// A server or a daemon does not start.
    pub(crate) fn execute(mut self) -> anyhow::Result<bool> {
        let begin = Instant::now();
        let expected = self.undisturbed()?;
        let (count, seconds) = (expected.settled.count(), begin.elapsed().as_secs_f64());
        line(format_args!(
            "{} rows gave {count} messages in an undisturbed run of {seconds:.1} s",
            self.rows.len()
        ));
        self.disturbed(&expected)
    }

    fn undisturbed(&self) -> anyhow::Result<Reference> {
        let names = self.names(["connector_undisturbed", "ids_undisturbed", "uds_undisturbed"])?;
        self.servers.create(&names)?;
        let highest = AtomicI64::new(0);
        self.writer(&names, &highest).write_all()?;
        let (store, star, broker) =
            (self.servers.store.port(), self.servers.star.port(), self.servers.broker.port());
        let addresses = Addresses {
            listener: free_port(),
            database: store,
            append: store,
            actions: broker,
            store,
            progress: star,
            star,
            publish: broker,
            consume: broker,
        };
        let logs = self.logs.join("undisturbed");
        let daemons = self.start(&names, addresses, &logs)?;
        let nothing = Messages::new();
        ensure!(
            self.wait_until_drained(&names, daemons.each_ref(), &nothing, UNDISTURBED),
            "the undisturbed run does not end; see {}",
            logs.display()
        );
        let usage = daemons.each_ref().map(|daemon| Usage::of(daemon.id()));
        daemons.iter().for_each(Supervised::stop);
        Reference::read(&self.servers, &names, usage)
    }

    fn disturbed(&mut self, expected: &Reference) -> anyhow::Result<bool> {
        let names = self.names(["connector", "ids", "uds"])?;
        self.servers.create(&names)?;
        let lines = Lines::start(&self.servers)?;
        let logs = self.logs.join("disturbed");
        let daemons = self.start(&names, lines.addresses(), &logs)?;
        let [connector, reader, core] = daemons.each_ref();
        self.wait_until_ready(daemons.each_ref())?;
        outbox::keep_journal(&self.servers.store, names.connector)?;
        self.servers.mount_small_disk(&names);
        let this = &*self;
        let site = Site { servers: &this.servers, names: &names, lines: &lines, connector, reader, core };
        let engine = Engine::new(lines.send.port());
        let (stop, over, highest) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicI64::new(0));
        let (progress, endpoints) = (Progress::default(), Endpoints::new(&logs)?);
        let begin = Instant::now();
        let (done, drained) = std::thread::scope(|scope| {
            scope.spawn(|| progress.watch(&this.servers, &names, &stop));
            scope.spawn(|| progress.watch_outbox(&this.servers, &names, &stop));
            scope.spawn(|| endpoints.watch(&site, (&engine, &progress), &highest, &stop));
            scope.spawn(|| supervise(daemons.each_ref(), &stop));
            let writing = scope.spawn(|| {
                let share = || (share(over.load(Ordering::Relaxed), this.faults.len())).max(0.02);
                this.writer(&names, &highest).write_gradually(&engine, share, &stop);
            });
            let done = lanes::run(&this.faults, &site, &over);
            lines.lift();
            line(format_args!("{} faults in {:.1} s", done.len(), begin.elapsed().as_secs_f64()));
            let lifted = Instant::now();
            while !writing.is_finished() && lifted.elapsed() < TO_DRAIN {
                sleep(POLL);
            }
            let drained = this.wait_until_drained(&names, daemons.each_ref(), &expected.settled, TO_DRAIN);
            if drained {
                line(format_args!("drained {:.1} s after the last", lifted.elapsed().as_secs_f64()));
            } else {
                diagnose::print(&site);
            }
            stop.store(true, Ordering::Relaxed);
            (done, drained)
        });
        let mut verdict = Verdict::default();
        verdict.look_at_daemons(daemons.each_ref(), expected);
        daemons.iter().for_each(Supervised::stop);
        let told = engine.told();
        verdict.look_at_reception(&this.servers, &names, &this.rows, &told)?;
        verdict.look_at_actions(&this.servers, &names)?;
        let of_rows = Verdict::of(&this.servers, &names, expected, &logs)?;
        verdict.complaints.extend(of_rows.complaints);
        (verdict.balance, verdict.comparison) = (of_rows.balance, of_rows.comparison);
        verdict.complaints.extend(rules::broken(&this.programs, this.servers.star.port(), names.star)?);
        if !drained {
            verdict.complain("the pipeline did not get to its end after all faults were lifted");
        }
        verdict.complaints.extend(endpoints.complaints());
        let ends: Vec<_> = daemons.iter().flat_map(Supervised::ends).collect();
        verdict.look_at_ends(&ends);
        report::print_faults(&done, &progress.advances(told.at.clone()));
        report::print_daemons(&ends, endpoints.gauges());
        report::print_reception(&verdict, &told);
        report::print_verdict(&verdict);
        Ok(verdict.complaints.is_empty() && done.iter().all(|done| done.outcome.is_ok()))
    }

    fn names(&self, [connector, store, star]: [&'static str; 3]) -> anyhow::Result<Names> {
        let databases = self.databases;
        let connector = if databases == Databases::One { store } else { connector };
        let virtual_host = self.servers.broker.fresh_virtual_host()?;
        Ok(Names { databases, connector, store, star, virtual_host, partitions: self.partitions })
    }

    fn writer<'r>(&'r self, names: &Names, highest: &'r AtomicI64) -> Writer<'r> {
        Writer { server: &self.servers.store, database: names.store, rows: &self.rows, highest }
    }

    fn start(&self, names: &Names, addresses: Addresses, logs: &Path) -> anyhow::Result<[Supervised; 3]> {
        std::fs::create_dir_all(logs)?;
        let connector = connector(&self.programs, names, addresses);
        let connector = Supervised::start("connector", connector, logs)?;
        let core = Supervised::start("core", core(&self.programs, names, addresses), logs)?;
        let reader = Supervised::start("ids-reader", reader(&self.programs, names, addresses), logs)?;
        Ok([connector, reader, core])
    }

    fn wait_until_ready(&self, daemons: [&Supervised; 3]) -> anyhow::Result<()> {
        let is_ready = |daemon: &Supervised| {
            emap_test_support::faults::process::get(daemon.port(), "/health/ready")
                .is_some_and(|answer| answer.status == 200)
        };
        let begin = Instant::now();
        while !daemons.into_iter().all(is_ready) {
            ensure!(begin.elapsed() < START, "the daemons do not get ready; see {}", self.logs.display());
            daemons.into_iter().for_each(Supervised::look_after);
            sleep(POLL);
        }
        Ok(())
    }

    /// Waits until every row is dealt with and the queue is empty; false if that takes too long.
    fn wait_until_drained(
        &self,
        names: &Names,
        daemons: [&Supervised; 3],
        expected: &Messages,
        at_most: Duration,
    ) -> bool {
        let begin = Instant::now();
        let mut rests = 0;
        while begin.elapsed() < at_most {
            daemons.into_iter().for_each(Supervised::look_after);
            rests = if self.is_drained(names, expected) { rests + 1 } else { 0 };
            if rests == AT_REST {
                return true;
            }
            sleep(POLL);
        }
        false
    }

    fn is_drained(&self, names: &Names, expected: &Messages) -> bool {
        if queue_length(&self.servers.broker, &names.virtual_host, HL7_QUEUE) != Some((0, 0)) {
            return false;
        }
        let published = "SELECT count(*) FROM connector_outbox";
        if self.servers.store.query(names.connector, published).is_ok_and(|waiting| waiting != "0") {
            return false;
        }
        let Ok(account) = account(&self.servers, names, Messages::new()) else { return false };
        let balance = account.balance(expected, true);
        balance.lost.is_empty() && balance.stuck.is_empty()
    }
}

fn supervise(daemons: [&Supervised; 3], stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        daemons.into_iter().for_each(Supervised::look_after);
        sleep(POLL);
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of faults are far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
