//! Orders that follow from a culture: they say what an isolate is sensitive to, and become part of it.

use std::collections::HashMap;

use emap_interchange::{InterchangeValue, LabOrder, LabResult};

use crate::{
    labs::message::{IsolateKey, LabMessage, NumberedOrder},
    reasons::{Failure, RejectReason},
};

/// Puts each order that has a parent into the isolate it is about; that isolate must be in the same message. If it is
/// left out of the message, so is what it is sensitive to.
pub(crate) fn combine<'o, 'a>(
    message: &LabMessage,
    orders: Vec<NumberedOrder<'o, 'a>>,
) -> Result<Vec<NumberedOrder<'o, 'a>>, Failure> {
    let (children, mut orders): (Vec<_>, Vec<_>) =
        orders.into_iter().partition(|order| is_child(&order.order));
    if children.is_empty() {
        return Ok(orders);
    }
    let parents = parents(&orders);
    for NumberedOrder { number, order: child, source } in children {
        let key = parent_of(&child);
        let position = key.as_ref().and_then(|key| parents.get(key));
        let parent =
            position.and_then(|&(order, result)| orders.get_mut(order)?.order.lab_results.get_mut(result));
        match parent.and_then(|parent| parent.lab_isolate.as_mut()) {
            Some(isolate) => {
                isolate.clinical_information = child.clinical_information;
                isolate.sensitivities = child.lab_results;
            }
            None if key.is_some_and(|key| message.lacks_isolate(&key)) => {
                let reason = RejectReason::NoParent(number);
                message.received.leave_out(source.obr.parent_place(), reason);
            }
            None => return Err(RejectReason::NoParent(number).into()),
        }
    }
    Ok(orders)
}

fn is_child(order: &LabOrder) -> bool {
    order.parent_sub_id.as_deref().is_some_and(|sub_id| !sub_id.is_empty())
}

/// Where the results with a sub-id stand: order and result. Of several with one key the first counts.
fn parents(orders: &[NumberedOrder]) -> HashMap<IsolateKey, (usize, usize)> {
    let mut parents = HashMap::new();
    for (order_position, order) in orders.iter().enumerate() {
        for (position, result) in order.order.lab_results.iter().enumerate() {
            if let Some(key) = key_of(result) {
                parents.entry(key).or_insert((order_position, position));
            }
        }
    }
    parents
}

fn key_of(result: &LabResult) -> Option<IsolateKey> {
    let sub_id = result.observation_sub_id.clone().filter(|sub_id| !sub_id.is_empty())?;
    let (order_number, code) = (result.epic_care_order_number.clone()?, result.test_item_local_code.clone()?);
    Some(IsolateKey { order_number, code, sub_id })
}

/// What the child names: number of the order, code and sub-id.
fn parent_of(child: &LabOrder) -> Option<IsolateKey> {
    let InterchangeValue::Save(order_number) = &child.epic_care_order_number else { return None };
    let code = child.parent_observation_identifier.clone().filter(|code| !code.is_empty())?;
    Some(IsolateKey { order_number: order_number.clone(), code, sub_id: child.parent_sub_id.clone()? })
}
