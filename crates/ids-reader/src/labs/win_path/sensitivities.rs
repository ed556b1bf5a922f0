//! Orders that follow from a culture: they say what an isolate is sensitive to, and become part of it.

use emap_interchange::{InterchangeValue, LabOrder, LabResult};

use crate::{
    labs::message::NumberedOrder,
    reasons::{Failure, RejectReason},
};

/// Puts each order that has a parent into the isolate it is about; that isolate must be in the same message.
pub(crate) fn combine(orders: Vec<NumberedOrder>) -> Result<Vec<NumberedOrder>, Failure> {
    let (children, mut orders): (Vec<_>, Vec<_>) =
        orders.into_iter().partition(|order| is_child(&order.order));
    for NumberedOrder { number, order: child } in children {
        let mut results = orders.iter_mut().flat_map(|order| &mut order.order.lab_results);
        let parent = results.find(|result| is_parent(result, &child));
        let isolate = parent.and_then(|parent| parent.lab_isolate.as_mut());
        let isolate = isolate.ok_or(RejectReason::NoParent(number))?;
        isolate.clinical_information = child.clinical_information;
        isolate.sensitivities = child.lab_results;
    }
    Ok(orders)
}

fn is_child(order: &LabOrder) -> bool {
    order.parent_sub_id.as_deref().is_some_and(|sub_id| !sub_id.is_empty())
}

/// Number of the order, code and sub-id must all be those that the child names.
fn is_parent(result: &LabResult, child: &LabOrder) -> bool {
    let InterchangeValue::Save(number) = &child.epic_care_order_number else { return false };
    child.parent_observation_identifier.as_deref().is_some_and(|code| !code.is_empty())
        && result.epic_care_order_number.as_ref() == Some(number)
        && result.test_item_local_code == child.parent_observation_identifier
        && result.observation_sub_id == child.parent_sub_id
}
