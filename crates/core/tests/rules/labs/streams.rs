//! Messages of laboratories as they come about few samples, so that they meet.

use emap_interchange::{InterchangeValue, LabOrder as Sent, LabResult, LabsMetadataType, Message};
use proptest::{option, prelude::*, sample::select};

use super::messages::{
    asked, at, culture, isolate, lab, named, number, order, text, ward, with_results, words,
};

const TIMES: [&str; 5] = ["07:00", "08:00", "09:00", "10:00", "11:00"];
const WORDS: [&str; 3] = ["one", "two", "three"];

fn order_number() -> impl Strategy<Value = InterchangeValue<String>> {
    let number = select(vec!["E1", "E2"]).prop_map(str::to_owned);
    prop_oneof![
        2 => Just(InterchangeValue::Unknown),
        3 => number.clone().prop_map(InterchangeValue::Save),
        1 => option::of(number).prop_map(InterchangeValue::Delete),
    ]
}

/// Results of one message: at most one of a test, but any number of isolates of one culture.
fn results(time: &'static str) -> impl Strategy<Value = Vec<LabResult>> {
    let flag = || prop_oneof![Just(text("H")), Just(InterchangeValue::delete())];
    let value = || (0..3_u8).prop_map(|value| if value == 2 { f64::NAN } else { value.into() });
    let potassium = (select(&TIMES), select(&WORDS), value(), any::<bool>(), flag()).prop_map(
        |(time, word, value, is_number, abnormal_flag)| {
            let result = if is_number { number("K", value, time) } else { words("K", word, time) };
            LabResult { abnormal_flag, ..result }
        },
    );
    let sodium = (select(&TIMES), value()).prop_map(|(time, value)| number("NA", value, time));
    let grown = (select(vec!["1", "2"]), select(&WORDS))
        .prop_map(move |(id, word)| culture(isolate(id, word, &[("AMOX", word)]), time));
    (option::of(potassium), option::of(sodium), proptest::collection::vec(grown, 0..3))
        .prop_map(|(potassium, sodium, grown)| potassium.into_iter().chain(sodium).chain(grown).collect())
}

fn sent() -> impl Strategy<Value = Sent> {
    (
        (select(&TIMES), select(&WORDS), order_number()),
        (select(vec!["M1", "M2"]), select(vec!["S1", "S2"]), select(vec!["A", "B"])),
        option::weighted(0.6, select(vec!["V1", "V2"])),
        (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.05)),
    )
        .prop_flat_map(|reported| {
            let time = reported.0.0;
            (Just(reported), results(time))
        })
        .prop_map(
            |(((time, word, number), (mrn, specimen, battery), visit, (says, asks, lacks)), results)| Sent {
                mrn: Some(mrn.to_owned()),
                lab_specimen_number: (!lacks).then(|| specimen.to_owned()),
                test_battery_local_code: Some(battery.to_owned()),
                visit_number: visit.map(str::to_owned),
                epic_care_order_number: number,
                specimen_type: if says { text(word) } else { InterchangeValue::Unknown },
                clinical_information: if says { text(word) } else { InterchangeValue::Unknown },
                order_date_time: if says {
                    InterchangeValue::Save(at(time))
                } else {
                    InterchangeValue::Unknown
                },
                questions: if asks { asked(&[("Fasting?", word)]) } else { asked(&[]) },
                ..with_results(results, order(time))
            },
        )
}

/// Any of them.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let kind = select(vec![LabsMetadataType::Battery, LabsMetadataType::Test]);
    let name = (kind, select(vec!["A", "K"]), select(&WORDS), select(&TIMES));
    prop_oneof![
        6 => sent().prop_map(lab),
        2 => sent().prop_map(ward),
        1 => name.prop_map(|(kind, code, name, time)| named(kind, code, name, time)),
    ]
}
