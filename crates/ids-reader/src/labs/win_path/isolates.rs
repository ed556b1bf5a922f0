//! What grew in a culture. Several observations with one sub-id are about one isolate.

use std::collections::HashMap;

use emap_interchange::{InterchangeValue, LabIsolate, LabResult, ValueType};

use crate::{reasons::RejectReason, values::plain, views::Obx};

/// Code of observations about isolates.
const ISOLATE: &str = "ISOLATE";
/// Behind the name of a kind of culture.
const YIELDS: &str = " culture yields:";

pub(super) fn is_isolate(obx: &Obx) -> bool {
    obx.code().is(ISOLATE)
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
    let code = plain(obx.value().component(1).value().trimmed());
    isolate.isolate_code = Some(code.ok_or_else(|| RejectReason::IsolateCode(obx.value().place()))?);
    isolate.isolate_name = plain(obx.value().component(2).value().trimmed());
    Ok(())
}

/// The results of an order, those about one isolate together.
#[derive(Default)]
pub(super) struct Results {
    all: Vec<LabResult>,
    /// Where the result about an isolate stands, by its sub-id.
    isolates: HashMap<String, usize>,
}

impl Results {
    /// Adds a result; one about an isolate that is among them already goes into that one.
    pub(super) fn add(&mut self, read: LabResult, obx: &Obx) -> Result<(), RejectReason> {
        let sub_id = read.observation_sub_id.as_deref().unwrap_or_default();
        if sub_id.is_empty() {
            self.all.push(read);
            return Ok(());
        }
        let Some(isolate) = &read.lab_isolate else {
            return Err(RejectReason::SubIdWithoutIsolate(obx.sub_id_place()));
        };
        let known = self.isolates.get(sub_id).and_then(|&position| self.all.get_mut(position));
        if let Some((text, Some(known))) =
            known.map(|known| (&mut known.string_value, &mut known.lab_isolate))
        {
            known.merge(isolate);
            *text = InterchangeValue::Unknown;
        } else {
            self.isolates.insert(sub_id.to_owned(), self.all.len());
            self.all.push(read);
        }
        Ok(())
    }

    /// In the order in which they begin.
    pub(super) fn into_all(self) -> Vec<LabResult> {
        self.all
    }
}
