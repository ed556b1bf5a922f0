//! A stream of HL7 messages as a hospital's systems would send it, invented from a seed.
//!
//! Patients come and go: each visit is registered, admitted, moved between beds, updated and discharged, with the
//! visits of many patients interleaved and some patients coming back. Some steps are cancelled and then taken after
//! all, some patients are first known by a provisional number. In between, those who lie in a bed are observed,
//! examined and advised, if the mix has it. The same settings always give the same stream.

mod chance;
mod chart;
mod conditions;
mod flowsheets;
mod held;
mod journey;
mod labs;
mod mix;
mod movement;
mod patient;
mod requests;
mod text;

use chrono::{DateTime, TimeDelta, Utc};

pub use mix::{Family, Mix, Told};

use chance::Chance;
use held::Held;
use journey::{Journey, Mixture};
use text::{Header, Moment};

/// What the stream is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamSettings {
    /// Interchange messages that the stream gives at least: it ends with the HL7 message that reaches this number.
    pub messages: u64,
    /// Kinds of messages.
    pub mix: Mix,
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
            mix: Mix::Adt,
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
    /// The message, segments ended by CR; mostly 1 to 5 kB.
    pub text: String,
    /// Trigger, such as `A02`.
    pub trigger: &'static str,
    /// Application that sends it.
    pub sender: &'static str,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// When the message store takes it: never before those that came earlier.
    pub stored: DateTime<Utc>,
    /// The interchange messages it gives.
    pub told: Told,
}

impl StreamMessage {
    /// A message with this header; `write` writes what follows.
    fn written(
        header: Header,
        moment: Moment,
        told: Told,
        write: impl FnOnce(&mut String) -> std::fmt::Result,
    ) -> Self {
        let mut text = String::with_capacity(4096);
        // Writing to a string cannot fail.
        let _ = text::write_header(&mut text, header, moment).and_then(|()| write(&mut text));
        text.shrink_to_fit();
        Self { text, trigger: header.trigger, sender: header.sender, at: moment.at, stored: moment.at, told }
    }
}

/// The stream itself; an iterator that ends when [`StreamSettings::messages`] are told.
#[derive(Debug)]
pub struct HospitalStream {
    settings: StreamSettings,
    chance: Chance,
    now: DateTime<Utc>,
    journeys: Vec<Journey>,
    /// Numbers of patients who have been here before; the oldest are forgotten.
    former: Vec<u64>,
    patients: u64,
    visits: u64,
    held: Held,
    /// When the last message was stored.
    stored: DateTime<Utc>,
    /// HL7 messages that left the stream, and what they give.
    sent: u64,
    told: Told,
    /// HL7 messages that were made, and what they give.
    made: u64,
    mixed: Told,
}

/// Former patients that may come back.
const REMEMBERED: usize = 5000;

/// How often somebody who lies in a bed is looked for at random.
const LOOKS: usize = 16;

impl HospitalStream {
    /// A stream from its beginning. Where movements are rare, the hospital is full from the beginning: it would take
    /// too long to fill.
    pub fn new(settings: StreamSettings) -> Self {
        let mut stream = Self {
            settings,
            chance: Chance::new(settings.seed),
            // 2026-01-05T00:00:00Z, a Monday.
            now: DateTime::from_timestamp(1_767_571_200, 0).unwrap_or_default(),
            journeys: Vec::new(),
            former: Vec::new(),
            patients: 0,
            visits: 0,
            held: Held::default(),
            stored: DateTime::UNIX_EPOCH,
            sent: 0,
            told: Told::default(),
            made: 0,
            mixed: Told::default(),
        };
        if settings.mix == Mix::Hospital {
            while stream.journeys.len() < settings.present {
                let journey = stream.arrival();
                stream.journeys.push(journey.under_way(stream.now, &mut stream.chance));
            }
        }
        stream
    }

    /// The next message as a system of the hospital makes it.
    fn make(&mut self) -> StreamMessage {
        self.now += TimeDelta::milliseconds(self.chance.between(200, 4000));
        self.made += 1;
        let moment = Moment { at: self.now, control_id: self.made };
        let message = match self.settings.mix.furthest_behind(&self.mixed) {
            Family::Adt => self.movement(moment),
            family => self.about_somebody(family, moment),
        };
        self.mixed += message.told;
        message
    }

    fn movement(&mut self, moment: Moment) -> StreamMessage {
        let journey = self.pick_journey();
        let message = movement::advance(&mut self.journeys[journey], moment, &mut self.chance);
        if self.journeys[journey].is_over() {
            let number = self.journeys.swap_remove(journey).patient.number;
            self.remember(number);
        }
        message
    }

    /// A message about somebody who lies in a bed; without such, somebody moves.
    fn about_somebody(&mut self, family: Family, moment: Moment) -> StreamMessage {
        let Some(journey) = self.pick_admitted() else { return self.movement(moment) };
        let Self { journeys, chance, .. } = self;
        let journey = &mut journeys[journey];
        match family {
            Family::Flowsheets => flowsheets::chart(journey, moment, chance),
            Family::Labs => labs::advance(journey, moment, chance),
            Family::Adt | Family::Others => match chance.below(10) {
                0..=2 => conditions::allergies(journey, moment, chance),
                3..=6 => conditions::problems(journey, moment, chance),
                7 => conditions::infection(journey, moment),
                8 => requests::consult(journey, moment, chance),
                _ => requests::advance_decision(journey, moment, chance),
            },
        }
    }

    fn pick_admitted(&mut self) -> Option<usize> {
        let here = self.journeys.len();
        let mut looks = (0..if here == 0 { 0 } else { LOOKS }).map(|_| self.chance.below(here));
        looks.find(|journey| self.journeys[*journey].is_admitted())
    }

    /// A patient who is here, or who comes now while there is room.
    fn pick_journey(&mut self) -> usize {
        let here = self.journeys.len();
        if here < self.settings.present.max(1) && (here == 0 || self.chance.share(0.3)) {
            let journey = self.arrival();
            self.journeys.push(journey);
            return here;
        }
        self.chance.below(here)
    }

    fn arrival(&mut self) -> Journey {
        let number = self.patient_number();
        self.visits += 1;
        let Self { settings, chance, .. } = self;
        let mixture = Mixture { cancellations: settings.cancellations, merges: settings.merges };
        Journey::new(number, self.visits, mixture, chance)
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

    /// The next message as it comes: in time, late, or again.
    fn pass_on(&mut self) -> StreamMessage {
        loop {
            if let Some(message) = self.held.due(self.sent) {
                return message;
            }
            let message = self.make();
            if self.chance.share(self.settings.disorder) {
                self.held.keep(self.sent + self.chance.up_to(50), message);
                continue;
            }
            if self.chance.share(self.settings.duplicates) {
                self.held.keep(self.sent + self.chance.up_to(200), message.clone());
            }
            return message;
        }
    }
}

impl Iterator for HospitalStream {
    type Item = StreamMessage;

    fn next(&mut self) -> Option<StreamMessage> {
        if self.told.total() >= self.settings.messages {
            return None;
        }
        self.sent += 1;
        let mut message = self.pass_on();
        self.told += message.told;
        self.stored = self.stored.max(message.at);
        message.stored = self.stored;
        Some(message)
    }
}

#[cfg(test)]
mod converted;
#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn stream(settings: StreamSettings) -> Vec<StreamMessage> {
        HospitalStream::new(settings).collect()
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
        assert!(messages.windows(2).all(|pair| pair[0].stored <= pair[1].stored));
    }

    #[test]
    fn all_kinds_of_movements_of_the_usual_size() {
        let settings =
            StreamSettings { messages: 20_000, cancellations: 0.1, merges: 0.1, ..StreamSettings::default() };
        let messages = stream(settings);
        let kinds = kinds(&messages);
        for trigger in ["A01", "A02", "A03", "A04", "A08"] {
            assert!(kinds[trigger] > 1000, "{kinds:?}");
        }
        for trigger in ["A11", "A12", "A13", "A40"] {
            assert!(kinds[trigger] > 100, "{kinds:?}");
        }
        assert_eq!(kinds.values().sum::<u32>(), 20_000);
        assert!((1250..1700).contains(&average_size(&messages)), "{}", average_size(&messages));
    }

    const HOSPITAL: StreamSettings = StreamSettings {
        messages: 100_000,
        mix: Mix::Hospital,
        seed: 1,
        disorder: 0.1,
        duplicates: 0.05,
        cancellations: 0.05,
        merges: 0.07,
        present: 1000,
    };

    #[test]
    fn a_hospital_sends_the_families_in_their_shares() {
        let messages = stream(HOSPITAL);
        let mut told = Told::default();
        for message in &messages {
            told += message.told;
        }
        assert!((100_000..100_100).contains(&told.total()), "{told:?}");
        for family in Family::ALL {
            let (share, asked) = (told.of(family) / 1000, Mix::Hospital.percentage(family));
            assert!(share.abs_diff(asked) <= 1, "{family:?}: {share} %");
        }
        assert!((1400..3500).contains(&average_size(&messages)), "{}", average_size(&messages));
    }

    #[test]
    fn a_hospital_sends_all_kinds() {
        let kinds = kinds(&stream(HOSPITAL));
        for trigger in ["A01", "A02", "A03", "A04", "A05", "A08", "A60", "O01", "PC1", "R01"] {
            assert!(kinds[trigger] > 100, "{kinds:?}");
        }
        for trigger in ["A11", "A12", "A13", "A40"] {
            assert!(kinds[trigger] > 10, "{kinds:?}");
        }
    }

    fn kinds(messages: &[StreamMessage]) -> HashMap<&'static str, u32> {
        let mut kinds = HashMap::new();
        for message in messages {
            *kinds.entry(message.trigger).or_default() += 1;
        }
        kinds
    }

    fn average_size(messages: &[StreamMessage]) -> usize {
        messages.iter().map(|message| message.text.len()).sum::<usize>() / messages.len()
    }
}
