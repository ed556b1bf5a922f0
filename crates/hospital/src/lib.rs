//! One invented hospital, the same for the same seed: for tests, the demo and the bench.
//!
//! [`Hospital`] is a stream of [`Event`]s, in the proportions of a [`Mix`], whose messages arrive late or
//! twice as [`Disorder`] says. [`Ward`] is the same hospital at its smallest, where a test decides what happens. An
//! event is a description: [`Event::hl7`] writes it as the hospital's systems do, [`Event::messages`] gives the
//! interchange messages that say the same.
//!
//! ```
//! use emap_hospital::{Hospital, Mix, Settings};
//!
//! let hospital = Hospital::new(Settings { messages: 100, mix: Mix::HOSPITAL, ..Settings::default() });
//! for arrival in hospital {
//!     assert!(arrival.event.hl7().starts_with("MSH|"));
//!     assert_eq!(arrival.event.messages().len() as u64, arrival.event.amounts().total());
//! }
//! ```

mod chance;
mod chart;
mod conditions;
mod event;
mod flowsheets;
mod held;
mod hl7;
mod hospital;
mod journey;
mod labs;
mod messages;
mod mix;
mod number;
mod patient;
mod person;
mod place;
mod requests;
mod settings;
mod step;
mod visit;
mod ward;

pub use self::{
    event::Event,
    hospital::{Arrival, Hospital},
    mix::{Amounts, Family, Mix},
    settings::{Disorder, Incidents, Settings},
    step::Step,
    ward::{Turn, Ward},
};
