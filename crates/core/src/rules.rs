//! What the rules know besides messages and rows.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use emap_interchange::{Message, Payload};
use emap_service::settings::zone::ZONE;

/// Settings that rules depend on.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Zone of the hospital: a date of death is a local date.
    pub zone: Tz,
    /// Forms (smart data elements) are processed.
    pub forms: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { zone: ZONE.default(), forms: false }
    }
}

impl Rules {
    /// Whether anything is done with such a message. Those of a feature that is off are taken and left alone.
    pub(crate) fn concern(self, message: &Message) -> bool {
        match message.payload {
            Payload::Form(_) | Payload::FormMetadata(_) | Payload::FormQuestionMetadata(_) => self.forms,
            _ => true,
        }
    }

    /// The hospital's calendar date at this instant.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }
}
