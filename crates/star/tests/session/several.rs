//! Several processes at the same rows that no lock covers: no change is lost, nothing is created twice, nobody waits for
//! ever, and history is gapless whatever the clocks say.

use std::{sync::mpsc, thread, time::Duration};

use emap_star::{
    Audited, Batch, ErrorClass, Holds, Id, Instant, Lookup, MessageScope, Row, RowState, Session,
    SessionError, Subjects, Tables, rows::*,
};
use emap_test_support::{
    database::{Database, SCHEMA, fresh},
    faults::ledger::history,
};
use proptest::{collection::vec, prelude::*, sample::subsequence};

use crate::{at, begin, on};

/// Long enough for another process to get on, if nothing keeps it.
const A_WHILE: Duration = Duration::from_millis(300);
/// A test that waits longer has found processes that wait for each other.
const PATIENCE: Duration = Duration::from_secs(30);

/// A row that several processes create and change. Its text gets a letter with each change.
struct Shared {
    table: &'static str,
    /// Column with the text.
    column: &'static str,
    /// Looks the row up, as far as memory does not have it.
    look_up: fn(&mut Batch<'_>) -> Result<(), SessionError>,
    /// Adds a letter to the text of the row, which is created if it is not known.
    add: fn(&mut MessageScope<'_>, Instant, char) -> Result<(), SessionError>,
}

/// `Row by Lookup(key): a new row, its text`; `plain` rows have no former versions.
macro_rules! shared {
    ($($write:ident $row:ident by $lookup:ident($key:expr): $new:expr, $column:ident $(. $get:ident())?;)*) => {
        vec![$(Shared {
            table: $row::TABLE,
            column: stringify!($column),
            look_up: |batch| batch.find::<$lookup>(&$key).map(drop),
            add: |scope, at, letter| {
                $write::<$lookup>(scope, &$key, $new, at, |row| row.$column$(.$get())?.push(letter))
            },
        },)*]
    };
}

/// A row of each kind that any process may create and change, whatever it has locked. Rows of a plain table among them
/// are kept in memory from batch to batch.
fn all() -> Vec<Shared> {
    shared! {
        plain AdvanceDecisionType by AdvanceDecisionTypeByCode("D".to_owned()):
            |id| AdvanceDecisionType::new(id, "D".to_owned(), String::new()), name;
        audited VisitObservationType by ObservationTypeByInterfaceId("I".to_owned()):
            |id| VisitObservationType {
                interface_id: Some("I".to_owned()),
                ..VisitObservationType::new(id, "flowsheet".to_owned())
            }, name.get_or_insert_default();
        audited VisitObservationType by ObservationTypeByApplicationId("A".to_owned()):
            |id| VisitObservationType {
                id_in_application: Some("A".to_owned()),
                ..VisitObservationType::new(id, "flowsheet".to_owned())
            }, description.get_or_insert_default();
        audited LabBattery by BatteryByCode(BatteryCode {
            lab_provider: "L".to_owned(),
            battery_code: "B".to_owned(),
        }):
            |id| LabBattery {
                battery_code: Some("B".to_owned()),
                ..LabBattery::new(id, "L".to_owned())
            }, battery_name.get_or_insert_default();
        audited LabTestDefinition by TestByCode(TestCode {
            lab_provider: "L".to_owned(),
            test_lab_code: "T".to_owned(),
        }):
            |id| LabTestDefinition::new(id, "L".to_owned(), "T".to_owned()), name.get_or_insert_default();
        audited ConditionType by ConditionTypeByCode(ConditionTypeCode {
            data_type: "PROBLEM_LIST".to_owned(),
            internal_code: "C".to_owned(),
        }):
            |id| ConditionType {
                internal_code: Some("C".to_owned()),
                ..ConditionType::new(id, "PROBLEM_LIST".to_owned())
            }, name.get_or_insert_default();
        audited ConsultationType by ConsultationTypeByCode("K".to_owned()):
            |id| ConsultationType::new(id, "K".to_owned()), name.get_or_insert_default();
        audited FormDefinition by FormDefinitionBySourceId("F".to_owned()):
            |id| FormDefinition::new(id, "F".to_owned()), name.get_or_insert_default();
        audited FormQuestion by FormQuestionBySourceId("Q".to_owned()):
            |id| FormQuestion::new(id, "Q".to_owned()), concept_name.get_or_insert_default();
        audited PatientCondition by ConditionByNumber(9):
            |id| PatientCondition {
                internal_id: Some(9),
                ..PatientCondition::new(id, Id::new(-3), Id::new(-1))
            }, comment.get_or_insert_default();
        audited ConsultationRequest by ConsultationByNumber(9):
            |id| ConsultationRequest::new(id, 9, Id::new(-4), Id::new(-2)), comments.get_or_insert_default();
        audited Form by FormBySourceId("f".to_owned()):
            |id| Form { hospital_visit_id: Some(Id::new(-2)), ..Form::new(id, "f".to_owned()) },
            note_id.get_or_insert_default();
    }
}

fn audited<L>(
    scope: &mut MessageScope<'_>,
    key: &L::Key,
    new: impl FnOnce(Id<L::Row>) -> L::Row,
    at: Instant,
    add: impl FnOnce(&mut L::Row),
) -> Result<(), SessionError>
where
    L: Lookup<Row: Audited>,
    Tables: Holds<L::Row>,
{
    let mut row = match scope.find_one::<L>(key)?.cloned() {
        Some(known) => RowState::existing(known, at),
        None => RowState::created(new(scope.next_id()?), at),
    };
    add(&mut row);
    scope.save(row)
}

fn plain<L: Lookup>(
    scope: &mut MessageScope<'_>,
    key: &L::Key,
    new: impl FnOnce(Id<L::Row>) -> L::Row,
    _: Instant,
    add: impl FnOnce(&mut L::Row),
) -> Result<(), SessionError>
where
    Tables: Holds<L::Row>,
{
    let mut row = match scope.find_one::<L>(key)?.cloned() {
        Some(known) => known,
        None => new(scope.next_id()?),
    };
    add(&mut row);
    scope.put(row)
}

/// A database with the patient, the visit and the kinds that the rows refer to.
fn prepared() -> Database {
    let database = fresh();
    database.execute(
        "INSERT INTO mrn (mrn_id, mrn, stored_from) VALUES (-1, 'M', '2030-01-01Z');
         INSERT INTO hospital_visit (hospital_visit_id, mrn_id, encounter, source_system, valid_from, stored_from)
           VALUES (-2, -1, 'V', 'EPIC', '2030-01-01Z', '2030-01-01Z');
         INSERT INTO condition_type (condition_type_id, data_type, valid_from, stored_from)
           VALUES (-3, 'PATIENT_INFECTION', '2030-01-01Z', '2030-01-01Z');
         INSERT INTO consultation_type (consultation_type_id, code, valid_from, stored_from)
           VALUES (-4, 'other', '2030-01-01Z', '2030-01-01Z')",
    );
    database
}

/// The same, as other software left it: with rows that forbid the unique indexes.
fn without_unique_indexes() -> Database {
    let database = prepared();
    database.execute(
        "DO $$ DECLARE name text; BEGIN
           FOR name IN SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
             FROM pg_constraint WHERE contype = 'u' AND connamespace = 'star'::regnamespace
           LOOP EXECUTE name; END LOOP;
           FOR name IN SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
             WHERE indisunique AND NOT indisprimary AND relnamespace = 'star'::regnamespace
           LOOP EXECUTE name; END LOOP;
         END $$",
    );
    database
}

/// One change of each of the chosen rows.
#[derive(Debug, Clone)]
struct Change {
    letter: char,
    /// Hour by the clock of the process.
    hour: u32,
    rows: Vec<usize>,
}

/// The letters of a row's text, in alphabetical order; of all its rows, if there are several.
fn letters(database: &Database, shared: &Shared) -> String {
    let Shared { table, column, .. } = shared;
    let texts = database.rows(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"));
    let mut letters: Vec<char> = texts.join(" and ").chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// A process that does one step at a time: it begins a batch and reads, or writes and commits what it began.
struct Process {
    steps: mpsc::Sender<Step>,
    done: mpsc::Receiver<()>,
    thread: thread::JoinHandle<usize>,
    has_begun: bool,
}

enum Step {
    Begin(Change),
    Finish,
}

impl Process {
    fn start(mut session: Session) -> Self {
        let (steps, orders) = mpsc::channel();
        let (report, done) = mpsc::channel();
        let thread = thread::spawn(move || work(&mut session, &orders, &report));
        Self { steps, done, thread, has_begun: false }
    }

    fn step(&mut self, step: Step) {
        self.has_begun = matches!(step, Step::Begin(_));
        self.steps.send(step).unwrap();
        self.done.recv_timeout(PATIENCE).expect("nobody waits for ever");
    }

    /// Finishes what has begun. Gives how many conflicts there were in all.
    fn end(mut self) -> usize {
        if self.has_begun {
            self.step(Step::Finish);
        }
        drop(self.steps);
        self.thread.join().unwrap()
    }
}

/// Gives how many conflicts there were.
fn work(session: &mut Session, steps: &mpsc::Receiver<Step>, done: &mpsc::Sender<()>) -> usize {
    let all = all();
    let mut conflicts = 0;
    while let Ok(Step::Begin(change)) = steps.recv() {
        let mut batch = begin(session);
        read(&mut batch, &all, &change);
        done.send(()).unwrap();
        steps.recv().unwrap();
        let mut written = write(batch, &all, &change);
        while let Err(error) = written {
            assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
            conflicts += 1;
            let mut batch = begin(session);
            read(&mut batch, &all, &change);
            written = write(batch, &all, &change);
        }
        done.send(()).unwrap();
    }
    conflicts
}

fn read(batch: &mut Batch<'_>, all: &[Shared], change: &Change) {
    for row in &change.rows {
        (all[*row].look_up)(batch).unwrap();
    }
}

fn write(mut batch: Batch<'_>, all: &[Shared], change: &Change) -> Result<(), SessionError> {
    let mut scope = batch.message(at(change.hour));
    for row in &change.rows {
        (all[*row].add)(&mut scope, at(change.hour), change.letter)?;
    }
    scope.keep()?;
    Ok(batch.flush()?.commit()?)
}

/// Each row has the letter of each of its changes once, and one history.
fn assert_nothing_is_lost(database: &Database, changes: &[Change]) {
    let mut expected = vec![String::new(); all().len()];
    for change in changes {
        change.rows.iter().for_each(|row| expected[*row].push(change.letter));
    }
    let found: Vec<_> = all().iter().map(|shared| letters(database, shared)).collect();
    assert_eq!(found, expected);
    let flaws = history::flaws(&mut database.connection(), SCHEMA).unwrap();
    assert_eq!(flaws, []);
}

/// The process, its clock, and which rows it changes.
fn steps() -> impl Strategy<Value = Vec<(usize, u32, Vec<usize>)>> {
    let rows = subsequence((0..all().len()).collect::<Vec<_>>(), 1..4);
    vec((0..3_usize, 0..24_u32, rows), 2..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_order_of_their_steps_and_their_clocks(steps in steps(), unique in any::<bool>()) {
        let database = if unique { prepared() } else { without_unique_indexes() };
        let mut processes: Vec<_> = (0..3).map(|_| Process::start(on(&database))).collect();
        let mut changes = Vec::new();
        for ((process, hour, rows), letter) in steps.into_iter().zip('a'..) {
            let process = &mut processes[process];
            if process.has_begun {
                process.step(Step::Finish);
            } else {
                let change = Change { letter, hour, rows };
                changes.push(change.clone());
                process.step(Step::Begin(change));
            }
        }
        for process in processes {
            process.end();
        }
        assert_nothing_is_lost(&database, &changes);
    }
}

fn change(letter: char, hour: u32) -> Change {
    Change { letter, hour, rows: (0..all().len()).collect() }
}

/// Of two processes that read a row at the same time, the second to write starts again, both when the row is created and
/// when it is changed. So does the first where it has kept the row from an earlier batch, and the second has changed it.
#[test]
fn the_second_to_write_starts_again() {
    for database in [prepared(), without_unique_indexes()] {
        let mut first = Process::start(on(&database));
        let mut second = Process::start(on(&database));
        let changes: Vec<_> = ('a'..='f').map(|letter| change(letter, 8)).collect();
        for pair in changes.chunks(2) {
            first.step(Step::Begin(pair[0].clone()));
            second.step(Step::Begin(pair[1].clone()));
            first.step(Step::Finish);
            second.step(Step::Finish);
        }
        assert_eq!((first.end(), second.end()), (2, 3));
        assert_nothing_is_lost(&database, &changes);
    }
}

/// What one process has written and not committed, another one waits for, and then starts again.
#[test]
fn who_writes_while_another_has_written_waits_and_starts_again() {
    for database in [prepared(), without_unique_indexes()] {
        for letters in [['a', 'b'], ['c', 'd']] {
            let [change, other] = letters.map(|letter| change(letter, 8));
            let mut session = on(&database);
            let mut batch = begin(&mut session);
            read(&mut batch, &all(), &change);
            let mut waiting = Process::start(on(&database));
            waiting.step(Step::Begin(other));
            let mut scope = batch.message(at(8));
            for shared in all() {
                (shared.add)(&mut scope, at(8), change.letter).unwrap();
            }
            scope.keep().unwrap();
            let written = batch.flush().unwrap();
            waiting.steps.send(Step::Finish).unwrap();
            assert!(waiting.done.recv_timeout(A_WHILE).is_err(), "it waits");
            written.commit().unwrap();
            waiting.done.recv_timeout(PATIENCE).unwrap();
            waiting.has_begun = false;
            assert_eq!(waiting.end(), 1);
        }
        assert_nothing_is_lost(&database, &['a', 'b', 'c', 'd'].map(|letter| change(letter, 8)));
    }
}

/// Two processes create and then change the same kinds, one from the first to the last, the other from the last to the
/// first. (Two that wait for each other would cost one of them an error that is no conflict.)
#[test]
fn no_order_makes_two_processes_wait_for_each_other() {
    const ROUNDS: usize = 6;
    let database = fresh();
    let (one, other) = (mpsc::channel(), mpsc::channel());
    let both = [(false, one.0, other.1), (true, other.0, one.1)].map(|(reversed, here, there)| {
        let mut session = on(&database);
        thread::spawn(move || {
            for round in 0..ROUNDS {
                let mut codes: Vec<_> = (0..20).map(|number| format!("K{number}-{}", round / 2)).collect();
                if reversed {
                    codes.reverse();
                }
                let both_have_read = || {
                    here.send(()).unwrap();
                    there.recv_timeout(PATIENCE).unwrap();
                };
                let mut done = rename(&mut session, &codes, both_have_read);
                while let Err(error) = done {
                    assert_eq!(error.class(), ErrorClass::Conflict, "{error}");
                    done = rename(&mut session, &codes, || ());
                }
            }
        })
    });
    for process in both {
        process.join().unwrap();
    }
    let names = "SELECT name, count(*) FROM consultation_type GROUP BY name";
    assert_eq!(database.rows(names), [format!("xxxx|{}", 20 * ROUNDS / 2)]);
}

/// Adds a letter to the names of these kinds, which are created if they are not known.
fn rename(session: &mut Session, codes: &[String], between: impl FnOnce()) -> Result<(), SessionError> {
    let mut batch = begin(session);
    batch.prefetch::<ConsultationTypeByCode>(codes.iter().cloned())?;
    between();
    let mut scope = batch.message(at(8));
    for code in codes {
        let new = |id| ConsultationType::new(id, code.clone());
        audited::<ConsultationTypeByCode>(&mut scope, code, new, at(8), |kind| {
            kind.name.get_or_insert_default().push('x');
        })?;
    }
    scope.keep()?;
    Ok(batch.flush()?.commit()?)
}

/// A batch that is alone begins when all others have ended, and no other begins before it ends.
#[test]
fn a_batch_that_is_alone_keeps_all_others_off() {
    let database = fresh();
    let alone = Subjects { alone: true, ..Subjects::default() };
    let begin_in_background = |subjects: Subjects| {
        let mut session = on(&database);
        let (sender, begun) = mpsc::channel();
        let thread = thread::spawn(move || {
            let batch = session.begin(&subjects).unwrap();
            sender.send(batch.is_alone()).unwrap();
            batch.flush().unwrap().commit().unwrap();
        });
        (begun, thread)
    };
    let mut first = on(&database);
    let batch = begin(&mut first);
    assert!(!batch.is_alone());
    begin(&mut on(&database)).abandon();
    let (begun, thread) = begin_in_background(alone.clone());
    assert!(begun.recv_timeout(A_WHILE).is_err(), "another batch is open");
    batch.abandon();
    assert!(begun.recv_timeout(PATIENCE).unwrap());
    thread.join().unwrap();

    let batch = first.begin(&alone).unwrap();
    let (begun, thread) = begin_in_background(Subjects::default());
    assert!(begun.recv_timeout(A_WHILE).is_err(), "nobody else works");
    batch.abandon();
    assert!(!begun.recv_timeout(PATIENCE).unwrap());
    thread.join().unwrap();
}
