//! Short ways to say what messages of all families say.

use emap_interchange::{
    Instant,
    InterchangeValue::{self, Save},
    Message, Payload, Questions,
};

/// A time on one invented day, `HH:MM`.
pub(crate) fn at(time: &str) -> Instant {
    format!("2031-03-02T{time}:00Z").parse().unwrap()
}

/// A message of this source system.
pub(crate) fn from(system: &str, content: impl Into<Payload>) -> Message {
    Message { source_system: Some(system.to_owned()), ..Message::of(content) }
}

/// From the nightly extract.
pub(crate) fn clarity(content: impl Into<Payload>) -> Message {
    from("clarity", content)
}

pub(crate) fn text(text: &str) -> InterchangeValue<String> {
    Save(text.to_owned())
}

/// Questions with their answers.
pub(crate) fn asked(questions: &[(&str, &str)]) -> Questions {
    questions.iter().map(|(question, answer)| ((*question).to_owned(), Some((*answer).to_owned()))).collect()
}
