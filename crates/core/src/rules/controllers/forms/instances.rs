//! Forms made of smart data elements.

use emap_star::rows::Form;

use crate::{
    failure::{Failure, required},
    rules::repositories::forms,
    scope::Scope,
};

/// The primary key of the filled-in form with an identifier. Once known, a form keeps its visit, its template and the
/// time at which it was first filed.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    form_definition_id: i64,
    source_id: Option<&str>,
) -> Result<i64, Failure> {
    let source_id = required(source_id, "formInstanceId")?;
    if let Some(known) = forms::by_source_id(scope.session, source_id)? {
        return Ok(known.form_id);
    }
    let form = scope.open(None, |id, stored_from, valid_from| Form {
        form_id: id,
        stored_from,
        valid_from,
        first_filed_datetime: Some(valid_from),
        internal_id: source_id.to_owned(),
        note_id: None,
        form_definition_id: Some(form_definition_id),
        hospital_visit_id: Some(hospital_visit_id),
        mrn_id: None,
    })?;
    let form_id = form.form_id;
    scope.session.save(form)?;
    Ok(form_id)
}
