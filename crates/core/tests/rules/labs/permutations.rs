//! A few messages about one sample in every order, one of them twice. A message that is refused ends nothing: the rest
//! is processed, and what is left in the end is listed here, by the first refusal.

use std::{collections::BTreeMap, sync::Arc};

use emap_core::{
    Engine, Incoming,
    Outcome::{self, Cancelled, IncompatibleState, Success},
    Rules,
    orders::Choice,
};
use emap_interchange::{InterchangeValue::Save, LabOrder as Sent, Message};
use emap_star::{Instant, Session, rows::*};

use super::messages::{asked, at, cancelled, lab, number, numbered, order, text, ward, with_results};
use crate::world::World;

const ALL: Choice = Choice { at_most: 5040, seed: 0 };

/// In how many orders the first refusal was of a kind, and what was left then.
#[derive(Debug, Default)]
pub(crate) struct Ends(BTreeMap<&'static str, BTreeMap<String, usize>>);

impl Ends {
    /// How many orders ended so, and the different states that they led to, with the number of orders.
    fn of(&self, first_refusal: Outcome) -> (usize, Vec<(&str, usize)>) {
        let states = self.0.get(first_refusal.as_str());
        let states: Vec<_> = states.into_iter().flatten().map(|(state, n)| (state.as_str(), *n)).collect();
        (states.iter().map(|(_, orders)| orders).sum(), states)
    }
}

impl Ends {
    /// All states, whatever was refused on the way.
    pub(crate) fn states(&self) -> impl Iterator<Item = &String> {
        self.0.values().flat_map(BTreeMap::keys)
    }
}

/// Every order, once with each file sent twice. The messages of one file keep their order.
fn in_all_orders(files: &[Vec<Message>]) -> Ends {
    let mut ends = Ends::default();
    (0..files.len()).for_each(|twice| ends.explore(files, Some(twice)));
    ends
}

/// Every order, nothing sent twice.
pub(crate) fn once_in_all_orders(files: &[Vec<Message>]) -> Ends {
    let mut ends = Ends::default();
    ends.explore(files, None);
    ends
}

impl Ends {
    fn explore(&mut self, files: &[Vec<Message>], twice: Option<usize>) {
        let sent: Vec<Vec<Incoming>> =
            (0..files.len()).chain(twice).map(|file| incoming(&files[file])).collect();
        assert!(ALL.is_all(sent.len()));
        for order in ALL.orders(sent.len()) {
            let mut engine = Engine::new(Session::in_memory(), Rules::default());
            let mut first_refusal = Success;
            for message in order.iter().flat_map(|file| &sent[*file]) {
                let report = engine.process(std::slice::from_ref(message)).unwrap().remove(0);
                assert!(
                    matches!(report.outcome, Success | Cancelled | IncompatibleState),
                    "{order:?}, {twice:?} twice: {report:?}"
                );
                if first_refusal == Success {
                    first_refusal = report.outcome;
                }
            }
            let states = self.0.entry(first_refusal.as_str()).or_default();
            *states.entry(state(engine.session())).or_default() += 1;
        }
    }
}

fn incoming(file: &[Message]) -> Vec<Incoming> {
    let queue: Arc<str> = Arc::from("hl7Queue");
    file.iter().map(|m| Incoming::of(Arc::clone(&queue), Vec::new(), Ok(m.clone()))).collect()
}

/// The only sample, then its orders by battery.
fn state(session: &Session) -> String {
    let samples: Vec<&LabSample> = session.rows().collect();
    let [sample] = samples.as_slice() else { panic!("{samples:?}") };
    let specimen = format!(
        "{} {} collected {} received {}",
        word(sample.specimen_type.as_ref()),
        word(sample.collection_method.as_ref()),
        clock(sample.sample_collection_datetime),
        clock(sample.receipt_at_lab_datetime)
    );
    let mut orders: Vec<String> = session.rows().map(|order| of_order(session, order)).collect();
    orders.sort();
    let questions = session.rows::<Question>().count();
    let questions = (questions > 0).then(|| format!("{questions} questions"));
    let parts: Vec<String> = [specimen].into_iter().chain(orders).chain(questions).collect();
    parts.join("; ")
}

fn of_order(session: &Session, order: &LabOrder) -> String {
    let battery =
        session.rows::<LabBattery>().find(|row| row.lab_battery_id == order.lab_battery_id).unwrap();
    let visit = order.hospital_visit_id.map(|id| {
        session.rows::<HospitalVisit>().find(|row| row.hospital_visit_id == id).unwrap().encounter.clone()
    });
    let results = session.rows::<LabResult>().filter(|row| row.lab_order_id == order.lab_order_id).count();
    format!(
        "{} {} ordered {} requested {} {} {} {} results {results}",
        word(battery.battery_code.as_ref()),
        word(order.internal_lab_number.as_ref()),
        clock(order.order_datetime),
        clock(order.request_datetime),
        word(order.clinical_information.as_ref()),
        word(order.source_system.as_ref()),
        word(visit.as_ref()),
    )
}

fn word(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}

fn clock(at: Option<Instant>) -> String {
    at.map_or("-".to_owned(), |at| at.format("%H:%M").to_string())
}

fn of(battery: &str, order: Sent) -> Sent {
    Sent { test_battery_local_code: Some(battery.to_owned()), ..order }
}

/// The order with one result.
fn resulted(order: Sent) -> Sent {
    with_results(vec![number("K", 4.5, "12:00")], order)
}

fn ordered_at(time: &str, order: Sent) -> Sent {
    Sent { order_date_time: Save(at(time)), ..order }
}

fn requested_at(time: &str, order: Sent) -> Sent {
    Sent { requested_date_time: Save(at(time)), ..order }
}

fn in_visit(visit: Option<&str>, order: Sent) -> Sent {
    Sent { visit_number: visit.map(str::to_owned), ..order }
}

/// The sample is blood, and the patient has fever.
fn sent(order: Sent) -> Sent {
    Sent { specimen_type: text("BLD"), clinical_information: text("fever"), ..order }
}

/// Two batteries on one sample, step by step.
fn step_by_step() -> Vec<Vec<Message>> {
    vec![
        vec![ward(sent(of("M", requested_at("08:50", ordered_at("09:00", numbered("E1", "09:00"))))))],
        vec![lab(Sent { sample_received_time: Save(at("09:30")), ..of("M", numbered("E1", "09:30")) })],
        vec![lab(of("H", ordered_at("10:00", order("10:00"))))],
        vec![ward(in_visit(Some("V2"), of("H", requested_at("10:00", numbered("E2", "10:00")))))],
        vec![
            lab(resulted(sent(of("M", requested_at("09:30", numbered("E1", "10:30")))))),
            lab(resulted(sent(of("H", requested_at("09:30", numbered("E2", "11:00")))))),
        ],
    ]
}

/// One battery is cancelled, another one examined.
fn one_cancelled() -> Vec<Vec<Message>> {
    vec![
        vec![ward(Sent {
            specimen_type: text("BLD"),
            ..of("F", ordered_at("09:00", numbered("E1", "09:00")))
        })],
        vec![ward(of("F", cancelled("E1", "09:30")))],
        vec![lab(of("G", ordered_at("09:30", order("09:30"))))],
        vec![ward(in_visit(Some("V2"), of("G", requested_at("09:30", numbered("E2", "09:30")))))],
        vec![lab(resulted(of("G", requested_at("09:40", numbered("E2", "10:00")))))],
    ]
}

/// Three messages of one moment, then the result, which knows no visit.
fn of_one_moment() -> Vec<Vec<Message>> {
    let by = |method: &str, order: Sent| Sent { collection_method: text(method), ..order };
    vec![
        vec![lab(by("swab", ordered_at("09:00", order("09:00"))))],
        vec![ward(by("swab", ordered_at("09:00", order("09:00"))))],
        vec![ward(in_visit(None, requested_at("09:00", numbered("E1", "09:00"))))],
        vec![lab(resulted(by("biopsy", in_visit(None, numbered("E1", "10:00")))))],
    ]
}

/// Ordered, cancelled twice, ordered again under another number, examined.
fn cancelled_and_ordered_again() -> Vec<Vec<Message>> {
    let questions = || asked(&[("Fasting?", "no"), ("Pregnant?", "no"), ("Travelled?", "yes")]);
    let first = requested_at("08:50", ordered_at("09:00", numbered("E1", "09:00")));
    let again = || Sent { collection_method: text("swab"), ..numbered("E2", "10:30") };
    let received = Sent { sample_received_time: Save(at("10:20")), ..again() };
    vec![
        vec![ward(Sent { specimen_type: text("BLD"), questions: questions(), ..first })],
        vec![ward(cancelled("E1", "09:30"))],
        vec![ward(Sent { questions: questions(), ..in_visit(None, cancelled("E1", "10:00")) })],
        vec![lab(received)],
        vec![lab(resulted(again()))],
    ]
}

#[test]
fn steps_lead_to_the_same_in_every_order_but_for_the_visit() {
    let ends = in_all_orders(&step_by_step());
    let h = |visit| format!("H E2 ordered 10:00 requested 09:30 fever LAB {visit} results 1");
    let m = "M E1 ordered 09:00 requested 09:30 fever LAB V1 results 1";
    let state = |visit| format!("BLD - collected 07:50 received 09:30; {}; {m}", h(visit));
    // The first message that names a visit of the order decides.
    assert_eq!(ends.of(Success), (3600, vec![(state("V1").as_str(), 2400), (state("V2").as_str(), 1200)]));
    assert_eq!((ends.of(Cancelled).0, ends.of(IncompatibleState).0), (0, 0));
}

#[test]
fn a_cancelled_order_never_stays() {
    let ends = in_all_orders(&one_cancelled());
    let state = |visit: &str| {
        format!(
            "BLD - collected 07:50 received -; G E2 ordered 09:30 requested 09:40 - LAB {visit} results 1"
        )
    };
    let (v1, v2) = (state("V1"), state("V2"));
    assert_eq!(ends.of(Success), (1560, vec![(v1.as_str(), 1040), (v2.as_str(), 520)]));
    // Refused is only the order that had been cancelled; what is left is the same.
    assert_eq!(ends.of(Cancelled), (2040, vec![(v1.as_str(), 1360), (v2.as_str(), 680)]));
    assert_eq!(ends.of(IncompatibleState).0, 0);
}

#[test]
fn messages_of_one_moment_lead_to_the_same_in_every_order() {
    let ends = in_all_orders(&of_one_moment());
    let state =
        "- biopsy collected 07:50 received -; BAT E1 ordered 09:00 requested 09:00 - LAB V1 results 1";
    assert_eq!(ends.of(Success), (480, vec![(state, 480)]));
    assert_eq!((ends.of(Cancelled).0, ends.of(IncompatibleState).0), (0, 0));
}

#[test]
fn an_order_that_follows_a_cancelled_one_may_inherit_its_times_or_go_with_it() {
    let ends = in_all_orders(&cancelled_and_ordered_again());
    let sample = "BLD swab collected 07:50 received 10:20";
    let again = |times| format!("{sample}; BAT E2 {times} - LAB V1 results 1; 3 questions");
    let (alone, inherited) = (again("ordered - requested -"), again("ordered 09:00 requested 08:50"));
    assert_eq!(ends.of(Success), (560, vec![(alone.as_str(), 264), (inherited.as_str(), 296)]));
    // The first order comes after its cancellation, and does not touch the second.
    let gone = format!("{sample}; 3 questions");
    let cancelled = vec![(gone.as_str(), 120), (alone.as_str(), 2496), (inherited.as_str(), 64)];
    // Gone is the second one where the cancellation met it dated back to the time of the first.
    assert_eq!(ends.of(Cancelled), (2680, cancelled));
    assert_eq!(ends.of(IncompatibleState), (360, vec![(inherited.as_str(), 360)]));
}

#[test]
fn memory_and_database_agree_on_some_orders() {
    for (seed, files) in (7..).zip([step_by_step(), one_cancelled(), cancelled_and_ordered_again()]) {
        for order in (Choice { at_most: 2, seed }).orders(files.len()).skip(1) {
            World::everywhere(&order.iter().flat_map(|file| files[*file].clone()).collect::<Vec<_>>());
        }
    }
}
