//! What a message is about, as far as it decides its place: messages with the same key are processed in the order of
//! their arrival.

use std::borrow::Cow;

use emap_interchange::{Message, Payload};

/// The key of what cannot be read, and of what names nothing.
pub(crate) const UNKNOWN: &str = "";

/// The patient, by the first number of these that the message has: MRN, NHS number, visit number. Else what kind,
/// template or place it describes. Numbers are taken as they stand: which of them belong together only the star knows.
pub(crate) fn of(message: &Message) -> Cow<'_, str> {
    match &message.payload {
        Payload::Adt(adt) => first([adt.mrn.as_ref(), adt.nhs_number.as_ref(), adt.visit_number.as_ref()]),
        Payload::ResearchOptOut(opt_out) => first([opt_out.mrn.as_ref(), opt_out.nhs_number.as_ref()]),
        Payload::Flowsheet(flowsheet) => first([flowsheet.mrn.as_ref(), flowsheet.visit_number.as_ref()]),
        Payload::Condition(condition) => first([condition.mrn.as_ref(), condition.visit_number.saved()]),
        Payload::ConsultRequest(request) => first([request.mrn.as_ref(), request.visit_number.as_ref()]),
        Payload::AdvanceDecision(decision) => first([decision.mrn.as_ref(), decision.visit_number.as_ref()]),
        Payload::LabOrder(order) => first([order.mrn.as_ref(), order.visit_number.as_ref()]),
        Payload::Form(form) => first([form.mrn.as_ref(), form.visit_number.as_ref()]),
        Payload::FlowsheetMetadata(metadata) => {
            first([metadata.flowsheet_id.as_ref(), metadata.interface_id.as_ref()])
        }
        Payload::ConsultMetadata(metadata) => first([metadata.code.as_ref()]),
        Payload::LabMetadata(metadata) => first([metadata.short_code.as_ref()]),
        Payload::FormMetadata(_) | Payload::FormQuestionMetadata(_) => {
            first([message.source_message_id.as_ref()])
        }
        Payload::LocationMetadata(place) => number(place.department_id),
        Payload::DepartmentMetadata(department) => number(department.department_id),
        Payload::Waveform(waveform) => first([waveform.source_location_string.as_ref()]),
        Payload::WaveformHighFreq(waveform) => first([waveform.source_location_string.as_ref()]),
        Payload::WaveformLowFreq(waveform) => first([waveform.source_location_string.as_ref()]),
    }
}

/// The first that is there and not empty.
fn first<const N: usize>(names: [Option<&String>; N]) -> Cow<'_, str> {
    let named = names.into_iter().flatten().find(|name| !name.is_empty());
    named.map_or(UNKNOWN, String::as_str).into()
}

fn number(number: Option<i64>) -> Cow<'static, str> {
    number.map_or(UNKNOWN.into(), |number| number.to_string().into())
}

#[cfg(test)]
mod tests {
    use emap_interchange::{Adt, DepartmentMetadata, Flowsheet, LocationMetadata};

    use super::*;

    #[test]
    fn the_mrn_counts_before_the_nhs_number_and_that_before_the_visit() {
        let mut adt = Adt {
            mrn: Some("40".to_owned()),
            nhs_number: Some("999".to_owned()),
            visit_number: Some("7".to_owned()),
            ..Adt::default()
        };
        let key = |adt: &Adt| of(&Message::of(adt.clone())).into_owned();
        assert_eq!(key(&adt), "40");
        adt.mrn = Some(String::new());
        assert_eq!(key(&adt), "999");
        adt.nhs_number = None;
        assert_eq!(key(&adt), "7");
        adt.visit_number = None;
        assert_eq!(key(&adt), UNKNOWN);
    }

    #[test]
    fn all_families_have_the_same_key_for_a_patient() {
        let flowsheet = Flowsheet {
            mrn: Some("40".to_owned()),
            visit_number: Some("7".to_owned()),
            ..Flowsheet::default()
        };
        assert_eq!(of(&Message::of(flowsheet)), "40");
    }

    #[test]
    fn a_place_goes_with_its_department() {
        let place = LocationMetadata { department_id: Some(12), ..LocationMetadata::default() };
        let department = DepartmentMetadata { department_id: Some(12), ..DepartmentMetadata::default() };
        assert_eq!(of(&Message::of(place)), of(&Message::of(department)));
    }
}
