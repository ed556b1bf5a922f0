//! The hospital: always the same for a seed, in the stated proportions, with every kind of message.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{HashMap, HashSet};

use emap_hospital::{
    Amounts, Arrival, Disorder, Family, Hospital, Incidents, Mix, Settings, Step, Turn, Ward,
};
use emap_interchange::Message;

fn busy() -> Settings {
    Settings {
        messages: 100_000,
        mix: Mix::HOSPITAL,
        disorder: Disorder { late: 0.1, duplicates: 0.05 },
        incidents: Incidents {
            cancellations: 0.05,
            merges: 0.07,
            plans: 0.1,
            services: 0.1,
            corrections: 0.1,
        },
        present: 1000,
        ..Settings::default()
    }
}

fn arrivals(settings: Settings) -> Vec<Arrival> {
    Hospital::new(settings).collect()
}

fn triggers(arrivals: &[Arrival]) -> HashMap<&'static str, u32> {
    let mut triggers = HashMap::new();
    for arrival in arrivals {
        *triggers.entry(arrival.event.trigger()).or_default() += 1;
    }
    triggers
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let settings = Settings { messages: 3000, ..busy() };
    let bytes = |settings| -> (String, Vec<Vec<u8>>) {
        let arrivals = arrivals(settings);
        let bodies = arrivals.iter().flat_map(|arrival| arrival.event.messages());
        (
            arrivals.iter().map(|arrival| arrival.event.hl7()).collect(),
            bodies.map(|one| one.to_json()).collect(),
        )
    };
    assert_eq!(bytes(settings), bytes(settings));
    assert_ne!(bytes(settings), bytes(Settings { seed: 2, ..settings }));
}

#[test]
fn in_order_and_once_by_default() {
    let arrivals = arrivals(Settings { messages: 3000, ..Settings::default() });
    assert_eq!(arrivals.len(), 3000);
    assert!(arrivals.windows(2).all(|pair| pair[0].event.at < pair[1].event.at));
    assert!(arrivals.iter().all(|arrival| arrival.stored == arrival.event.at));
}

#[test]
fn messages_come_late_and_twice_in_the_stated_shares() {
    let disorder = Disorder { late: 0.05, duplicates: 0.02 };
    let arrivals = arrivals(Settings { messages: 20_000, disorder, ..Settings::default() });
    assert_eq!(arrivals.len(), 20_000);
    let mut times = HashMap::<u64, u32>::new();
    for arrival in &arrivals {
        *times.entry(arrival.event.number).or_default() += 1;
    }
    // Two hundredths of the 95 in a hundred that come in time.
    let twice = times.values().filter(|count| **count == 2).count();
    assert!((320..440).contains(&twice), "{twice} duplicates");
    let mut latest = 0;
    let mut late = 0;
    let mut seen = HashSet::new();
    for Arrival { event, .. } in arrivals.iter().filter(|arrival| seen.insert(arrival.event.number)) {
        late += u32::from(event.number < latest);
        latest = latest.max(event.number);
    }
    assert!((850..1150).contains(&late), "{late} late messages");
    assert!(arrivals.windows(2).all(|pair| pair[0].stored <= pair[1].stored));
}

#[test]
fn every_kind_of_message_of_the_usual_size() {
    let arrivals = arrivals(busy());
    let triggers = triggers(&arrivals);
    for trigger in ["A01", "A02", "A03", "A04", "A05", "A08", "A60", "O01", "PC1", "R01", "R30"] {
        assert!(triggers.get(trigger).is_some_and(|count| *count > 50), "{trigger}: {triggers:?}");
    }
    for trigger in ["A11", "A12", "A13", "A15", "A16", "A17", "A40", "A45", "A47", "Z99"] {
        assert!(triggers.get(trigger).is_some_and(|count| *count > 5), "{trigger}: {triggers:?}");
    }
    let total: usize = arrivals.iter().map(|arrival| arrival.event.hl7().len()).sum();
    assert!((1400..3500).contains(&(total / arrivals.len())), "{}", total / arrivals.len());
}

#[test]
fn a_hospital_of_movements_has_every_movement() {
    let incidents =
        Incidents { cancellations: 0.1, merges: 0.1, plans: 0.1, services: 0.1, corrections: 0.2 };
    let arrivals = arrivals(Settings { messages: 20_000, incidents, ..Settings::default() });
    let triggers = triggers(&arrivals);
    for trigger in ["A01", "A02", "A03", "A04", "A08"] {
        assert!(triggers[trigger] > 1000, "{triggers:?}");
    }
    for trigger in ["A11", "A12", "A13", "A15", "A16", "A40", "A45", "A47", "Z99"] {
        assert!(triggers.get(trigger).is_some_and(|count| *count > 50), "{trigger}: {triggers:?}");
    }
    for trigger in ["A17", "A25", "A26", "A29"] {
        assert!(triggers.contains_key(trigger), "{trigger}: {triggers:?}");
    }
}

#[test]
fn families_come_in_their_shares() {
    let mut amounts = Amounts::default();
    for Arrival { event, .. } in Hospital::new(busy()) {
        assert_eq!(event.messages().len() as u64, event.amounts().total(), "{}", event.hl7());
        amounts += event.amounts();
    }
    assert!((100_000..100_100).contains(&amounts.total()), "{amounts:?}");
    for family in Family::ALL {
        let (share, stated) = (amounts.of(family) / 1000, busy().mix.percentage(family));
        assert!(share.abs_diff(stated) <= 1, "{family:?}: {share} %");
    }
}

#[test]
fn every_text_is_hl7_and_every_message_survives_json() {
    for Arrival { event, .. } in Hospital::new(Settings { messages: 20_000, ..busy() }) {
        let text = event.hl7();
        let parsed = emap_hl7::Message::parse(&text).unwrap();
        assert_eq!(parsed.segments().len(), text.trim_end().split('\r').count());
        for message in event.messages() {
            assert_eq!(Message::from_json(&message.to_json()).unwrap(), message);
        }
    }
}

const STEPS: [Step; 19] = [
    Step::Register,
    Step::Admit,
    Step::Transfer,
    Step::Update,
    Step::Discharge,
    Step::CancelAdmit,
    Step::CancelTransfer,
    Step::CancelDischarge,
    Step::Swap,
    Step::Plan,
    Step::CallOff,
    Step::PlanDischarge,
    Step::CallOffDischarge,
    Step::ChangeService,
    Step::Measure,
    Step::Merge,
    Step::ChangeIdentifiers,
    Step::MoveVisit,
    Step::Delete,
];

#[test]
fn on_a_ward_every_turn_gives_an_event_and_long_streams_hold_everything() {
    let turn = |number: usize| {
        // Spread, so that steps, patients and places meet in many ways.
        let spread = |salt: usize| (number + 1).wrapping_mul(2_654_435_761 + 2 * salt) >> 7;
        Turn {
            step: STEPS[spread(1) % STEPS.len()],
            patient: spread(20) % Ward::PATIENTS,
            place: spread(300) % Ward::PLACES,
            minutes: 5,
            explicit: !number.is_multiple_of(3),
            renamed: number.is_multiple_of(5),
        }
    };
    let events = Ward::events((0..800).map(turn));
    assert_eq!(events.len(), 800);
    assert!(events.windows(2).all(|pair| pair[0].at < pair[1].at));
    let messages: Vec<Message> = events.iter().flat_map(emap_hospital::Event::messages).collect();
    let classes: HashSet<_> = messages.iter().map(Message::class_name).collect();
    // All of patients and movements, and the laboratory's.
    assert_eq!(classes.len(), 20, "{classes:?}");
    let ids: HashSet<_> = messages.iter().map(|message| &message.source_message_id).collect();
    assert_eq!(ids.len(), messages.len(), "no two messages have one id");
    assert_eq!(events, Ward::events((0..800).map(turn)));
}
