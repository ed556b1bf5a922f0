//! Specimens taken from patients.

use emap_interchange::LabOrder as Message;
use emap_star::{
    Instant, Session,
    rows::{LabSample, SampleNumber},
};

use crate::{
    assign::{Assign, assign_if_null_or_newer},
    controllers::opened::opened,
    outcome::ProcessingError,
    repositories::lab_samples,
};

/// Notes what the message says of the specimen. Gives its primary key.
pub(crate) fn update(
    session: &mut Session,
    mrn_id: i64,
    message: &Message,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let number = message
        .lab_specimen_number
        .as_ref()
        .filter(|number| !number.is_empty())
        .ok_or(ProcessingError::Invalid("the order has no labSpecimenNumber"))?;
    let key = SampleNumber { mrn_id, external_lab_number: number.clone() };
    let known = lab_samples::by_number(session, &key)?.cloned();
    let mut sample = opened(session, known, message_time, |id, stored_from| LabSample {
        lab_sample_id: id,
        stored_from,
        valid_from: message_time,
        collection_method: None,
        external_lab_number: Some(key.external_lab_number),
        receipt_at_lab_datetime: None,
        sample_collection_datetime: None,
        sample_site: None,
        specimen_type: None,
        mrn_id,
    })?;
    let newer = sample.message_is_newer(message_time);
    assign_if_null_or_newer(&message.specimen_type, &mut sample.specimen_type, newer);
    assign_if_null_or_newer(&message.sample_site, &mut sample.sample_site, newer);
    assign_if_null_or_newer(&message.sample_received_time, &mut sample.receipt_at_lab_datetime, newer);
    if newer {
        message.collection_date_time.assign_to(&mut sample.sample_collection_datetime);
        message.collection_method.assign_to(&mut sample.collection_method);
    }
    let lab_sample_id = sample.lab_sample_id;
    session.save(sample)?;
    Ok(lab_sample_id)
}
