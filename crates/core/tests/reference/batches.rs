//! Batches of messages of all these families: few queries, and one bad message harms no other.

use emap_core::Outcome;
use emap_interchange::{
    BedMetadata, DepartmentMetadata, Form as FormMessage, FormAnswer as Answer, InterchangeValue::Save,
    LocationMetadata, Message, ResearchOptOut, RoomMetadata,
};
use emap_star::rows::*;

use crate::{
    messages::{answer, bed, clarity, form, may, place, pool_bed, question, room, some, template, ward},
    world::World,
};

/// One message of each family about things of their own.
fn mixed(numbers: std::ops::Range<i64>, day: &str) -> Vec<Message> {
    numbers.flat_map(|n| about(n, day)).collect()
}

fn about(n: i64, day: &str) -> Vec<Message> {
    let (mrn, visit_number) = (Some(format!("M{n}")), Some(format!("V{n}")));
    let answers = ["a", "b"].map(|question| Answer {
        question_id: Some(format!("{question}{n}")),
        source_message_id: Some(format!("{question}{n}")),
        ..answer("", day, day)
    });
    let csn = n * 100 + day.parse::<i64>().unwrap();
    let bay = RoomMetadata { room_hl7: Some(format!("BAY{n}")), ..room(csn, day) };
    let in_department = |last: &str, room, bed| {
        clarity(LocationMetadata {
            hl7_string: Some(format!("W{n}^BAY{n}^{last}")),
            department_id: Some(n),
            ..place(Some(room), bed)
        })
    };
    let offering = BedMetadata { bed_facility: some("Cot"), ..bed(csn + 10_000, day) };
    let pool = BedMetadata { bed_hl7: some("POOL"), ..pool_bed(csn + 20_000, day) };
    vec![
        clarity(FormMessage {
            mrn: mrn.clone(),
            visit_number,
            form_id: Some(format!("T{n}")),
            ..form(&format!("F{n}"), answers.to_vec())
        }),
        template(&format!("T{n}"), Some(day), Some(day)),
        question(&format!("a{n}"), Some(day), Some(day)),
        in_department("B1", bay.clone(), Some(offering)),
        in_department("POOL", bay.clone(), Some(pool)),
        in_department("null", bay, None),
        clarity(DepartmentMetadata {
            department_id: Some(n),
            department_hl7: Some(format!("W{n}")),
            ..ward(day, None, day)
        }),
        clarity(ResearchOptOut { mrn, nhs_number: None, last_updated: Some(may(day)), active: true }),
    ]
}

#[test]
fn a_batch_costs_a_constant_number_of_queries() {
    let mut world = World::on_postgres();
    let mut cost = |messages: Vec<Message>| {
        let before = world.statements();
        let outcomes = world.receive_together(messages);
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Success), "{outcomes:?}");
        world.statements() - before
    };
    // Nothing is known.
    let (few, many) = (cost(mixed(0..2, "09")), cost(mixed(2..64, "09")));
    assert_eq!(few, many);
    // All is known.
    let (few, many) = (cost(mixed(0..2, "10")), cost(mixed(2..64, "10")));
    assert_eq!(few, many);
    assert!(many <= 28, "{many} statements to read what a batch needs");
}

#[test]
fn a_message_that_fails_harms_no_other_of_its_batch() {
    let mut world = World::on_postgres();
    let long = "x".repeat(256);
    let good = mixed(0..3, "09");
    let foreign = Answer { source_message_id: some("a0"), ..answer("Q9", "yes", "09") };
    let bad = vec![
        clarity(form("F9", vec![Answer { question_id: Some(long.clone()), ..answer("Q9", "yes", "09") }])),
        clarity(form("F9", vec![foreign])),
        // Within chrono's calendar, outside PostgreSQL's.
        clarity(form(
            "F9",
            vec![Answer {
                utc_date_time_value: Save("-9000-01-01T00:00:00Z".parse().unwrap()),
                ..answer("Q9", "yes", "09")
            }],
        )),
        template("T9", Some(&long), Some("09")),
        clarity(place(Some(RoomMetadata { room_name: Some(long.clone()), ..room(9, "09") }), None)),
        clarity(place(Some(room(9, "09")), Some(bed(10_009, "09")))),
        clarity(DepartmentMetadata { department_speciality: Some(long), ..ward("A", None, "09") }),
    ];
    let (good_count, bad_count) = (good.len(), bad.len());
    let outcomes = world.receive_together(good.into_iter().chain(bad).chain(mixed(3..5, "09")));
    let (spoilt, sound): (Vec<_>, Vec<_>) = outcomes
        .iter()
        .enumerate()
        .partition(|(index, _)| (good_count..good_count + bad_count).contains(index));
    assert!(sound.iter().all(|(_, outcome)| **outcome == Outcome::Success), "{outcomes:?}");
    assert!(spoilt.iter().all(|(_, outcome)| **outcome == Outcome::Error), "{outcomes:?}");
    let rejects: Vec<EtlMessageReject> = world.rows();
    assert_eq!(rejects.len(), bad_count);
    assert!(rejects.iter().all(|reject| !reject.reason.is_empty() && !reject.reason.contains("xxx")));
    assert_eq!((world.count::<Form>(), world.count::<Department>()), (5, 5));
}
