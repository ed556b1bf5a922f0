//! Patients who do not want their data used for research.

use emap_interchange::ResearchOptOut;
use emap_star::Session;

use crate::{
    controllers::person::{self, Identifiers, research_opt_out},
    outcome::ProcessingError,
    source::Source,
};

/// The patient, then the opt-out or its end.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &ResearchOptOut,
) -> Result<(), ProcessingError> {
    let patient = Identifiers { mrn: message.mrn.as_deref(), nhs_number: message.nhs_number.as_deref() };
    let live_mrn_id = person::get_or_create_live(session, patient, source, message.last_updated)?;
    research_opt_out::set(session, live_mrn_id, message.active)
}
