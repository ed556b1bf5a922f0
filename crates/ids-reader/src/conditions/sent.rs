//! Which infections were sent: remembered from message to message.

use std::{collections::HashMap, fmt};

use emap_interchange::Instant;

/// More patients than have appointments in weeks, in a few megabytes.
const PATIENTS: usize = 100_000;

/// For each patient, when the latest infection was noted that was sent.
///
/// Of a limited number of patients: those without messages for the longest time are forgotten, which only costs that
/// their infections are sent once more.
#[derive(Clone)]
pub(crate) struct SentInfections {
    service_start: Instant,
    /// How many patients each of the two maps holds at most.
    half: usize,
    recent: HashMap<String, Instant>,
    /// What was recent before; dropped when the recent ones fill their map again.
    former: HashMap<String, Instant>,
}

impl SentInfections {
    /// Nothing is sent yet. Infections that were noted before the service started never are.
    pub(crate) fn since(service_start: Instant) -> Self {
        Self { service_start, half: PATIENTS / 2, recent: HashMap::new(), former: HashMap::new() }
    }

    /// When the latest infection of a patient was noted that was sent. Patients without a number cannot be distinguished,
    /// so nothing is remembered of them.
    pub(crate) fn latest(&self, mrn: Option<&str>) -> Instant {
        let known = mrn.and_then(|mrn| self.recent.get(mrn).or_else(|| self.former.get(mrn)));
        known.copied().unwrap_or(self.service_start)
    }

    /// Records that an infection of a patient, noted at this time, is sent.
    pub(crate) fn record(&mut self, mrn: Option<String>, added_at: Instant) {
        let latest = self.latest(mrn.as_deref()).max(added_at);
        let Some(mrn) = mrn else { return };
        if self.recent.len() >= self.half && !self.recent.contains_key(&mrn) {
            self.former = std::mem::take(&mut self.recent);
        }
        self.recent.insert(mrn, latest);
    }
}

/// Without the hospital numbers.
impl fmt::Debug for SentInfections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patients = self.recent.len() + self.former.len();
        f.debug_struct("SentInfections").field("patients", &patients).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(number: i64) -> Instant {
        Instant::from_timestamp(number, 0).unwrap()
    }

    fn with_room_for(patients: usize) -> SentInfections {
        SentInfections { half: patients / 2, ..SentInfections::since(second(0)) }
    }

    #[test]
    fn each_patient_is_remembered_apart() {
        let mut sent = with_room_for(10);
        sent.record(Some("A".to_owned()), second(5));
        sent.record(Some("A".to_owned()), second(3));
        sent.record(None, second(9));
        assert_eq!(sent.latest(Some("A")), second(5));
        assert_eq!((sent.latest(Some("B")), sent.latest(None)), (second(0), second(0)));
    }

    #[test]
    fn those_without_messages_for_the_longest_time_are_forgotten() {
        let mut sent = with_room_for(10);
        sent.record(Some("regular".to_owned()), second(1));
        for patient in 0..1000 {
            sent.record(Some(patient.to_string()), second(7));
            sent.record(Some("regular".to_owned()), second(2));
            assert!(sent.recent.len() + sent.former.len() <= 10);
        }
        assert_eq!(sent.latest(Some("999")), second(7));
        assert_eq!(sent.latest(Some("regular")), second(2));
        assert_eq!(sent.latest(Some("0")), second(0));
        assert!(!format!("{sent:?}").contains("regular"));
    }
}
