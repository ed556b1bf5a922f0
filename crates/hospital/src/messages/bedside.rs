//! Blood gas analysers, glucose meters and the blood bank.

use emap_interchange::{
    InterchangeValue::{self, Save},
    LabOrder, LabResult, OrderCodingSystem, Payload,
};

use super::orders::{flag, number, order, text};
use crate::{
    event::Event,
    labs::{BloodGas, Gas, Glucose, Grouping},
};

pub(super) fn blood_gas(event: &Event, measured: &BloodGas) -> Payload {
    let result = |gas: &Gas| LabResult {
        units: InterchangeValue::from_hl7(Some(gas.unit)),
        abnormal_flag: flag(gas.flag, "N"),
        ..number(gas.code, event.sender(), gas.value, measured.measured)
    };
    let sample = (format!("G{:09}", measured.number), measured.collected);
    LabOrder {
        lab_results: measured.values.iter().map(result).collect(),
        specimen_type: Save("Venous".to_owned()),
        status_change_time: Some(measured.received),
        order_date_time: Save(measured.received),
        sample_received_time: Save(measured.received),
        result_status: Some("F".to_owned()),
        ..order(event, OrderCodingSystem::Abl90FlexPlus, "VBG", sample)
    }
    .into()
}

pub(super) fn glucose(event: &Event, measured: &Glucose) -> Payload {
    let result = LabResult {
        observation_sub_id: Some("1".to_owned()),
        units: Save("mmol/L".to_owned()),
        reference_low: Save(4.0),
        reference_high: Save(7.0),
        abnormal_flag: flag(measured.flag, "N"),
        ..number("2341-6", event.sender(), measured.value, measured.received)
    };
    let sample = (format!("P{:09}", measured.number), measured.taken);
    LabOrder {
        lab_results: vec![result],
        order_control_id: Some("NW".to_owned()),
        specimen_type: Save("BLD".to_owned()),
        status_change_time: Some(measured.received),
        order_date_time: Save(measured.received),
        sample_received_time: Save(measured.received),
        result_status: Some("F".to_owned()),
        ..order(event, OrderCodingSystem::BioConnect, "Glucose", sample)
    }
    .into()
}

pub(super) fn grouping(event: &Event, grouping: &Grouping) -> Payload {
    let system = OrderCodingSystem::BankManager;
    let result = |code: &str, value: &str| text(code, system.as_str(), value, grouping.tested);
    let sample = (format!("B{:09}", grouping.number), grouping.collected);
    LabOrder {
        lab_results: vec![result("GPS1", grouping.group), result("GPS2", grouping.antibodies)],
        order_control_id: Some("RE".to_owned()),
        status_change_time: Some(grouping.tested),
        order_date_time: Save(grouping.collected),
        sample_received_time: Save(grouping.collected),
        lab_department: Some(system.as_str().to_owned()),
        result_status: Some("F".to_owned()),
        ..order(event, system, "GPS", sample)
    }
    .into()
}
