//! Batches of messages of forms and places.

use emap_interchange::{
    BedMetadata, DepartmentMetadata, Form as FormMessage, FormAnswer as Answer, InterchangeValue::Save,
    LocationMetadata, Message, ResearchOptOut, RoomMetadata,
};
use emap_star::rows::*;

use super::messages::{
    answer, bed, clarity, form, may, place, pool_bed, question, room, some, template, ward,
};
use crate::batches::assert_good_ones_unharmed;

/// One message of each kind about things of their own.
pub(crate) fn about(n: i64, day: &str) -> Vec<Message> {
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
fn a_message_that_fails_harms_no_other_of_its_batch() {
    let long = "x".repeat(256);
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
    let world = assert_good_ones_unharmed(about, bad);
    assert_eq!((world.count::<Form>(), world.count::<Department>()), (5, 5));
}
