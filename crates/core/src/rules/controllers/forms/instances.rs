//! Forms made of smart data elements.

use emap_star::rows::{Form, FormDefinitionId, FormId, HospitalVisitId};

use crate::{
    failure::{Failure, required},
    rules::repositories::forms,
    scope::Scope,
};

/// The primary key of the filled-in form with an identifier. Once known, a form keeps its visit, its template and the
/// time at which it was first filed.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    form_definition_id: FormDefinitionId,
    source_id: Option<&str>,
) -> Result<FormId, Failure> {
    let source_id = required(source_id, "formInstanceId")?;
    if let Some(known) = forms::by_source_id(scope.rows, source_id)? {
        return Ok(known.form_id);
    }
    let first_filed = scope.message_time;
    let form = scope.open(None, |id| Form {
        first_filed_datetime: Some(first_filed),
        form_definition_id: Some(form_definition_id),
        hospital_visit_id: Some(hospital_visit_id),
        ..Form::new(id, source_id.to_owned())
    })?;
    let form_id = form.form_id;
    scope.rows.save(form)?;
    Ok(form_id)
}
