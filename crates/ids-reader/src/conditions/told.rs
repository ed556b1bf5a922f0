//! What is remembered of infections from message to message.

use std::collections::HashMap;
use std::fmt;

use emap_interchange::Instant;

/// More patients than have appointments in weeks, in a few megabytes.
const PATIENTS: usize = 100_000;

/// Up to when the infections of each patient were told.
///
/// Of a limited number of patients: those not heard of for long are forgotten, which only costs that their infections
/// are told once more.
#[derive(Clone)]
pub(crate) struct InfectionsTold {
    service_start: Instant,
    /// How many patients each of the two maps holds at most.
    half: usize,
    recent: HashMap<String, Instant>,
    /// What was recent before; dropped when the recent ones fill their map again.
    former: HashMap<String, Instant>,
}

impl InfectionsTold {
    /// Nothing is told yet. What patients had before the service started never is.
    pub(crate) fn since(service_start: Instant) -> Self {
        Self { service_start, half: PATIENTS / 2, recent: HashMap::new(), former: HashMap::new() }
    }

    /// When the latest infection was noted of which a patient's record was told. Nobody knows who patients without a
    /// number are, so nothing is remembered of them.
    pub(crate) fn up_to(&self, mrn: Option<&str>) -> Instant {
        let known = mrn.and_then(|mrn| self.recent.get(mrn).or_else(|| self.former.get(mrn)));
        known.copied().unwrap_or(self.service_start)
    }

    /// An infection of a patient, noted at this time, is told.
    pub(crate) fn note(&mut self, mrn: Option<String>, added_at: Instant) {
        let latest = self.up_to(mrn.as_deref()).max(added_at);
        let Some(mrn) = mrn else { return };
        if self.recent.len() >= self.half && !self.recent.contains_key(&mrn) {
            self.former = std::mem::take(&mut self.recent);
        }
        self.recent.insert(mrn, latest);
    }
}

/// Hospital numbers are nobody's business.
impl fmt::Debug for InfectionsTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patients = self.recent.len() + self.former.len();
        f.debug_struct("InfectionsTold").field("patients", &patients).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(second, 0).unwrap()
    }

    fn told(patients: usize) -> InfectionsTold {
        InfectionsTold { half: patients / 2, ..InfectionsTold::since(at(0)) }
    }

    #[test]
    fn each_patient_is_remembered_apart() {
        let mut told = told(10);
        told.note(Some("A".to_owned()), at(5));
        told.note(Some("A".to_owned()), at(3));
        told.note(None, at(9));
        assert_eq!(told.up_to(Some("A")), at(5));
        assert_eq!((told.up_to(Some("B")), told.up_to(None)), (at(0), at(0)));
    }

    #[test]
    fn those_not_heard_of_for_long_are_forgotten() {
        let mut told = told(10);
        told.note(Some("regular".to_owned()), at(1));
        for patient in 0..1000 {
            told.note(Some(patient.to_string()), at(7));
            told.note(Some("regular".to_owned()), at(2));
            assert!(told.recent.len() + told.former.len() <= 10);
        }
        assert_eq!(told.up_to(Some("999")), at(7));
        assert_eq!(told.up_to(Some("regular")), at(2));
        assert_eq!(told.up_to(Some("0")), at(0));
        assert!(!format!("{told:?}").contains("regular"));
    }
}
