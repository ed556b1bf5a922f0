//! Kinds of problems, infections and allergens, which messages about patients mention and name.

use emap_interchange::Condition;
use emap_star::rows::{ConditionType, ConditionTypeId};

use crate::{
    assign::assign_if_null_or_newer, failure::Failure, rules::repositories::conditions, scope::Scope,
};

/// The kind's primary key; a kind that is not known is created. Any message names an unnamed kind, only a newer one renames it; both
/// whether or not the message is too old for the patient's condition.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_, '_>,
    message: &Condition,
) -> Result<ConditionTypeId, Failure> {
    let key = conditions::kind_key(message)?;
    let known = conditions::kind_by_key(scope.rows, &key)?.cloned();
    let mut kind = scope.open(known, |id| ConditionType {
        internal_code: Some(key.internal_code),
        ..ConditionType::new(id, key.data_type)
    })?;
    let newer = kind.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.condition_name, &mut kind.name, newer);
    assign_if_null_or_newer(&message.sub_type, &mut kind.sub_type, newer);
    let condition_type_id = kind.condition_type_id;
    scope.rows.save(kind)?;
    Ok(condition_type_id)
}
