//! What grew in a culture. Several observations with one sub-id are about one isolate.

use emap_interchange::{InterchangeValue, LabIsolate, LabResult, ValueType};

use crate::{
    reasons::RejectReason,
    values::{leading_trimmed, plain},
    views::Obx,
};

/// Code of observations about isolates.
const ISOLATE: &str = "ISOLATE";
/// Behind the name of a kind of culture.
const YIELDS: &str = " culture yields:";

pub(super) fn is_isolate(obx: &Obx) -> bool {
    leading_trimmed(obx.code()) == ISOLATE
}

/// Makes the result one about an isolate. A text says what kind of culture it is or how much grew, a code what grew.
pub(super) fn set_isolate(result: &mut LabResult, obx: &Obx, order_number: &str) -> Result<(), RejectReason> {
    let sub_id = result.observation_sub_id.clone().unwrap_or_default();
    let mut isolate = LabIsolate::new(Some(order_number.to_owned()), Some(sub_id));
    match obx.data_type().as_text() {
        _ if obx.value_is_missing() => {}
        Some("ST") => set_growth(&mut isolate, result.string_value.saved().map_or("", String::as_str)),
        Some("CE") => set_organism(&mut isolate, obx)?,
        _ => {}
    }
    result.mime_type = Some(ValueType::LabIsolate);
    result.lab_isolate = Some(Box::new(isolate));
    Ok(())
}

fn set_growth(isolate: &mut LabIsolate, text: &str) {
    if text.ends_with(YIELDS) {
        isolate.culture_type = InterchangeValue::from_hl7(Some(text.replace(YIELDS, "")));
    } else {
        isolate.quantity = InterchangeValue::from_hl7(Some(text));
    }
}

/// Codes are padded with blanks.
fn set_organism(isolate: &mut LabIsolate, obx: &Obx) -> Result<(), RejectReason> {
    let code = plain(obx.value().component(1).value());
    let code = code.ok_or_else(|| RejectReason::IsolateCode(obx.value().place()))?;
    isolate.isolate_code = Some(code.trim_end().to_owned());
    isolate.isolate_name = plain(obx.value().component(2).value());
    Ok(())
}

/// Adds a result to those of its order; one about an isolate that is among them already goes into that one.
pub(super) fn add(results: &mut Vec<LabResult>, read: LabResult, obx: &Obx) -> Result<(), RejectReason> {
    let sub_id = read.observation_sub_id.as_deref().unwrap_or_default();
    if sub_id.is_empty() {
        results.push(read);
        return Ok(());
    }
    let Some(isolate) = &read.lab_isolate else {
        return Err(RejectReason::SubIdWithoutIsolate(obx.sub_id().place()));
    };
    let same = results.iter_mut().find(|known| known.observation_sub_id == read.observation_sub_id);
    match same.map(|known| (&mut known.string_value, &mut known.lab_isolate)) {
        Some((text, Some(known))) => {
            known.merge(isolate);
            *text = InterchangeValue::Unknown;
        }
        _ => results.push(read),
    }
    Ok(())
}
