//! Bodies of which a value cannot be read.

use emap_core::Outcome;
use emap_interchange::{Message, ResearchOptOut};
use emap_star::rows::*;

use super::messages::{answer, bed, clarity, form, may, some, ward, with_bed};
use crate::{
    batches::{assert_unreadable, garbled},
    world::World,
};

#[test]
fn one_value_that_cannot_be_read_spoils_its_message_alone() {
    let filled = clarity(form("F1", vec![answer("Q1", "yes", "01"), answer("Q2", "yes", "01")]));
    let (place, department) = (with_bed(bed(500, "01")), clarity(ward("Renal", None, "02")));
    let opted_out = clarity(ResearchOptOut {
        mrn: some("M1"),
        nhs_number: None,
        last_updated: Some(may("01")),
        active: true,
    });
    let cases: [(&Message, &str, &str); 8] = [
        (&filled, r#""filedDatetime":1935360000.000000000"#, "formAnswerMsgs[0].filedDatetime"),
        (&filled, r#""status":"SAVE""#, "formAnswerMsgs[0].stringValue.status"),
        (&place, r#""roomRecordState":"ACTIVE""#, "roomMetadata.roomRecordState"),
        (&place, r#""bedCsn":500"#, "bedMetadata.bedCsn"),
        (&place, r#""isPoolBed":false"#, "bedMetadata.isPoolBed"),
        (&department, r#""departmentRecordStatus":"ACTIVE""#, "departmentRecordStatus"),
        (&department, r#""departmentId":7"#, "departmentId"),
        (&opted_out, r#""active":true"#, "active"),
    ];
    for (message, written, place) in cases {
        assert_unreadable(message, written, place);
    }
}

#[test]
fn an_empty_number_is_none() {
    let mut world = World::in_memory();
    for (written, field) in [(r#""departmentId":7"#, "departmentId"), (r#""bedCsn":500"#, "bedCsn")] {
        let empty = garbled(&with_bed(bed(500, "01")), written, &format!(r#""{field}":"""#));
        let report = world.deliver(&[empty]).remove(0);
        assert_eq!(report.outcome, Outcome::RequiredDataMissing);
        assert!(report.reason.as_deref().unwrap().contains(field), "{:?}", report.reason);
    }
    assert_eq!((world.count::<Department>(), world.count::<Bed>(), world.count::<BedState>()), (1, 1, 0));
}
