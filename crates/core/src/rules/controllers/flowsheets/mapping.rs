//! Two identifiers that turn out to mean one kind of observation.

use emap_star::{
    RowState,
    rows::{VisitObservation, VisitObservationType, VisitObservationTypeId},
};

use super::kinds::{Names, open};
use crate::{
    failure::Failure,
    rules::repositories::flowsheets::{self, KindId},
    scope::Scope,
};

/// Both identifiers mean one kind. If each has a row so far, the warehouse's row stays and takes over the other's
/// observations.
pub(crate) fn map(
    scope: &mut Scope<'_, '_>,
    interface_id: &str,
    application_id: &str,
    names: Names<'_>,
) -> Result<(), Failure> {
    if flowsheets::is_pair_known(scope.rows, interface_id, application_id)? {
        return Ok(());
    }
    let (interface, application) = (KindId::Interface(interface_id), KindId::Application(application_id));
    let live = flowsheets::kind_by_id(scope.rows, interface, names.family)?.cloned();
    let warehouse = flowsheets::kind_by_id(scope.rows, application, names.family)?.cloned();
    if let (Some(live), Some(warehouse)) = (&live, &warehouse) {
        let (from, to) = (live.visit_observation_type_id, warehouse.visit_observation_type_id);
        move_values(scope, from, to)?;
        scope.rows.delete::<VisitObservationType>(from, scope.message_time);
    }
    let mut kind = open(scope, names, warehouse.or(live))?;
    kind.interface_id = Some(interface_id.to_owned());
    kind.id_in_application = Some(application_id.to_owned());
    scope.rows.save(kind)?;
    Ok(())
}

/// The values of one kind turn out to be of another. Where both kinds have a value of one visit and time, the one that
/// was changed last stays.
fn move_values(
    scope: &mut Scope<'_, '_>,
    from: VisitObservationTypeId,
    to: VisitObservationTypeId,
) -> Result<(), Failure> {
    for value in flowsheets::moving(scope.rows, from, to)? {
        let new_key = flowsheets::key_under(&value, to);
        if let Some(other) = flowsheets::by_key(scope.rows, &new_key)? {
            let other_is_newer = other.valid_from >= value.valid_from;
            let older = if other_is_newer { value.visit_observation_id } else { other.visit_observation_id };
            scope.rows.delete::<VisitObservation>(older, scope.message_time);
            if other_is_newer {
                continue;
            }
        }
        let mut value = RowState::existing(value, scope.message_time);
        value.visit_observation_type_id = to;
        scope.rows.save(value)?;
    }
    Ok(())
}
