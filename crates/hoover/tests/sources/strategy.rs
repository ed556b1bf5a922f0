//! What every data type must do, by what is known of it: a data type is tried by naming that.
//!
//! The messages of the known part are in `test-files/interchange/Extracts/<name>.yaml`; with `EMAP_UPDATE_EXPECTED=1` the
//! file is written instead of compared. It is to be read before it is committed.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use emap_feed::{Piece, Source as _, Step};
use emap_hoover::{
    SourceSettings,
    data_types::definitions,
    progress::EtlHooverProgress,
    queries::QueryText,
    reading::Reading,
    run::{Outcome, Plan, Processor},
    strategy::{QueryStrategy, Scope, Updated},
};
use emap_interchange::{Instant, Message, yaml};
use emap_test_support::fixtures;

use crate::sources::Sources;

/// A part of a source: a window; of an open-ended data type what is later than a time, `""` for everything.
pub(crate) type Part = (&'static str, &'static str);

/// All that was ever changed.
pub(crate) const EVERYTHING: Part = ("1901-01-01T00:00:00Z", "2100-01-01T00:00:00Z");

/// What is known of a data type.
pub(crate) trait TestQueryStrategy: QueryStrategy + Sized {
    /// Where its messages come from.
    const SOURCE: &'static str;
    /// A part with the messages of the fixture.
    const KNOWN: Part;
    /// A part in which there is nothing.
    const EMPTY: Part;
    /// Whether several changes of a record within one window are one message, of the last of them.
    const MERGES_CHANGES: bool = false;

    /// The data type, for the invented site.
    fn strategy() -> Self;
}

/// A record as it is published: when it was changed, and its own id.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    updated: Updated,
    row_id: String,
}

/// What a part gives: all its records, and the messages of those that can be converted.
struct Given {
    records: Vec<Found>,
    messages: Vec<Message>,
    /// The greatest known time of any record.
    seen: Option<Instant>,
}

fn instant(text: &str) -> Option<Instant> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

/// Of rows that have no time, the messages have this one.
fn now() -> Instant {
    "2031-01-01T00:00:00Z".parse().unwrap()
}

fn sources<T: TestQueryStrategy>() -> SourceSettings {
    let settings = Sources::shared().settings(&[]);
    SourceSettings::from_settings(&settings, &[T::strategy().definition().name]).unwrap()
}

/// Parts of the data type, of every sub id one after the other.
fn given<T: TestQueryStrategy>(
    from: Option<Instant>,
    until: Option<Instant>,
    is_continuation: bool,
) -> Given {
    let strategy = Arc::new(T::strategy());
    let definition = strategy.definition();
    let sources = sources::<T>();
    let (database, sql) = (sources.database(definition).unwrap(), sources.queries.of(definition).unwrap());
    let mut given = Given { records: Vec::new(), messages: Vec::new(), seen: None };
    let read = async {
        for sub_id in definition.sub_ids {
            let scope = Arc::new(Scope {
                sub_id,
                from,
                until: until.filter(|_| definition.is_windowed()),
                is_continuation,
                clock: sources.clock,
                now: now(),
                date_from: sources.date_from,
            });
            let (own, sql, of) = (Arc::clone(&strategy), Arc::clone(&sql), Arc::clone(&scope));
            let mut reading = Reading::open(own, database.as_ref(), sql, of, None).await.unwrap();
            while let Some(records) = reading.next().await.unwrap() {
                for record in records {
                    let row_id = format!("{sub_id}{}", strategy.row_id(&record));
                    given.records.push(Found { updated: strategy.updated(&record, &scope), row_id });
                    given.messages.extend(strategy.message(&record, &scope).ok());
                }
            }
            given.seen = given.seen.max(reading.seen());
        }
    };
    tokio::runtime::Runtime::new().unwrap().block_on(read);
    given
}

fn part<T: TestQueryStrategy>((from, until): Part) -> Given {
    given::<T>(instant(from), instant(until), false)
}

fn is_windowed<T: TestQueryStrategy>() -> bool {
    T::strategy().definition().is_windowed()
}

/// As much as there is.
fn everything<T: TestQueryStrategy>() -> Given {
    part::<T>(if is_windowed::<T>() { EVERYTHING } else { ("", "") })
}

/// The times at which records were changed, each once.
fn times(given: &Given) -> Vec<Instant> {
    let mut times: Vec<Instant> = given.records.iter().filter_map(|found| found.updated.instant()).collect();
    times.sort_unstable();
    times.dedup();
    times
}

pub(crate) fn its_name_is_its_own_and_its_query_is_there<T: TestQueryStrategy>() {
    let own = T::strategy().definition();
    let namesakes =
        definitions().into_iter().filter(|other| other.name == own.name || other.file == own.file);
    assert_eq!(namesakes.count(), 1, "in `visit_all`, once");
    let text = std::fs::read_to_string(fixtures::root().join("../sql").join(own.file)).unwrap();
    assert_eq!(text, own.built_in);
    assert!(!own.columns.is_empty() && !own.order.is_empty());
}

pub(crate) fn a_part_without_changes_gives_nothing<T: TestQueryStrategy>() {
    assert_eq!(part::<T>(T::EMPTY).records, []);
}

pub(crate) fn a_known_part_gives_the_messages_of_the_fixture<T: TestQueryStrategy>() {
    let found = part::<T>(T::KNOWN).messages;
    let name = format!("Extracts/{}.yaml", T::strategy().definition().name);
    if std::env::var_os("EMAP_UPDATE_EXPECTED").is_some() {
        std::fs::write(fixtures::path("interchange").join(&name), yaml::write_sequence(&found)).unwrap();
    }
    let expected = fixtures::messages(&name);
    fixtures::assert_same(&found, &expected);
    assert_eq!(ids(&found), ids(&expected));
    assert!(!found.is_empty(), "a part that is known has messages");
    for message in &found {
        assert_eq!(message.source_system.as_deref(), Some(T::SOURCE));
    }
}

fn ids(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(|message| message.source_message_id.as_deref()).collect()
}

pub(crate) fn a_part_begins_and_ends_where_it_should<T: TestQueryStrategy>() {
    let whole = everything::<T>();
    for at in times(&whole) {
        let of_then = |given: &Given| given.records.iter().any(|found| found.updated.instant() == Some(at));
        let a_moment_later = at + TimeDelta::milliseconds(1);
        if is_windowed::<T>() {
            assert!(of_then(&given::<T>(Some(at), Some(a_moment_later), true)), "{at} is in its window");
            assert!(!of_then(&given::<T>(instant(EVERYTHING.0), Some(at), true)), "{at} is not before it");
            assert!(!of_then(&given::<T>(Some(a_moment_later), instant(EVERYTHING.1), true)), "nor after it");
        } else {
            let later = given::<T>(Some(at), None, true);
            assert!(later.seen.is_none_or(|seen| seen > at), "{at} was seen before");
            assert_eq!(later.seen, whole.seen.filter(|seen| *seen > at));
        }
    }
}

pub(crate) fn records_come_by_time_and_number<T: TestQueryStrategy>() {
    let strategy = T::strategy();
    let given = everything::<T>();
    let known: Vec<Instant> = given.records.iter().filter_map(|found| found.updated.instant()).collect();
    let parts = strategy.definition().sub_ids.len();
    if parts == 1 && !strategy.is_ordered_by_number() && !has_assumed_times(&given) {
        assert!(known.is_sorted(), "{:?}", given.records);
    }
    let unknown = |found: &Found| found.updated == Updated::Unknown;
    let count = given.records.iter().filter(|found| unknown(found)).count();
    let mut at_the_end: Vec<&Found> = given.records.iter().collect();
    if !strategy.unknown_last() {
        at_the_end.reverse();
    }
    let placed = at_the_end.iter().rev().take_while(|found| unknown(found)).count();
    assert!(parts > 1 || placed == count, "those without a time stand together: {:?}", given.records);
}

fn has_assumed_times(given: &Given) -> bool {
    given.records.iter().any(|found| matches!(found.updated, Updated::Assumed(_)))
}

pub(crate) fn a_window_in_two_halves_gives_what_the_whole_gives<T: TestQueryStrategy>() {
    if !is_windowed::<T>() {
        return;
    }
    let whole = everything::<T>();
    let times = times(&whole);
    let middle = times[times.len() / 2];
    let mut halves = given::<T>(instant(EVERYTHING.0), Some(middle), true).records;
    halves.extend(given::<T>(Some(middle), instant(EVERYTHING.1), true).records);
    if T::MERGES_CHANGES {
        let all = halves.clone();
        let mut later = all.iter().skip(1);
        halves.retain(|found| {
            let is_last = !later.clone().any(|other| other.row_id == found.row_id);
            later.next();
            is_last
        });
    }
    assert_eq!(halves, whole.records);
}

pub(crate) fn ids_of_records_are_unique_and_have_no_colon<T: TestQueryStrategy>() {
    let records = everything::<T>().records;
    let ids: HashSet<&str> = records.iter().map(|found| found.row_id.as_str()).collect();
    assert_eq!(ids.len(), records.len(), "{records:?}");
    assert!(!ids.iter().any(|id| id.contains(':')), "{ids:?}");
}

/// Reads to the end of the known part, or of the source, from what was saved. How many records, and what is to be saved.
async fn processed<T: TestQueryStrategy>(saved: &[EtlHooverProgress]) -> (usize, Vec<EtlHooverProgress>) {
    let sources = sources::<T>();
    let strategy = Arc::new(T::strategy());
    let definition = strategy.definition();
    let (from, until) = if definition.is_windowed() { T::KNOWN } else { EVERYTHING };
    let plan = Plan {
        date_from: instant(from).unwrap(),
        date_until: instant(until),
        poll: Duration::from_secs(1),
        max_failures: 1,
        quiet_hours: None,
        ids_lag: Duration::ZERO,
        clock: sources.clock,
    };
    let database = sources.database(definition).unwrap();
    let query = QueryText::In(sources.queries);
    let hours = 24 * 400;
    let mut processor = Processor::new(strategy, database, None, query, Arc::new(plan), hours, saved);
    let (mut records, mut marked) = (0, saved.to_vec());
    loop {
        match processor.next().await.unwrap() {
            Step::Block(block) => {
                for piece in block {
                    match piece {
                        Piece::Item(_) => records += 1,
                        Piece::Mark(position) => marked = position,
                    }
                }
            }
            Step::End(outcome) => {
                assert_eq!(outcome, Outcome::Done);
                return (records, marked);
            }
            Step::Nothing { .. } => panic!("a run with an end"),
        }
    }
}

pub(crate) fn saved_progress_is_where_the_next_run_begins<T: TestQueryStrategy>() {
    let begun = Utc::now();
    let run = async {
        let (records, saved) = processed::<T>(&[]).await;
        assert!(records > 0);
        assert_eq!(saved.len(), T::strategy().definition().sub_ids.len());
        let reached = saved.iter().map(|progress| progress.last_processed_datetime).max();
        let expected = if is_windowed::<T>() { instant(T::KNOWN.1) } else { processed_until::<T>() };
        assert_eq!(reached, expected);
        assert!(saved.iter().all(|progress| progress.last_processing_datetime >= begun));
        let (records, saved_again) = processed::<T>(&saved).await;
        assert_eq!((records, saved_again), (0, saved), "nothing is sent a second time");
    };
    tokio::runtime::Runtime::new().unwrap().block_on(run);
}

/// The greatest time that an open-ended pass has seen.
fn processed_until<T: TestQueryStrategy>() -> Option<Instant> {
    std::thread::spawn(|| everything::<T>().seen).join().unwrap()
}

/// Makes a test of each of the above for each data type.
macro_rules! test_strategies {
    ($($module:ident: $known:ty;)*) => {
        $(
            mod $module {
                use super::*;

                test_strategies! { $known =>
                    its_name_is_its_own_and_its_query_is_there,
                    a_part_without_changes_gives_nothing,
                    a_known_part_gives_the_messages_of_the_fixture,
                    a_part_begins_and_ends_where_it_should,
                    records_come_by_time_and_number,
                    a_window_in_two_halves_gives_what_the_whole_gives,
                    ids_of_records_are_unique_and_have_no_colon,
                    saved_progress_is_where_the_next_run_begins,
                }
            }
        )*
    };
    ($known:ty => $($test:ident,)*) => {
        $(
            #[test]
            fn $test() {
                $crate::strategy::$test::<$known>();
            }
        )*
    };
}
pub(crate) use test_strategies;
