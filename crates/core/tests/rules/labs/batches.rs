//! Batches of laboratory messages.

use emap_interchange::{LabOrder as Sent, LabsMetadataType, Message};

use super::messages::{
    asked, cancelled, culture, four_results, isolate, lab, named, numbered, order, ward, with_results,
};

/// Ten messages about one patient; samples, batteries and tests are the patient's own.
pub(crate) fn about(n: i64, hour: &str) -> Vec<Message> {
    let time = &format!("{hour}:00");
    let of_patient = |battery: &str, order: Sent| {
        let mut order = Sent {
            mrn: Some(format!("M{n}")),
            visit_number: Some(format!("V{n}")),
            lab_specimen_number: Some(format!("S{n}")),
            test_battery_local_code: Some(format!("{battery}{n}")),
            ..order
        };
        for result in &mut order.lab_results {
            result.test_item_local_code = result.test_item_local_code.take().map(|code| format!("{code}{n}"));
        }
        order
    };
    let grown = vec![
        culture(isolate("1", time, &[("AMOX", "S"), ("GENT", "R")]), time),
        culture(isolate("2", "PSEU", &[("AMOX", time)]), time),
    ];
    let questions = asked(&[("Fasting?", time), (&format!("How is patient {n}?"), "well")]);
    vec![
        ward(of_patient("CHEM", Sent { questions, ..numbered("E1", time) })),
        lab(of_patient("CHEM", with_results(four_results(time), numbered("E1", time)))),
        ward(of_patient("MICRO", order(time))),
        lab(of_patient("MICRO", with_results(grown, order(time)))),
        lab(of_patient("GAS", with_results(four_results(time), order(time)))),
        ward(of_patient("HIST", numbered(time, "06:00"))),
        ward(of_patient("HIST", cancelled(time, "07:00"))),
        ward(of_patient("XRAY", cancelled("E3", time))),
        named(LabsMetadataType::Battery, &format!("CHEM{n}"), time, time),
        named(LabsMetadataType::Test, &format!("NA{n}"), time, time),
    ]
}
