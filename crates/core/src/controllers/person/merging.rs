//! Identifiers that turn out to mean one patient.

use emap_star::{Instant, RowState, Session, rows::MrnToLive};

use super::research_opt_out;
use crate::{outcome::ProcessingError, repositories::mrn_to_lives};

/// Lets everything that leads to the retired identifiers lead to the surviving one, which must be in force. A retired
/// identifier that was merged away before stays where it leads. Visits and demographics keep their identifier.
pub(crate) fn merge(
    session: &mut Session,
    surviving_mrn_id: i64,
    retired: &[i64],
    message_time: Instant,
) -> Result<(), ProcessingError> {
    for &mrn_id in retired {
        let leading: Vec<MrnToLive> =
            mrn_to_lives::leading_to(session, mrn_id)?.into_iter().cloned().collect();
        for row in leading {
            let mut row = RowState::existing(row, message_time);
            row.live_mrn_id = surviving_mrn_id;
            session.save(row)?;
        }
    }
    research_opt_out::spread(session, surviving_mrn_id)
}
