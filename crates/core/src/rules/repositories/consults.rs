//! Requests that specialists see patients, and the kinds of these.

use emap_interchange::{ConsultMetadata, ConsultRequest};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        ConsultationByNumber, ConsultationRequest, ConsultationRequestId, ConsultationType,
        ConsultationTypeByCode, HospitalVisitId,
    },
};

use super::{in_memory::ids_under, visits};

/// The kind with a code.
pub(crate) fn kind_by_code<'s>(
    work: &'s mut UnitOfWork,
    code: &str,
) -> Result<Option<&'s ConsultationType>, SessionError> {
    work.find_one::<ConsultationTypeByCode>(&code.to_owned())
}

/// The request with a number in the source system.
pub(crate) fn by_number(
    work: &mut UnitOfWork,
    number: i64,
) -> Result<Option<&ConsultationRequest>, SessionError> {
    work.find_one::<ConsultationByNumber>(&number)
}

/// Codes and numbers that messages name.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    codes: Vec<String>,
    numbers: Vec<i64>,
}

impl Announced {
    pub(crate) fn add(&mut self, message: &ConsultRequest) {
        self.codes.extend(message.consultation_type.clone());
        self.numbers.extend(message.epic_consult_id);
    }

    pub(crate) fn add_metadata(&mut self, message: &ConsultMetadata) {
        self.codes.extend(message.code.clone());
    }

    /// The kinds and the requests.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<ConsultationTypeByCode>(self.codes.iter().cloned())?;
        work.prefetch::<ConsultationByNumber>(self.numbers.iter().copied())?;
        visits::read_by_ids(work, self.visits(work))
    }

    /// Numbers of the visits for which the requests are on record. Messages may name others.
    pub(crate) fn encounters(&self, work: &UnitOfWork) -> Vec<String> {
        visits::encounters_of(work, self.visits(work))
    }

    fn visits(&self, work: &UnitOfWork) -> Vec<HospitalVisitId> {
        let known =
            self.numbers.iter().flat_map(|number| work.in_memory_rows::<ConsultationByNumber>(number));
        known.map(|row| row.hospital_visit_id).collect()
    }
}

/// Primary keys of the requests with a number, as far as they have been read.
pub(super) fn in_memory(work: &UnitOfWork, number: i64) -> Vec<ConsultationRequestId> {
    ids_under::<ConsultationByNumber>(work, [number])
}
