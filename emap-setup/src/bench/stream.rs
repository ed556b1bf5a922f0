//! A stream of ADT messages as a hospital's record system would send it, invented from a seed.
//!
//! Patients come and go: each visit is registered, admitted, moved between beds, updated and discharged, with the
//! visits of many patients interleaved and some patients coming back. Some steps are cancelled and then taken after
//! all, some patients are first known by a provisional number. The same settings always give the same stream.

mod chance;
mod held;
mod journey;
mod patient;
mod text;

use chrono::{DateTime, TimeDelta, Utc};

use chance::Chance;
use held::Held;
use journey::{Journey, Mixture};

/// What the stream is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamSettings {
    /// Messages in the stream.
    pub messages: u64,
    /// Another seed, other patients and journeys.
    pub seed: u64,
    /// Share of messages (0 to 1) that come later than they were made, by up to fifty messages.
    pub disorder: f64,
    /// Share of messages (0 to 1) that come a second time, up to two hundred messages later.
    pub duplicates: f64,
    /// Share of admissions, transfers and discharges (0 to 1) that are cancelled and then happen after all.
    pub cancellations: f64,
    /// Share of visits (0 to 1) that begin under a provisional number, merged later.
    pub merges: f64,
    /// Patients in the hospital at a time.
    pub present: usize,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            messages: 10_000,
            seed: 1,
            disorder: 0.0,
            duplicates: 0.0,
            cancellations: 0.0,
            merges: 0.0,
            present: 400,
        }
    }
}

/// One HL7 message of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamMessage {
    /// The message, segments ended by CR; about 1.5 kB.
    pub text: String,
    /// Trigger, such as `A02`.
    pub trigger: &'static str,
    /// When the record system made it.
    pub at: DateTime<Utc>,
}

/// The stream itself; an iterator of exactly [`StreamSettings::messages`] messages.
#[derive(Debug)]
pub struct AdtStream {
    settings: StreamSettings,
    chance: Chance,
    now: DateTime<Utc>,
    journeys: Vec<Journey>,
    /// Numbers of patients who have been here before; the oldest are forgotten.
    former: Vec<u64>,
    patients: u64,
    visits: u64,
    held: Held,
    sent: u64,
    made: u64,
}

/// Former patients that may come back.
const REMEMBERED: usize = 5000;

impl AdtStream {
    /// A stream from its beginning.
    pub fn new(settings: StreamSettings) -> Self {
        Self {
            settings,
            chance: Chance::new(settings.seed),
            // 2026-01-05T00:00:00Z, a Monday.
            now: DateTime::from_timestamp(1_767_571_200, 0).unwrap_or_default(),
            journeys: Vec::new(),
            former: Vec::new(),
            patients: 0,
            visits: 0,
            held: Held::default(),
            sent: 0,
            made: 0,
        }
    }

    /// The next message as the record system makes it.
    fn make(&mut self) -> StreamMessage {
        self.now += TimeDelta::milliseconds(self.chance.between(200, 4000));
        self.made += 1;
        let journey = self.pick_journey();
        let step = self.journeys[journey].advance(self.now, &mut self.chance);
        let text = text::render(&self.journeys[journey], step, self.now, self.made);
        let message = StreamMessage { text, trigger: step.trigger(), at: self.now };
        if self.journeys[journey].is_over() {
            let number = self.journeys.swap_remove(journey).patient.number;
            self.remember(number);
        }
        message
    }

    /// A patient who is here, or who comes now while there is room.
    fn pick_journey(&mut self) -> usize {
        let here = self.journeys.len();
        if here < self.settings.present.max(1) && (here == 0 || self.chance.share(0.3)) {
            let number = self.patient_number();
            self.visits += 1;
            let Self { settings, chance, .. } = self;
            let mixture = Mixture { cancellations: settings.cancellations, merges: settings.merges };
            self.journeys.push(Journey::new(number, self.visits, mixture, chance));
            return here;
        }
        self.chance.below(here)
    }

    fn patient_number(&mut self) -> u64 {
        if !self.former.is_empty() && self.chance.share(0.2) {
            let index = self.chance.below(self.former.len());
            return self.former.swap_remove(index);
        }
        self.patients += 1;
        self.patients
    }

    fn remember(&mut self, number: u64) {
        if self.former.len() >= REMEMBERED {
            self.former.swap_remove(0);
        }
        self.former.push(number);
    }
}

impl Iterator for AdtStream {
    type Item = StreamMessage;

    fn next(&mut self) -> Option<StreamMessage> {
        if self.sent == self.settings.messages {
            return None;
        }
        self.sent += 1;
        loop {
            if let Some(message) = self.held.due(self.sent) {
                return Some(message);
            }
            let message = self.make();
            if self.chance.share(self.settings.disorder) {
                self.held.keep(self.sent + self.chance.up_to(50), message);
                continue;
            }
            if self.chance.share(self.settings.duplicates) {
                self.held.keep(self.sent + self.chance.up_to(200), message.clone());
            }
            return Some(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn stream(settings: StreamSettings) -> Vec<StreamMessage> {
        AdtStream::new(settings).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_stream() {
        let settings =
            StreamSettings { messages: 500, disorder: 0.1, duplicates: 0.1, ..StreamSettings::default() };
        assert_eq!(stream(settings), stream(settings));
        assert_ne!(stream(settings), stream(StreamSettings { seed: 2, ..settings }));
    }

    #[test]
    fn in_order_and_without_duplicates_unless_asked() {
        let messages = stream(StreamSettings { messages: 3000, ..StreamSettings::default() });
        assert_eq!(messages.len(), 3000);
        assert!(messages.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn disorder_and_duplicates_come_in_about_the_asked_share() {
        let settings = StreamSettings {
            messages: 20_000,
            disorder: 0.05,
            duplicates: 0.02,
            ..StreamSettings::default()
        };
        let messages = stream(settings);
        assert_eq!(messages.len(), 20_000);
        let mut times = HashMap::<&str, u32>::new();
        for message in &messages {
            *times.entry(&message.text).or_default() += 1;
        }
        let twice = times.values().filter(|count| **count == 2).count();
        assert!((250..550).contains(&twice), "{twice} duplicates");
        let late = messages.windows(2).filter(|pair| pair[1].at < pair[0].at).count();
        assert!((500..3000).contains(&late), "{late} steps back in time");
    }

    #[test]
    fn all_kinds_of_messages_of_the_usual_size() {
        let settings =
            StreamSettings { messages: 20_000, cancellations: 0.1, merges: 0.1, ..StreamSettings::default() };
        let messages = stream(settings);
        let mut kinds = HashMap::<&str, u32>::new();
        for message in &messages {
            *kinds.entry(message.trigger).or_default() += 1;
        }
        for trigger in ["A01", "A02", "A03", "A04", "A08"] {
            assert!(kinds[trigger] > 1000, "{kinds:?}");
        }
        for trigger in ["A11", "A12", "A13", "A40"] {
            assert!(kinds[trigger] > 100, "{kinds:?}");
        }
        let bytes = messages.iter().map(|message| message.text.len()).sum::<usize>() / messages.len();
        assert!((1250..1700).contains(&bytes), "{bytes} bytes on average");
    }
}
