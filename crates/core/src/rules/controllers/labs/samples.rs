//! Specimens taken from patients.

use emap_interchange::LabOrder as Message;
use emap_star::rows::{LabSample, LabSampleId, MrnId, SampleNumber};

use crate::{
    assign::{Assign, assign_if_null_or_newer},
    failure::Failure,
    rules::repositories::labs,
    scope::Scope,
};

/// Notes what the message says of the specimen. Gives its primary key.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    mrn_id: MrnId,
    message: &Message,
) -> Result<LabSampleId, Failure> {
    let key = SampleNumber { mrn_id, external_lab_number: labs::specimen_number(message)?.to_owned() };
    let known = labs::sample_by_number(scope.rows, &key)?.cloned();
    let mut sample = scope.open(known, |id| LabSample {
        external_lab_number: Some(key.external_lab_number),
        ..LabSample::new(id, mrn_id)
    })?;
    let newer = sample.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.specimen_type, &mut sample.specimen_type, newer);
    assign_if_null_or_newer(&message.sample_site, &mut sample.sample_site, newer);
    assign_if_null_or_newer(&message.sample_received_time, &mut sample.receipt_at_lab_datetime, newer);
    if newer {
        message.collection_date_time.assign_to(&mut sample.sample_collection_datetime);
        message.collection_method.assign_to(&mut sample.collection_method);
    }
    let lab_sample_id = sample.lab_sample_id;
    scope.rows.save(sample)?;
    Ok(lab_sample_id)
}
