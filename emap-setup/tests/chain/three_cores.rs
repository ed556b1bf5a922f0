//! Several cores at one queue leave what one leaves.

use std::collections::{BTreeMap, HashMap};

use diesel::{Connection, PgConnection};
use emap_hospital::{Disorder, Event, Family, Hospital, Incidents, Mix, Settings};
use emap_interchange::{Message, queues::HL7_QUEUE};
use emap_local_services::rabbitmq;
use emap_queue::{Batch, BrokerConfig, Outgoing, Publisher, PublisherSettings, Transport};
use emap_test_support::faults::ledger::{
    history,
    tables::{BY_FIRST_PATIENT, Difference, Tables},
};

use crate::{
    MESSAGES,
    site::{Daemon, Site, assert_same},
};

/// What depends on the order in which the messages of a patient are processed (docs/order-of-arrival.md), besides all
/// former versions and the demographics of [provisional numbers](is_of_provisional_number): times of values, as a repeated value counts from the message that is processed first; which of two
/// equal messages is kept; class and times of a visit that a late message sets back; whose visit it is before the merge
/// of the two numbers that its messages name.
pub(crate) const BY_ORDER: [(&str, &str); 7] = [
    ("core_demographic", "valid_from"),
    ("hospital_visit", "mrn_id"),
    ("hospital_visit", "patient_class"),
    ("hospital_visit", "valid_from"),
    ("location_event", "source_id"),
    ("location_visit", "valid_from"),
    ("mrn_to_live", "valid_from"),
];
/// Rows of a difference that are printed for each table.
const SHOWN: usize = 4;

/// Messages are divided among cores by patient.
pub(crate) const PARTITIONS: [(&str, &str); 1] = [("CORE_PARTITIONS", "8")];

/// So many cores with these settings.
pub(crate) fn start(cores: usize, site: &Site, settings: &[(&str, &str)]) -> Vec<Daemon> {
    (0..cores).map(|_| Daemon::start_with("core", site, settings)).collect()
}

/// All messages of the site's one hospital, with those of one patient in different processes; then with partitions, where
/// messages of a patient under two numbers may be.
#[test]
fn three_cores_give_what_one_gives_with_and_without_partitions() {
    // Few patients at a time; many with two numbers.
    let hospital = Settings {
        messages: MESSAGES,
        disorder: Disorder { late: 0.4, duplicates: 0.05 },
        incidents: Incidents { merges: 0.4, ..Incidents::default() },
        present: 25,
        ..Settings::default()
    };
    let run = |cores: usize, settings: &[(&str, &str)]| {
        let site = Site::with(hospital);
        let mut daemons = start(cores, &site, settings);
        daemons.push(Daemon::start("ids-reader", &site));
        site.until_processed(MESSAGES - 1);
        daemons.into_iter().for_each(Daemon::stop);
        assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
        (site.people_and_stays(), tables(&site, &BY_ORDER))
    };
    let (alone, tables) = run(1, &[]);
    assert!(alone.iter().filter(|line| line.starts_with("number|8")).count() > 50, "too few merges");
    for settings in [&[][..], &PARTITIONS] {
        let (together, other_tables) = run(3, settings);
        assert_same(&together, &alone);
        assert_same_tables(&other_tables, &tables, |row| {
            !row.table.ends_with("_audit") && !is_of_provisional_number(row)
        });
    }
}

/// A number that is merged into another has demographics only if a message under it was processed before the merge.
fn is_of_provisional_number(row: &Difference) -> bool {
    row.table == "core_demographic" && row.row.contains("mrn_id: mrn 8")
}

/// Messages of all families about many patients, who have kinds, tests and places in common. Of each patient the next
/// message comes when the one before is processed, as many tables depend on that order.
#[test]
fn three_cores_leave_the_tables_that_one_leaves() {
    let rounds = rounds(Settings {
        messages: MESSAGES,
        mix: Mix::HOSPITAL,
        incidents: Incidents { cancellations: 0.1, merges: 0.1, plans: 0.1, services: 0.1, corrections: 0.1 },
        present: 200,
        ..Settings::default()
    });
    let run = |cores: usize| {
        let site = Site::without_messages();
        let daemons = start(cores, &site, &[]);
        publish(&site, &rounds);
        daemons.into_iter().for_each(Daemon::stop);
        assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
        tables(&site, &BY_FIRST_PATIENT)
    };
    assert_same_tables(&run(3), &run(1), |_| true);
}

/// The messages in groups, those of a patient or a visit one after the other. Only values of one sheet, and orders of one
/// sample, are in one group.
fn rounds(hospital: Settings) -> Vec<Vec<Message>> {
    let mut rounds: Vec<Vec<Message>> = Vec::new();
    let mut passed: HashMap<String, usize> = HashMap::new();
    for event in Hospital::new(hospital).map(|arrival| arrival.event) {
        let numbers = numbers(&event.hl7());
        let mut next = numbers.iter().filter_map(|number| passed.get(number)).max().copied().unwrap_or(0);
        for group in groups(&event) {
            if rounds.len() == next {
                rounds.push(Vec::new());
            }
            rounds[next].extend(group);
            next += 1;
        }
        passed.extend(numbers.into_iter().map(|number| (number, next)));
    }
    rounds
}

/// The messages of an event: about the patient, then what was observed, or one by one.
fn groups(event: &Event) -> Vec<Vec<Message>> {
    let mut messages = event.messages();
    let amounts = event.amounts();
    if amounts.of(Family::Flowsheets) + amounts.of(Family::Labs) == 0 {
        return messages.into_iter().map(|message| vec![message]).collect();
    }
    let about_patient = usize::try_from(amounts.of(Family::Adt)).unwrap();
    let observed = messages.split_off(about_patient);
    [messages, observed].into_iter().filter(|group| !group.is_empty()).collect()
}

/// Numbers of patients and visits in a message.
fn numbers(hl7: &str) -> Vec<String> {
    let fields = hl7.split('\r').filter_map(|segment| {
        let mut fields = segment.split('|');
        match fields.next()? {
            "PID" => fields.nth(2),
            "MRG" => fields.next(),
            "PV1" => fields.nth(18),
            _ => None,
        }
    });
    let numbers = fields.flat_map(|field| field.split('~')).filter_map(|number| number.split('^').next());
    numbers.filter(|number| !number.is_empty()).map(str::to_owned).collect()
}

/// Publishes each group when the one before is processed.
fn publish(site: &Site, rounds: &[Vec<Message>]) {
    let runtime = runtime();
    let publisher = publisher(site, &runtime);
    let mut sent = 0;
    for (number, messages) in rounds.iter().enumerate() {
        runtime.block_on(publisher.submit(batch(number, messages))).unwrap();
        sent += messages.len() as u64;
        site.until_processed(sent);
    }
    runtime.block_on(publisher.shutdown());
}

/// Publishes all messages at once; returns when the broker has them.
pub(crate) fn publish_at_once(site: &Site, messages: &[Message]) {
    let runtime = runtime();
    let publisher = publisher(site, &runtime);
    for (number, messages) in messages.chunks(500).enumerate() {
        runtime.block_on(publisher.submit(batch(number, messages))).unwrap();
    }
    runtime.block_on(publisher.shutdown());
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn publisher(site: &Site, runtime: &tokio::runtime::Runtime) -> Publisher {
    let _entered = runtime.enter();
    let broker = BrokerConfig {
        host: site.broker.host().to_owned(),
        port: site.broker.port(),
        username: rabbitmq::USER.to_owned(),
        password: rabbitmq::PASSWORD.to_owned(),
        ..BrokerConfig::default()
    };
    let settings = PublisherSettings { queue: HL7_QUEUE.to_owned(), ..PublisherSettings::default() };
    Publisher::start(Transport::Amqp(broker), settings)
}

fn batch(number: usize, messages: &[Message]) -> Batch {
    let outgoing = messages.iter().enumerate().map(|(place, message)| Outgoing {
        correlation_id: format!("{number}-{place}"),
        type_name: message.class_name(),
        body: message.to_json(),
    });
    Batch { id: number.to_string(), messages: outgoing.collect(), on_confirmed: Box::new(|_| ()) }
}

/// All tables of the star, but these columns, with a history that has no gap.
pub(crate) fn tables(site: &Site, without: &[(&str, &str)]) -> Tables {
    let mut star = PgConnection::establish(&site.star.database_url("uds")).unwrap();
    assert_eq!(history::flaws(&mut star, "star").unwrap(), []);
    Tables::read_without(&mut star, "star", emap_star::known_by, without).unwrap()
}

/// Shows only what differs, by table.
pub(crate) fn assert_same_tables(
    found: &Tables,
    expected: &Tables,
    is_compared: impl Fn(&Difference) -> bool,
) {
    assert!(expected.count() > 3000, "{} rows", expected.count());
    let mut by_table: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    let differences = found.differences(expected).into_iter();
    for difference in differences.filter(|difference| is_compared(difference)) {
        by_table.entry(difference.table.clone()).or_default().push(difference);
    }
    let shown = by_table.iter().map(|(table, rows)| {
        let examples = rows.iter().take(SHOWN).map(|row| format!("\n  {:?}: {}", row.only_in, row.row));
        let examples = examples.collect::<Vec<_>>().concat();
        let count = rows.len();
        format!("{count} rows of {table} differ between several cores (first) and one (second), such as{examples}\n")
    });
    assert!(by_table.is_empty(), "{}", shown.collect::<Vec<_>>().concat());
}
